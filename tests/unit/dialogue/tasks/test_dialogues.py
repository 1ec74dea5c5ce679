"""Whole dialogues with the shipped tasks: what a customer says, and everything that they are told."""

import pytest

from tests.unit.dialogue.tasks.script import FOLDER, Bench, ShopAnswerer, play, scripts, shipped_book

DIALOGUES = [
    pytest.param(lines, id=f"{path.stem}: {name}")
    for path in sorted(FOLDER.glob("*.txt"))
    for name, lines in scripts(path).items()
]


@pytest.mark.parametrize("lines", DIALOGUES)
def test_the_dialogue_goes_as_it_is_written(lines: list[str]) -> None:
    play(Bench(ShopAnswerer(shipped_book())), lines)
