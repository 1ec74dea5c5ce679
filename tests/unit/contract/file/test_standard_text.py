"""What the console shows of a standard contract is what holds."""

from datetime import timedelta

import pytest

from yizhan.contract.file import parse_contract
from yizhan.contract.standard import shipped, standard, standard_text, standard_text_of


@pytest.mark.parametrize("solution", [1, 24, 720], ids=lambda hours: f"solved in {hours} h")
@pytest.mark.parametrize("window", [1, 15, 60, 120, 3600], ids=lambda seconds: f"a window of {seconds} s")
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin"])
def test_the_text_reads_as_the_contract_in_force(window: int, solution: int, zone: str) -> None:
    made = standard(
        handoff=timedelta(seconds=window),
        offer=timedelta(seconds=20),
        nobody=timedelta(seconds=5),
        ticket_solution=timedelta(hours=solution),
        zone=zone,
    )
    assert parse_contract(standard_text_of(made)) == made


def test_without_own_figures_the_shipped_file_is_shown() -> None:
    assert standard() == shipped()
    assert standard_text_of(standard()) == standard_text()
