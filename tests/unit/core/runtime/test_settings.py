"""Whoever sets something wrong is told all of it at once, by name, and never sees a secret repeated."""

import os
from pathlib import Path
from typing import Any

import pytest

from yizhan.core.runtime.settings import (
    SERVICES,
    CommonSettings,
    ConsoleSettings,
    DialogueSettings,
    EmbeddedSettings,
    MetricsSettings,
    RoutingSettings,
    SettingsInvalid,
    WebsiteSettings,
)
from yizhan.core.runtime.settings_load import load
from yizhan.core.runtime.settings_reference import settings_reference

SECRET = "s" * 32
AMQP = {
    "YIZHAN_BUS_URL": "amqp://u:hunter2@rabbit:5672/",
    "YIZHAN_DATABASE_URL": "postgresql://u:hunter2@db/yizhan",
    "YIZHAN_SECRET": SECRET,
}


@pytest.fixture(autouse=True)
def _empty_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside the test; an empty folder to run in."""
    for name in list(os.environ):
        if name.upper().startswith("YIZHAN_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def environment(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def problems_of(settings: type[CommonSettings]) -> dict[str, str]:
    with pytest.raises(SettingsInvalid) as refused:
        load(settings)
    return {problem.name: problem.reason for problem in refused.value.problems}


def test_nothing_needs_to_be_set_for_one_process(tmp_path: Path) -> None:
    settings = load(EmbeddedSettings)
    assert settings.embedded
    assert settings.http_port == 8080
    assert (tmp_path / "var" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert settings.internal_token == load(EmbeddedSettings).internal_token


def test_variables_win_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "yizhan.yaml").write_text("http_port: 1111\nworkspace: shop\nhandoff_seconds: 90\n")
    environment(monkeypatch, {"YIZHAN_HTTP_PORT": "2222"})
    settings = load(EmbeddedSettings)
    assert (settings.http_port, settings.workspace, settings.handoff_seconds) == (2222, "shop", 90)


def test_one_file_serves_all_services(tmp_path: Path) -> None:
    (tmp_path / "yizhan.yaml").write_text("handoff_seconds: 90\nanswer_threshold: 0.9\n")
    assert load(RoutingSettings).handoff_seconds == 90
    assert load(DialogueSettings).answer_threshold == 0.9


def test_an_empty_variable_is_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, {"YIZHAN_HTTP_PORT": "", "YIZHAN_DATABASE_URL": ""})
    assert load(EmbeddedSettings).http_port == 8080


def test_everything_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "yizhan.yaml").write_text("workspace: 'Not A Name'\n")
    environment(
        monkeypatch,
        {
            "YIZHAN_HTTP_PORT": "eighty",
            "YIZHAN_BUS_URL": "amqp://rabbit/",
            "YIZHAN_GRPC_PROT": "9090",
            "YIZHAN_LOG_LEVEL": "loud",
        },
    )
    found = problems_of(ConsoleSettings)
    assert set(found) == {
        "YIZHAN_HTTP_PORT",
        "YIZHAN_LOG_LEVEL",
        "YIZHAN_WORKSPACE",
        "YIZHAN_GRPC_PROT",
        "YIZHAN_SECRET",
        "YIZHAN_DATABASE_URL",
        "YIZHAN_DIALOGUE_ADDRESS",
        "YIZHAN_ROUTING_ADDRESS",
        "YIZHAN_METRICS_ADDRESS",
    }
    assert "did you mean YIZHAN_GRPC_PORT" in found["YIZHAN_GRPC_PROT"]
    assert "in the file" in found["YIZHAN_WORKSPACE"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("YIZHAN_BUS_URL", "rabbit:5672"),
        ("YIZHAN_BUS_URL", "amqp://"),
        ("YIZHAN_BUS_URL", "amqp://host:port/"),
        ("YIZHAN_BUS_URL", "amqp://u:pa ss@host/"),
        ("YIZHAN_DATABASE_URL", "mysql://u@h/db"),
        ("YIZHAN_DATABASE_URL", "postgresql://host"),
        ("YIZHAN_DATABASE_URL", "postgresql+asyncpg://u@h/db"),
        ("YIZHAN_MEDIA_URL", "s3://"),
        ("YIZHAN_MEDIA_URL", "ftp://x/y"),
        ("YIZHAN_PUBLIC_URL", "service.example.com"),
        ("YIZHAN_PUBLIC_URL", "https://x.example/?a=b"),
        ("YIZHAN_DIALOGUE_ADDRESS", "http://dialogue:9090"),
        ("YIZHAN_DIALOGUE_ADDRESS", "dialogue"),
        ("YIZHAN_DIALOGUE_ADDRESS", "dialogue:99999"),
        ("YIZHAN_HTTP_PORT", "70000"),
        ("YIZHAN_PARTITIONS", "0"),
        ("YIZHAN_SECRET", "short"),
        ("YIZHAN_SECRET", SECRET + ",short"),
        ("YIZHAN_WORKSPACE", "Über"),
        ("YIZHAN_LOG_FORMAT", "xml"),
        ("YIZHAN_DRAIN_SECONDS", "nan"),
        ("YIZHAN_TRUSTED_PROXIES", "-1"),
        ("YIZHAN_ANSWER_THRESHOLD", "1.5"),
    ],
)
def test_a_wrong_value_is_told_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment(monkeypatch, {name: value})
    assert set(problems_of(EmbeddedSettings)) == {name}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("YIZHAN_PUBLIC_URL", "https://x.example/", "https://x.example"),
        ("YIZHAN_DIALOGUE_ADDRESS", "[::1]:9090", "[::1]:9090"),
        ("YIZHAN_LOG_LEVEL", "WARNING", "warning"),
        ("YIZHAN_MEDIA_URL", "s3://bucket/prefix", "s3://bucket/prefix"),
        ("YIZHAN_DATABASE_URL", "sqlite", "sqlite"),
        (
            "YIZHAN_DATABASE_URL",
            "postgresql:///yizhan?host=/run/postgresql",
            "postgresql:///yizhan?host=/run/postgresql",
        ),
    ],
)
def test_a_right_value_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str) -> None:
    environment(monkeypatch, {name: value})
    assert getattr(load(EmbeddedSettings), name.removeprefix("YIZHAN_").lower()) == expected


def test_the_home_folder_may_be_given_by_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment(monkeypatch, {"HOME": str(tmp_path), "YIZHAN_HOME": "~/state"})
    assert load(EmbeddedSettings).home == tmp_path / "state"


@pytest.mark.parametrize(
    ("settings", "values", "culprit"),
    [
        (DialogueSettings, {"answer_threshold": 0.4, "clarify_threshold": 0.4}, "YIZHAN_ANSWER_THRESHOLD"),
        (RoutingSettings, {"offer_seconds": 90}, "YIZHAN_OFFER_SECONDS"),
    ],
)
def test_values_that_contradict_each_other(
    settings: type[CommonSettings], values: dict[str, Any], culprit: str
) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        settings(**values)
    assert [problem.name for problem in refused.value.problems] == [culprit]


def test_a_contradiction_is_told_beside_a_wrong_value(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, {"YIZHAN_HTTP_PORT": "x", "YIZHAN_CLARIFY_THRESHOLD": "0.9"})
    assert set(problems_of(DialogueSettings)) == {"YIZHAN_HTTP_PORT", "YIZHAN_ANSWER_THRESHOLD"}


@pytest.mark.parametrize("left_out", sorted(AMQP.keys() - {"YIZHAN_BUS_URL"}))
def test_services_apart_need_a_shared_database_and_key(monkeypatch: pytest.MonkeyPatch, left_out: str) -> None:
    environment(monkeypatch, AMQP)
    monkeypatch.delenv(left_out)
    assert set(problems_of(MetricsSettings)) == {left_out}


def test_services_apart_start_when_all_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, AMQP | {"YIZHAN_DIALOGUE_ADDRESS": "dialogue:9090"})
    assert load(WebsiteSettings).dialogue_address == "dialogue:9090"
    assert not load(MetricsSettings).embedded


def test_one_process_on_a_broker_needs_no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, AMQP)
    assert load(EmbeddedSettings).dialogue_address == ""


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("YIZHAN_HTTP_PROT", "YIZHAN_HTTP_PORT"),
        ("YIZHAN_DATABASE_URI", "YIZHAN_DATABASE_URL"),
        ("yizhan_homee", "YIZHAN_HOME"),
        ("YIZHAN_CONFG", "YIZHAN_CONFIG"),
    ],
)
def test_a_misspelt_variable_is_not_overlooked(monkeypatch: pytest.MonkeyPatch, name: str, suggestion: str) -> None:
    environment(monkeypatch, {name: "1"})
    assert suggestion in problems_of(MetricsSettings)[name]


@pytest.mark.parametrize(
    "name",
    [
        "YIZHAN_IMAGE_TAG",
        "YIZHAN_SERVICE_HOST",
        "YIZHAN_DIALOGUE_SERVICE_PORT_GRPC",
        "YIZHAN_DIALOGUE_PORT_9090_TCP_ADDR",
        "YIZHAN_PORT",
        "YIZHAN_HANDOFF_SECONDS",
    ],
)
def test_other_variables_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    environment(monkeypatch, {name: "5"})
    load(MetricsSettings)


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        ("a: [", "yizhan.yaml", "line 1"),
        ("- a\n- b\n", "yizhan.yaml", "name: value"),
        ("http_prot: 1\n", "yizhan.yaml: http_prot", "did you mean http_port"),
        ("YIZHAN_HTTP_PORT: 1\n", "yizhan.yaml: YIZHAN_HTTP_PORT", "did you mean http_port"),
        ("colour: red\n", "yizhan.yaml: colour", "is not a setting"),
        ("1: 2\n", "yizhan.yaml: 1", "is not a setting"),
        ("http_port: [1]\n", "YIZHAN_HTTP_PORT", "in the file"),
        ("greeting_zh: {a: b}\n", "YIZHAN_GREETING_ZH", "string"),
    ],
)
def test_a_file_that_is_wrong(tmp_path: Path, content: str, name: str, reason: str) -> None:
    (tmp_path / "yizhan.yaml").write_text(content)
    assert reason in problems_of(EmbeddedSettings)[name]


def test_an_empty_file_is_fine(tmp_path: Path) -> None:
    (tmp_path / "yizhan.yaml").write_text("# nothing yet\n")
    load(EmbeddedSettings)


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment(monkeypatch, {"YIZHAN_CONFIG": str(tmp_path / "no.yaml")})
    assert "cannot read" in problems_of(EmbeddedSettings)["YIZHAN_CONFIG"]


def test_problems_never_repeat_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(
        monkeypatch,
        {
            "YIZHAN_BUS_URL": "amqp://u:hunter2@ho st/",
            "YIZHAN_DATABASE_URL": "my://u:hunter2@db",
            "YIZHAN_SECRET": "hunter2",
        },
    )
    told = problems_of(EmbeddedSettings)
    assert len(told) == 3
    assert "hunter2" not in str(told)


def test_printing_settings_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, AMQP)
    shown = f"{load(EmbeddedSettings)!r} {load(EmbeddedSettings)}"
    assert "hunter2" not in shown
    assert SECRET not in shown


def test_constructing_reads_nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "yizhan.yaml").write_text("http_port: 1111\n")
    environment(monkeypatch, {"YIZHAN_HTTP_PORT": "2222"})
    assert EmbeddedSettings().http_port == 8080
    assert not (tmp_path / "var").exists()


def test_the_reference_names_every_setting_with_its_meaning() -> None:
    text = settings_reference()
    for name, field in EmbeddedSettings.model_fields.items():
        assert f"| `YIZHAN_{name.upper()}` |" in text
        assert field.description
    assert {f"### {name}" for name in SERVICES} - {"### metrics"} <= set(text.splitlines())


def test_the_reference_writes_numbers_as_one_would_type_them() -> None:
    text = settings_reference()
    assert "| `YIZHAN_WEBSITE_SESSIONS_PER_MINUTE` | whole number, 1 to 1000000 | `60` |" in text
    assert "| `YIZHAN_ANSWER_THRESHOLD` | number, 0 to 1 | `0.84` |" in text
    assert "e+" not in text


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("amqp://u:p@one:5672/v", id="one broker"),
        pytest.param("amqps://u:p@one:5671,two:5671,three/v?heartbeat=10", id="the nodes of a cluster"),
    ],
)
def test_addresses_of_brokers(address: str) -> None:
    assert CommonSettings(bus_url=address, database_url=AMQP["YIZHAN_DATABASE_URL"], secret=SECRET).bus_url == address


@pytest.mark.parametrize("address", ["amqp://u:p@one,,two/v", "amqp://", "http://one", "amqp://one:99999/v"])
def test_addresses_that_no_broker_has(address: str) -> None:
    with pytest.raises(ValueError, match="bus_url"):
        CommonSettings(bus_url=address, database_url=AMQP["YIZHAN_DATABASE_URL"], secret=SECRET)
