"""Which case a mail belongs to: what names it is believed from the right person only."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from yizhan.channels.email.filing import Filed, clues_of, file, plain_subject, sender_of, subject_key
from yizhan.channels.email.ids import digest_of, own_id, references
from yizhan.channels.email.letter import Letter, Mailbox
from yizhan.channels.email.reply_token import ReplyTokens, thread_id
from yizhan.channels.store.mail import ThreadRow
from yizhan.core.security.keys import Keyring

AT = datetime(2026, 11, 24, tzinfo=UTC)
OWN = frozenset({"support@shop.example", "sales@shop.example"})
OLD_KEY, KEY = "o" * 40, "k" * 40
TOKENS = ReplyTokens(Keyring((KEY, OLD_KEY)))
AMY, EVE, BOB = "amy@example.com", "eve@example.net", "bob@example.org"
CASE = thread_id("shop", AMY, digest_of("<first@a>"))
OTHER = thread_id("shop", EVE, digest_of("<first@e>"))
OURS = own_id("019400aa-0000-7000-8000-000000000001", 0, CASE, "shop.example")


def row(thread: str, customer: str) -> ThreadRow:
    return ThreadRow("shop", thread, "", customer, customer, "", "", "", "", False, AT, AT)


KNOWN = {CASE: row(CASE, AMY), OTHER: row(OTHER, EVE)}
NAMED = {digest_of("<first@a>"): [CASE], digest_of(OURS): [CASE], digest_of("<first@e>"): [OTHER]}
PEOPLE = {CASE: frozenset({BOB})}
TOKEN = TOKENS.address("support@shop.example", "shop", CASE, AMY)


def letter(sender: str, **more: object) -> Letter:
    empty = Letter("<new@a>", Mailbox(sender), "Re: 订单", "text", "text")
    return replace(empty, **more)  # type: ignore[arg-type]


def filed(mail: Letter) -> Filed:
    clues = clues_of(mail, OWN, TOKENS)
    return file("shop", mail, clues, TOKENS, KNOWN, NAMED, PEOPLE)


def own_case(sender: str, root: str) -> str:
    return thread_id("shop", sender, digest_of(root))


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(letter(AMY, to=(Mailbox(TOKEN),)), id="by the token it was sent to"),
        pytest.param(letter(AMY, delivered_to=(TOKEN.upper(),)), id="by a token in capitals"),
        pytest.param(letter(AMY, in_reply_to=(OURS,)), id="by the mail it answers"),
        pytest.param(
            letter(AMY.upper(), in_reply_to=(OURS.replace("shop.example", "SHOP.example"),)), id="written otherwise"
        ),
        pytest.param(
            letter(AMY, references=("<first@a>", "<lost@x>")), id="by an older mail, where the newer is not known"
        ),
        pytest.param(letter(AMY, references=("<first@e>", OURS)), id="by the newest that is known"),
        pytest.param(
            letter(AMY, references=(OURS, "<first@e>")), id="by what is its sender's own, whatever else is named"
        ),
        pytest.param(letter(BOB, in_reply_to=(OURS,)), id="of somebody whom the business brought in"),
        pytest.param(letter("sales@shop.example", in_reply_to=(OURS,)), id="of the business itself"),
    ],
)
def test_it_belongs_to_the_case_that_it_names(mail: Letter) -> None:
    assert filed(mail) == Filed(CASE, AMY, known=True)


@pytest.mark.parametrize(
    ("mail", "root", "linked"),
    [
        pytest.param(letter(EVE, to=(Mailbox(TOKEN),)), "<new@a>", CASE, id="somebody else has the token"),
        pytest.param(letter(EVE, in_reply_to=(OURS,)), OURS, CASE, id="somebody else answers our mail"),
        pytest.param(letter(EVE, references=("<first@a>", OURS)), "<first@a>", CASE, id="somebody else refers to it"),
        pytest.param(letter(AMY), "<new@a>", "", id="it names nothing, whatever its subject"),
        pytest.param(letter(AMY, in_reply_to=("<lost@x>",)), "<lost@x>", "", id="it answers what nobody knows"),
    ],
)
def test_else_it_begins_a_case_of_its_own(mail: Letter, root: str, linked: str) -> None:
    sender = mail.sender.address
    assert filed(mail) == Filed(own_case(sender, root), sender, linked)


@pytest.mark.parametrize(
    "address",
    [
        TOKEN.replace("+y", "+x"),
        TOKEN.replace("@shop.example", "@evil.example"),
        f"support+y{CASE}{'a' * 16}@shop.example",
        f"support+y{OTHER}{TOKEN.partition('@')[0][-16:]}@shop.example",
        TOKENS.address("support@shop.example", "other-shop", CASE, AMY),
        TOKENS.address("support@shop.example", "shop", CASE, EVE),
        ReplyTokens(Keyring(("z" * 40,))).address("support@shop.example", "shop", CASE, AMY),
        "support+@shop.example",
        "support+y@shop.example",
    ],
    ids=["other form", "other domain", "guessed", "of another case", "account", "customer", "key", "empty", "short"],
)
def test_a_token_that_is_none_of_ours_names_nothing(address: str) -> None:
    assert filed(letter(AMY, to=(Mailbox(address),))) == Filed(own_case(AMY, "<new@a>"), AMY)


def test_a_token_made_with_the_key_before_is_believed() -> None:
    old = ReplyTokens(Keyring((OLD_KEY,))).address("support@shop.example", "shop", CASE, AMY)
    assert filed(letter(AMY, to=(Mailbox(old),))).thread == CASE


def test_an_address_with_a_token_fits() -> None:
    assert len(TOKEN.partition("@")[0]) <= 64


def test_a_mail_before_the_one_that_it_answers_finds_the_same_case() -> None:
    late = letter(AMY, message_id="<root@a>")
    early = letter(AMY, in_reply_to=("<root@a>",))
    assert filed(early).thread == filed(late).thread


def test_senders_that_cannot_be_read_are_never_the_same_person() -> None:
    one, two = (letter("", message_id=f"<{number}@x>") for number in range(2))
    assert sender_of(one) != sender_of(two)
    assert filed(one).thread != filed(two).thread


@pytest.mark.parametrize(
    "subject",
    ["Re: 回复：订单 42", "RE[2]: 订单 42", "答复: Fwd:  订单  42", "订单\r\n 42", "转发：订单 42", "aw: sv: 订单 42"],
)
def test_what_answers_put_before_a_subject_is_no_part_of_it(subject: str) -> None:
    assert plain_subject(subject) == "订单 42"
    assert subject_key(subject) == subject_key("订单 42")


def test_no_subject_is_like_no_other() -> None:
    assert subject_key("") == subject_key("Re: ") == ""


def test_references_are_bounded_and_keep_the_first() -> None:
    ids = [f"<{number}@a>" for number in range(50)]
    assert references(ids) == ("<0@a>", *ids[-19:])
    assert references(["<a@b>", "<a@b>", "<c d@e>", "<x>\r\nBcc: <y@z>", "<" + "x" * 600 + "@y>"]) == ("<a@b>",)
