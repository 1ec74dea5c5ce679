"""Value tags: whom the rules single out, why, and which rules are none."""

from pathlib import Path

import pytest

from yizhan.core.runtime.settings import DialogueSettings
from yizhan.dialogue.customers.figures import Figure, Figures
from yizhan.dialogue.customers.rules_file import RulesUnusable, value_rules_of
from yizhan.dialogue.customers.value_rules import RulesInvalid, default_rules, parse_rules, value_tags

LABEL = "label: {zh: 标, en: tag}"


def document(*conditions: str, tag: str = "one") -> str:
    return f'version: "1"\nrules:\n  - tag: {tag}\n    {LABEL}\n    all: [{", ".join(map(repr, conditions))}]\n'


def figures(**values: float | None) -> Figures:
    return {Figure(name): value for name, value in values.items()}


GIVEN = [
    pytest.param(["sessions_90d >= 5"], {"sessions_90d": 5.0}, True, id="exactly enough"),
    pytest.param(["sessions_90d >= 5"], {"sessions_90d": 4.0}, False, id="one too few"),
    pytest.param(["sessions_90d > 5"], {"sessions_90d": 5.0}, False, id="more than, and it is equal"),
    pytest.param(["rating_avg < 3"], {"rating_avg": 2.9}, True, id="a bad average"),
    pytest.param(["rating_avg < 3"], {"rating_avg": None}, False, id="nobody rated, so nobody is dissatisfied"),
    pytest.param(["rating_avg < 3"], {}, False, id="a figure that is not there"),
    pytest.param(["channels == 2"], {"channels": 2.0}, True, id="equal"),
    pytest.param(["channels >= 2", "ratings <= 1"], {"channels": 2.0, "ratings": 2.0}, False, id="all must hold"),
    pytest.param(["channels >= 2", "ratings <= 1"], {"channels": 2.0, "ratings": 1.0}, True, id="and all do"),
    pytest.param(["  rating_avg   >=   4.5 "], {"rating_avg": 4.5}, True, id="written with spaces"),
]


@pytest.mark.parametrize(("conditions", "values", "expected"), GIVEN)
def test_a_tag_is_given_when_all_conditions_hold(
    conditions: list[str], values: dict[str, float | None], expected: bool
) -> None:
    given = value_tags(parse_rules(document(*conditions)).rules, figures(**values))
    assert bool(given) is expected
    for one in given:
        assert [condition.text for condition, _ in one.because] == [" ".join(text.split()) for text in conditions]
        assert all(value == values[condition.figure] for condition, value in one.because), "told with its figure"


INVALID = [
    pytest.param("rules: [", "line", id="no YAML"),
    pytest.param("", "document", id="nothing"),
    pytest.param('version: "2"\nrules: []', "version", id="another version"),
    pytest.param(document("sessions_90d => 5"), "rules.0.all.0: a condition reads", id="a sign that is none"),
    pytest.param(document("visits >= 5"), "there is no figure visits", id="a figure that is not there"),
    pytest.param(document(), "rules.0.all", id="no condition would tag everybody"),
    pytest.param(document("channels >= 2", tag="Two Words"), "rules.0.tag", id="a tag with spaces"),
    pytest.param(document("channels >= 2") + "    any: []\n", "rules.0.any", id="a misspelt field"),
    pytest.param(
        document("channels >= 2") + document("ratings >= 1").split("\n", 2)[2], "two rules", id="one tag twice"
    ),
    pytest.param('version: "1"\nworkspaces: {shop: [{tag: x1}]}', "workspaces.shop.0", id="a workspace's own"),
    pytest.param("#" * 50_001, "50000 bytes", id="too large"),
]


@pytest.mark.parametrize(("text", "where"), INVALID)
def test_rules_that_are_none_say_where_and_why(text: str, where: str) -> None:
    with pytest.raises(RulesInvalid) as invalid:
        parse_rules(text)
    assert where in str(invalid.value)


NEWCOMER = figures(
    conversations=1,
    sessions=1,
    sessions_90d=1,
    messages_90d=3,
    handoffs_30d=0,
    handoffs_90d=0,
    ratings=0,
    rating_avg=None,
    rating_last=None,
    channels=1,
    days_known=0,
    days_since_seen=0,
)

SHIPPED = [
    pytest.param({}, [], id="a newcomer"),
    pytest.param({"sessions_90d": 5}, ["frequent"], id="who comes often"),
    pytest.param({"ratings": 1, "rating_avg": 1.0}, ["dissatisfied"], id="who was let down"),
    pytest.param({"ratings": 2, "rating_avg": 5.0}, [], id="two good ratings are no habit yet"),
    pytest.param({"ratings": 3, "rating_avg": 4.5}, ["satisfied"], id="who is content"),
    pytest.param({"handoffs_30d": 3}, ["needs-care"], id="who needed a human again and again"),
    pytest.param({"channels": 2}, ["multichannel"], id="who comes by two channels"),
    pytest.param({"days_known": 365, "sessions": 3}, ["long-standing"], id="who has been here for a year"),
    pytest.param({"days_since_seen": 90, "sessions": 3}, ["dormant"], id="who stayed away"),
    pytest.param({"days_since_seen": 400, "sessions": 1}, [], id="who was here once"),
]


@pytest.mark.parametrize(("changed", "tags"), SHIPPED)
def test_the_shipped_rules(changed: dict[str, float], tags: list[str]) -> None:
    given = value_tags(default_rules(), {**NEWCOMER, **figures(**changed)})
    assert [one.rule.tag for one in given] == tags


OWN = """\
version: "1"
workspaces:
  outlet:
    - {tag: regular, label: {zh: 老顾客, en: Regular}, all: ["sessions_90d >= 3"]}
"""


def settings(home: Path, file: str = "") -> DialogueSettings:
    return DialogueSettings(home=home, value_rules_file=file)


def test_a_business_writes_its_own_rules_and_other_workspaces_keep_those_shipped(tmp_path: Path) -> None:
    assert value_rules_of(settings(tmp_path)).of("shop") == default_rules()
    (tmp_path / "value-rules.yaml").write_text(OWN, "utf-8")
    rules = value_rules_of(settings(tmp_path))
    assert [rule.label_zh for rule in rules.of("outlet")] == ["老顾客"]
    assert rules.of("shop") == default_rules()
    named = tmp_path / "named.yaml"
    named.write_text(document("channels >= 2"), "utf-8")
    assert [rule.tag for rule in value_rules_of(settings(tmp_path, str(named))).of("outlet")] == ["one"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "cannot be read: No such file", id="it is not there"),
        pytest.param(document("visits >= 5").encode(), "there is no figure visits", id="a figure that is not there"),
        pytest.param(b"\xff\xfe", "not UTF-8", id="no text"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_at_the_start_in_one_line(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "own.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RulesUnusable) as refused:
        value_rules_of(settings(tmp_path, str(file)))
    assert told in str(refused.value)
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)
