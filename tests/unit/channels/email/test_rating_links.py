"""Links of a mail that asks for a rating: who can use them, what is shown, and that only the button counts."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer

from yizhan.channels.accounts import Account
from yizhan.channels.contract import Fact, InboundMessage, NotAccepted
from yizhan.channels.email.desk import EmailAccount
from yizhan.channels.email.figures import EmailFigures
from yizhan.channels.email.inviting import invitation
from yizhan.channels.email.rating_door import RATINGS, RatingDoor
from yizhan.channels.email.rating_page import CSP, MOST_COMMENT
from yizhan.channels.email.rating_tickets import PURPOSE, RatingTickets
from yizhan.channels.email.rating_words import EN, ZH, language_of
from yizhan.channels.email.settings import EmailAccountSettings
from yizhan.channels.store.mail import ThreadRow
from yizhan.core.messages.address import Address
from yizhan.core.messages.content import Choice, Menu, MenuOption
from yizhan.core.runtime.http import make_app, owned
from yizhan.core.runtime.metrics import Metrics
from yizhan.core.security.keys import Keyring
from yizhan.core.security.tokens import Signer, TokenInvalid, signers
from yizhan.core.store.errors import StoreUnavailable

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
AMY = Address("shop", "email", "support", "amy@example.com", "thread0000000001")
KEYS = Keyring.parse("k" * 40)
OTHERS = Keyring.parse("o" * 40)
PUBLIC = "https://service.example.com"
MENU = Menu("rating:3", "您好：\n\n满意吗？", tuple(MenuOption(str(n), f"等级{n}") for n in range(1, 6)))


def thread_of(address: Address) -> ThreadRow:
    return ThreadRow(
        address.account,
        address.thread,
        address.key(),
        address.customer,
        address.customer,
        "",
        "",
        "",
        "",
        False,
        NOW,
        NOW,
    )


def account_of(workspace: str = "shop") -> EmailAccount:
    given: dict[str, Any] = {
        "address": "support@shop.example",
        "display_name": "山居 <b>生活</b>",
        "password": "p",
        "imap_host": "127.0.0.1",
        "smtp_host": "127.0.0.1",
    }
    own = EmailAccountSettings.model_validate(given)
    return Account(workspace, "email", "support", "", own, True, NOW)


@dataclass
class Bench:
    """A page that somebody visits. ``facts``: what came of it."""

    now: datetime = NOW
    workspace: str = "shop"
    thread: ThreadRow | None = field(default_factory=lambda: thread_of(AMY))
    account: bool = True
    store_away: bool = False
    refusing: bool = False
    facts: list[Fact] = field(default_factory=list)
    metrics: Metrics = field(default_factory=lambda: Metrics("email"))
    made: int = 0

    def tickets(self, keys: Keyring = KEYS) -> RatingTickets:
        return RatingTickets(signers(keys, lambda: self.now), PUBLIC)

    def path(self, locale: str = "zh-CN", address: Address = AMY, menu: str = "rating:3") -> str:
        return urlsplit(self.tickets().url(address, menu, locale)).path

    async def find(self, account: str, thread: str) -> ThreadRow | None:
        if self.store_away:
            raise StoreUnavailable("away")
        return self.thread if self.thread and (account, thread) == (self.thread.account, self.thread.thread) else None

    async def accept(self, facts: Sequence[Fact]) -> None:
        if self.refusing:
            raise NotAccepted
        self.facts += facts

    def new_id(self) -> str:
        self.made += 1
        return f"id-{self.made}"

    def door(self) -> RatingDoor:
        return RatingDoor(
            lambda account: account_of(self.workspace) if self.account and account == "support" else None,
            self.find,
            self.tickets(),
            self.accept,
            EmailFigures(self.metrics),
            clock=lambda: self.now,
            new_id=self.new_id,
        )

    def counted(self, outcome: str) -> float:
        name = "yizhan_email_rating_pages_total"
        return self.metrics.registry.get_sample_value(name, {"outcome": outcome}) or 0

    @property
    def choices(self) -> list[Choice]:
        contents = [fact.message.content for fact in self.facts if isinstance(fact, InboundMessage)]
        return [content for content in contents if isinstance(content, Choice)]


Visitor = TestClient[Any, Any]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
async def visitor(bench: Bench) -> AsyncIterator[Visitor]:
    app = make_app("email", metrics=bench.metrics)
    app.add_routes(owned("email", bench.door().routes(), csp=CSP))
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield client


def nonce_of(page: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


async def opened(visitor: Visitor, path: str) -> dict[str, str]:
    """What the form of the page would send, once a grade is chosen."""
    return {"nonce": nonce_of(await (await visitor.get(path)).text())}


@pytest.mark.parametrize("locale", ["zh-CN", "", "en-US", "de"])
async def test_the_page_shows_the_grade_of_the_link_and_records_nothing(
    bench: Bench, visitor: Visitor, locale: str
) -> None:
    words = ZH if language_of(locale) == "zh" else EN
    answer = await visitor.get(bench.path(locale) + "?grade=4")
    page = await answer.text()
    assert answer.status == 200
    assert f'<html lang="{words.html_lang}">' in page
    assert re.findall(r'value="(\d)" required checked', page) == ["4"]
    assert words.title in page
    assert all(label in page for label in words.labels)
    assert "山居 &lt;b&gt;生活&lt;/b&gt;" in page, "what a business calls itself is text"
    assert not re.search(r"(?:src|href|url\()", page), "nothing is fetched from anywhere"
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert answer.headers["Cache-Control"] == "no-store"
    for method in ("HEAD", "GET"):
        for grade in "12345":
            await visitor.request(method, f"{bench.path(locale)}?grade={grade}")
    assert bench.facts == [], "mail scanners follow links"
    assert bench.counted("recorded") == 0


async def test_the_button_makes_the_customers_choice_of_it(bench: Bench, visitor: Visitor) -> None:
    form = await opened(visitor, bench.path())
    answer = await visitor.post(bench.path(), data={**form, "grade": "5", "comment": " 很快\r\n谢谢\x00\x1b[31m "})
    assert (answer.status, ZH.thanks in await answer.text()) == (200, True)
    [fact] = bench.facts
    assert isinstance(fact, InboundMessage)
    assert (fact.message.address, fact.message.author.id) == (AMY, AMY.customer)
    assert fact.message.content == Choice("rating:3", "5", "很满意", "很快\n谢谢[31m")
    assert bench.counted("recorded") == 1


async def test_a_form_that_is_sent_twice_is_one_answer_and_one_that_is_opened_again_corrects_it(
    bench: Bench, visitor: Visitor
) -> None:
    path = bench.path()
    first, second = await opened(visitor, path), await opened(visitor, path)
    for form, grade in ((first, "2"), (first, "2"), (second, "5"), (second, "5")):
        assert (await visitor.post(path, data={**form, "grade": grade})).status == 200
    keys = [fact.message.dedupe_key for fact in bench.facts if isinstance(fact, InboundMessage)]
    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert len({fact.message.id for fact in bench.facts if isinstance(fact, InboundMessage)}) == 4


def broken(path: str) -> str:
    return path[:-3] + ("AAA" if not path.endswith("AAA") else "BBB")


def signed_for_something_else() -> str:
    token = Signer(KEYS, "media", lambda: NOW).sign({"account": "support"}, expires_in=timedelta(days=1))
    return f"/email/support/rating/{token}"


def of_another_shape() -> str:
    token = Signer(KEYS, PURPOSE, lambda: NOW).sign({"account": "support"}, expires_in=timedelta(days=1))
    return f"/email/support/rating/{token}"


REFUSED: list[tuple[str, Any, Any, int, str]] = [
    ("forged", lambda b: broken(b.path()), None, 404, "forged"),
    ("of another deployment", lambda b: urlsplit(b.tickets(OTHERS).url(AMY, "rating:3", "")).path, None, 404, "forged"),
    ("signed for something else", lambda _: signed_for_something_else(), None, 404, "forged"),
    ("signed, and of another shape", lambda _: of_another_shape(), None, 404, "forged"),
    ("no token", lambda _: "/email/support/rating/x", None, 404, "forged"),
    ("beyond all measure", lambda _: "/email/support/rating/" + "y" * 5000, None, 404, "forged"),
    ("expired", lambda b: b.path(), {"now": NOW + timedelta(days=14)}, 410, "expired"),
    ("of another account", lambda b: b.path().replace("/support/", "/sales/"), None, 410, "gone"),
    ("the account is gone", lambda b: b.path(), {"account": False}, 410, "gone"),
    ("the case is forgotten", lambda b: b.path(), {"thread": None}, 410, "gone"),
    ("the account went to another workspace", lambda b: b.path(), {"workspace": "others"}, 404, "forged"),
    (
        "the case is somebody else's",
        lambda b: b.path(),
        {"thread": thread_of(replace(AMY, customer="eve@example.com"))},
        404,
        "forged",
    ),
    ("the database is away", lambda b: b.path(), {"store_away": True}, 503, "store_away"),
]


@pytest.mark.parametrize(
    ("path_of", "then", "status", "outcome"), [one[1:] for one in REFUSED], ids=[o[0] for o in REFUSED]
)
async def test_links_that_cannot_be_used(
    bench: Bench, visitor: Visitor, path_of: Any, then: dict[str, Any] | None, status: int, outcome: str
) -> None:
    path = path_of(bench)
    for name, value in (then or {}).items():
        setattr(bench, name, value)
    shown = await visitor.get(path)
    sent = await visitor.post(path, data={"grade": "5", "nonce": "n" * 24})
    assert (shown.status, sent.status) == (status, status)
    assert shown.content_type == "text/html"
    assert AMY.customer not in await shown.text()
    assert bench.facts == []
    assert bench.counted(outcome) == 2


NONCE = "n" * 24
FORMS: list[tuple[str, dict[str, Any], int, str]] = [
    ("no grade", {"data": {"nonce": NONCE}}, 400, ZH.choose),
    ("a grade that there is not", {"data": {"nonce": NONCE, "grade": "6"}}, 400, ZH.choose),
    ("a grade in other digits", {"data": {"nonce": NONCE, "grade": "５"}}, 400, ZH.choose),
    ("a comment one too long", {"data": {"nonce": NONCE, "grade": "5", "comment": "字" * (MOST_COMMENT + 1)}}, 400, ZH.too_long),
    ("a comment beyond all measure", {"data": {"nonce": NONCE, "grade": "5", "comment": "x" * 40_000}}, 413, "内容过长"),
    ("no nonce", {"data": {"grade": "5"}}, 400, "无法读取"),
    ("a nonce of ours only by name", {"data": {"grade": "5", "nonce": "<script>" * 4}}, 400, "无法读取"),
    ("JSON", {"json": {"grade": "5", "nonce": NONCE}}, 415, "无法读取"),
    ("too many fields", {"data": {str(n): "" for n in range(20)}}, 400, "无法读取"),
    ("bytes that are no UTF-8", {"data": b"grade=5&nonce=" + NONCE.encode() + b"&comment=%ff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400, "无法读取"),
    ("bytes that are no form", {"data": b"\xff\x00", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400, "无法读取"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "status", "says"), [one[1:] for one in FORMS], ids=[one[0] for one in FORMS])
async def test_forms_that_cannot_be_taken(
    bench: Bench, visitor: Visitor, sent: dict[str, Any], status: int, says: str
) -> None:
    answer = await visitor.post(bench.path(), **sent)
    page = await answer.text()
    assert (answer.status, says in page) == (status, True)
    assert "<script>" not in page
    assert bench.facts == []


async def test_what_was_written_is_not_lost_when_something_is_missing_or_away(bench: Bench, visitor: Visitor) -> None:
    form = {"nonce": NONCE, "grade": "", "comment": "</textarea><b>写了半天"}
    page = await (await visitor.post(bench.path(), data=form)).text()
    assert "&lt;/textarea&gt;&lt;b&gt;写了半天" in page
    bench.refusing = True
    answer = await visitor.post(bench.path(), data={**form, "grade": "3"})
    page = await answer.text()
    assert (answer.status, ZH.again in page, nonce_of(page)) == (503, True, NONCE)
    bench.refusing = False
    assert (await visitor.post(bench.path(), data={**form, "grade": "3"})).status == 200
    assert [choice.option_id for choice in bench.choices] == ["3"]


async def test_a_link_is_not_used_without_end(bench: Bench, visitor: Visitor) -> None:
    path = bench.path()
    statuses = []
    for number in range(RATINGS.capacity + 1):
        sent = {"nonce": f"{number:024}", "grade": "5"}
        statuses.append((await visitor.post(path, data=sent)).status)
    assert statuses == [200] * RATINGS.capacity + [429]
    assert len(bench.facts) == RATINGS.capacity
    for _ in range(60):
        await visitor.get(path)
    answer = await visitor.get(path)
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(("signature", "language"), [("", "zh"), ("山居生活 <客服>", "en")])
def test_the_mail_has_a_link_for_each_grade_and_says_that_a_digit_will_do(signature: str, language: str) -> None:
    url = RatingTickets(signers(KEYS, lambda: NOW), PUBLIC + "/").url(AMY, MENU.menu_id, language)
    made = invitation(MENU, language, url, signature)
    links = [f"{url}?grade={number}" for number in "54321"]
    assert [line for line in made.text.split("\n") if line.startswith("https:")] == links
    assert re.findall(r'href="([^"]+)"', made.page) == links
    assert url.startswith(f"{PUBLIC}/email/support/rating/yz1.")
    assert AMY.customer not in url
    words = EN if language == "en" else ZH
    for part in (made.text, made.page):
        assert words.digit_too in part
        assert words.links in part
    assert ("山居生活 <客服>" in made.text, "山居生活 &lt;客服&gt;" in made.page) == (bool(signature),) * 2
    assert not re.search(r"<(?:img|link|script|style)", made.page)


def test_without_a_public_address_a_digit_is_asked_for() -> None:
    url = RatingTickets(signers(KEYS, lambda: NOW), "").url(AMY, MENU.menu_id, "zh")
    made = invitation(MENU, "zh", url)
    assert url == ""
    assert "http" not in made.text + made.page
    assert "5  等级5\n4  等级4" in made.text
    assert ZH.digit_only in made.text
    assert ZH.digit_only in made.page


def test_a_token_is_over_with_its_time_and_keys_may_be_changed() -> None:
    bench = Bench()
    token = bench.path().rpartition("/")[2]
    both = Keyring.parse(f"{'n' * 40},{'k' * 40}")
    assert bench.tickets(both).check(token).menu == "rating:3"
    bench.now += timedelta(days=14) - timedelta(seconds=1)
    assert bench.tickets().check(token).is_for(AMY)
    bench.now += timedelta(seconds=1)
    with pytest.raises(TokenInvalid):
        bench.tickets().check(token)
