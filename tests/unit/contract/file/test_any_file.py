"""Whatever somebody makes of a contract file, it is a contract or it is refused with reasons; nothing breaks."""

from pathlib import Path

from hypothesis import given, settings, strategies

from yizhan.contract.canonical import canonical, contract_of
from yizhan.contract.contract import Contract
from yizhan.contract.file import ContractInvalid, parse_contract
from yizhan.contract.overrides_file import parse_overrides
from yizhan.contract.standard import standard_text

EXAMPLE = (Path(__file__).parents[4] / "contracts" / "example-shop.yaml").read_text("utf-8")
LINES = (*EXAMPLE.splitlines(), *standard_text().splitlines())
WORDS = strategies.sampled_from(
    [
        "",
        "always",
        "office",
        "0s",
        "10s",
        "1d",
        "3650d",
        "95%",
        "0",
        "101",
        "[]",
        "{}",
        "[[x]]",
        "null",
        "CN",
        "\x00",
        "客服",
    ]
)
VALUES = WORDS | strategies.text(max_size=8)


@strategies.composite
def changed_files(draw: strategies.DrawFn) -> str:
    """The example with lines left out, put in from elsewhere, or with another value."""
    lines = EXAMPLE.splitlines()
    for _ in range(draw(strategies.integers(1, 4))):
        at = draw(strategies.integers(0, len(lines) - 1))
        match draw(strategies.sampled_from(["out", "in", "value", "indent"])):
            case "out":
                del lines[at]
            case "in":
                lines.insert(at, draw(strategies.sampled_from(LINES)))
            case "value":
                lines[at] = f"{lines[at].partition(':')[0]}: {draw(VALUES)}"
            case "indent":
                lines[at] = "  " + lines[at]
    return "\n".join(lines)


def read(text: str) -> Contract | ContractInvalid:
    try:
        return parse_contract(text)
    except ContractInvalid as invalid:
        return invalid


def check(found: Contract | ContractInvalid, text: str) -> None:
    if isinstance(found, Contract):
        kept = canonical(found)
        assert contract_of(kept) == found
        return
    assert found.problems
    most = text.count("\n") + text.count("\r") + 2
    for problem in found.problems:
        assert problem.reason_zh
        assert problem.reason_en
        assert 0 <= problem.line <= most


@settings(max_examples=150, deadline=None)
@given(changed_files())
def test_a_changed_file_is_a_contract_or_refused(text: str) -> None:
    check(read(text), text)


@settings(max_examples=150, deadline=None)
@given(strategies.text(alphabet=strategies.sampled_from("contra: \n-[]{},\"'#&*!|>%@`\t\x00\u2028é客😀0"), max_size=60))
def test_any_text_is_refused_with_a_reason(text: str) -> None:
    found = read(text)
    check(found, text)
    try:
        parse_overrides(text)
    except ContractInvalid as invalid:
        check(invalid, text)
