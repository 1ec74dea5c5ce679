"""Passwords are checked in threads, a few at a time, and a wrong one costs as much as an unknown name."""

import asyncio
import threading
import time

import pytest
from structlog.testing import capture_logs

from yizhan.core.security.compare import same, same_as_any
from yizhan.core.security.passwords import MAX_PASSWORD_CHARS, Passwords, PasswordsBusy


def cheap(**options: float) -> Passwords:
    return Passwords(time_cost=1, memory_kib=64, **options)  # type: ignore[arg-type]


async def test_the_right_password_is_known_again_and_a_wrong_one_is_not() -> None:
    passwords = cheap()
    stored = await passwords.hash("correct horse 电池")
    assert await passwords.verify(stored, "correct horse 电池")
    assert not await passwords.verify(stored, "correct horse")
    assert not await passwords.verify(stored, "")
    assert "correct" not in stored


async def test_the_defaults_work() -> None:
    passwords = Passwords()
    assert await passwords.verify(await passwords.hash("secret"), "secret")


async def test_the_same_letters_typed_on_another_keyboard_match() -> None:
    passwords = cheap()
    assert await passwords.verify(await passwords.hash("caf\u00e9"), "cafe\u0301")


@pytest.mark.parametrize("password", ["\ud800", "x" * (MAX_PASSWORD_CHARS + 1), "\0"])
async def test_odd_input_matches_nothing_and_breaks_nothing(password: str) -> None:
    passwords = cheap()
    assert not await passwords.verify(await passwords.hash("right"), password)


@pytest.mark.parametrize("password", ["", "x" * (MAX_PASSWORD_CHARS + 1)])
async def test_a_password_that_cannot_be_used_is_refused_when_it_is_set(password: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        await cheap().hash(password)


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$broken"])
async def test_a_damaged_hash_matches_nothing_and_is_told(stored: str) -> None:
    with capture_logs() as logs:
        assert not await cheap().verify(stored, "x")
    assert logs[0]["event"] == "password_hash_unreadable"


async def test_an_unknown_name_is_refused_after_the_same_work() -> None:
    passwords = cheap()
    assert await passwords.reject("anything") is False
    assert await passwords.reject("nobody has this password") is False


async def test_a_hash_made_with_older_parameters_is_to_be_made_anew() -> None:
    old = await cheap().hash("x")
    assert Passwords().needs_rehash(old)
    assert not cheap().needs_rehash(old)
    assert cheap().needs_rehash("unreadable")


class Slow(Passwords):
    """Stands in for the hash with work whose beginning and end can be seen."""

    def __init__(self, **options: float) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.lock = threading.Lock()
        self.running = self.most = 0

    def _matches(self, stored: str, password: str) -> bool:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(0.05)
        with self.lock:
            self.running -= 1
        return True


async def test_a_rush_of_sign_ins_is_handled_a_few_at_a_time() -> None:
    passwords = Slow(concurrency=2)
    assert all(await asyncio.gather(*(passwords.verify("h", "p") for _ in range(8))))
    assert passwords.most == 2


async def test_who_goes_away_does_not_free_the_turn_before_the_work_is_done() -> None:
    passwords = Slow(concurrency=1)
    gone = asyncio.create_task(passwords.verify("h", "p"))
    await asyncio.sleep(0.01)
    gone.cancel()
    assert await passwords.verify("h", "p")
    assert passwords.most == 1


async def test_who_would_wait_too_long_is_told_to_come_again() -> None:
    passwords = Slow(concurrency=1, wait_seconds=0.01)
    first = asyncio.create_task(passwords.verify("h", "p"))
    await asyncio.sleep(0.01)
    with pytest.raises(PasswordsBusy):
        await passwords.verify("h", "p")
    assert await first


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", "aa", False),
        ("", "", True),
        ("令牌", "令牌", True),
        ("a", b"a", True),
        ("\ud800", "a", False),
    ],
)
def test_comparison(left: str, right: str | bytes, equal: bool) -> None:
    assert same(left, right) is equal


def test_comparison_with_several() -> None:
    assert same_as_any("b", ("a", "b"))
    assert not same_as_any("c", ("a", "b"))
    assert not same_as_any("", ())
