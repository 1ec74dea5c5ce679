"""What the database keeps of secrets can be read by who holds the key, and by nobody else."""

import pytest

from yizhan.core.security.keys import Keyring
from yizhan.core.security.sealing import Sealer, Unsealable

OLD = "o" * 32
NEW = "n" * 32
TOKEN = "access token 你好 \U00020bb7"


def sealer(*secrets: str, purpose: str = "access-token") -> Sealer:
    return Sealer(Keyring(secrets), purpose)


@pytest.mark.parametrize("text", ["", "a", TOKEN, "x" * 10_000])
def test_what_was_sealed_opens_as_it_was(text: str) -> None:
    assert sealer(NEW).open(sealer(NEW).seal(text)) == text


def test_a_stolen_database_shows_no_token_and_not_even_that_two_are_the_same() -> None:
    first, second = sealer(NEW).seal(TOKEN), sealer(NEW).seal(TOKEN)
    assert first != second
    assert TOKEN.encode() not in first


def test_after_the_key_was_changed_what_the_old_one_sealed_still_opens() -> None:
    sealed = sealer(OLD).seal(TOKEN)
    assert sealer(NEW, OLD).open(sealed) == TOKEN
    assert not sealer(NEW, OLD).current(sealed)
    assert sealer(NEW, OLD).current(sealer(NEW).seal(TOKEN))


def test_a_key_that_left_the_ring_opens_nothing() -> None:
    with pytest.raises(Unsealable):
        sealer(NEW).open(sealer(OLD).seal(TOKEN))


def test_what_was_sealed_for_one_purpose_opens_for_no_other() -> None:
    with pytest.raises(Unsealable):
        sealer(NEW, purpose="account").open(sealer(NEW).seal(TOKEN))


def test_a_byte_changed_anywhere_is_noticed() -> None:
    sealed = sealer(NEW).seal("secret")
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(Unsealable):
            sealer(NEW).open(bytes(changed))


def test_what_was_cut_short_or_never_sealed_is_refused() -> None:
    sealed = sealer(NEW).seal("secret")
    for broken in [sealed[:end] for end in range(len(sealed))] + [b"plain text that somebody put there by hand"]:
        with pytest.raises(Unsealable):
            sealer(NEW).open(broken)


def test_neither_a_sealer_nor_its_refusal_shows_the_key_or_the_text() -> None:
    box = sealer(OLD)
    with pytest.raises(Unsealable) as refusal:
        sealer(NEW).open(box.seal("secret"))
    assert OLD not in repr(box)
    assert "secret" not in f"{refusal.value!r} {refusal.value}"


def test_a_purpose_must_be_named() -> None:
    with pytest.raises(ValueError, match="purpose"):
        sealer(NEW, purpose="")
