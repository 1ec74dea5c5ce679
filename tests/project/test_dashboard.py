"""The dashboard and the alerts speak of figures that the running product has, and the alerts fire when they should."""

import json
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from deploy.grafana import build
from tests.services.deployment import ACCOUNT, Deployment, embedded, wait_for
from tests.services.packages import install
from yizhan.channels import contract, outcomes
from yizhan.channels.ecommerce.consent_state import ConsentState
from yizhan.channels.ecommerce.platforms import PLATFORMS
from yizhan.channels.wechat import errors, events
from yizhan.core.messages.command import JobOutcome
from yizhan.metrics import answers, facts
from yizhan.metrics.api import STEPS
from yizhan.metrics.figures import FIRST_RESPONSE_BUCKETS, HANDOFF_BUCKETS, TAKEN, channel_kind

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = PROMETHEUS / "rules" / "yizhan.yml"
INSTALL_SECONDS = 900

METRIC = re.compile(r"\b((?:yizhan|process|python)_[a-z0-9_]+)(\{[^}]*\})?")
GROUPED = re.compile(r"\b(?:by|on|group_left) \(([^)]*)\)")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
ADDED = {"job", "instance", "le", "family"}
"""Labels that Prometheus or a query adds."""

KNOWN_VALUES: Mapping[str, set[str]] = {
    "step": set(STEPS),
    "clock": {facts.FIRST_RESPONSE, facts.HANDOFF, facts.AGENT_FIRST_RESPONSE, facts.SESSION},
    "mark": {facts.START, facts.STOP, facts.CANCEL},
    "disposition": set(facts.DISPOSITIONS.values()),
    "channel_kind": {channel_kind("website"), channel_kind("email")},
    "yizhan_agent_answers_total outcome": {str(outcome) for outcome in answers.Outcome},
    "yizhan_handoff_seconds outcome": {TAKEN, "ticketed", "returned", "closed"},
    "yizhan_sent_messages_total outcome": {
        *(value for name, value in vars(outcomes).items() if name.isupper()),
        *(str(refusal) for refusal in contract.Refusal),
        *("sent", "repeated", "timeout", "channel_error", "token_expired", "not_renderable"),
    },
    "yizhan_token_renewals_total outcome": {"fetched", "forced", "refused", "unreachable"},
    "yizhan_webhook_calls_total outcome": {
        *("answered", "replied", "cut", "not_accepted", "failed"),
        *(f"refused_{code}" for code in ("bad_signature", "stale_timestamp", "undecodable", "no_key", "store_away")),
    },
    "yizhan_provider_errors_total code": {
        *(str(code) for code in errors.KF),
        *("unreachable", "no_answer", "unreadable", "http_429", "http_5xx", "http_other"),
        *(f"{kind.key}:unreachable" for kind in PLATFORMS),
        *("bridge:window_closed", "bridge:quota_spent", "bridge:blocked"),
    },
    "yizhan_jobs_finished_total outcome": {outcome.name.lower() for outcome in JobOutcome},
    "yizhan_shop_consents platform": {kind.key for kind in PLATFORMS},
    "yizhan_shop_consents state": set(ConsentState),
    "yizhan_wechat_pushes_total kind": {"official", "mini", "kf"},
    "yizhan_wechat_pushes_total type": {events.KfHint.__name__},
}
"""By label, or by metric and label where metrics mean different things by one."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """What ``/metrics`` shows: the samples' names, and their label names as far as there are samples."""

    names: frozenset[str]
    labels: Mapping[str, frozenset[str]]
    services: Mapping[str, frozenset[str]]
    """The values of the label ``service``, by sample."""


@pytest.fixture(scope="module")
def exposed() -> Iterator[Exposed]:
    """The figures of a gateway in which a customer has asked something and has asked for a human."""
    with embedded(YIZHAN_NOBODY_SECONDS="1") as deployment:
        _talk(deployment)
        wait_for(lambda: "yizhan_outbound_messages_total{" in _figures(deployment), 90.0, "no receipt was counted")
        wait_for(lambda: 'clock="handoff"' in _figures(deployment), 90.0, "no hand-off was counted")
        yield _read(_figures(deployment))


@pytest.fixture(scope="module")
def promtool() -> str:
    """The program that checks rules; its Debian package is ``prometheus``."""
    if shutil.which("promtool") is None:
        install(["prometheus"], "")
    return shutil.which("promtool") or ""


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]


def expressions() -> list[str]:
    return [*build.queries(), *(rule["expr"] for rule in rules())]


@pytest.mark.timeout(300)
def test_every_metric_is_one_that_the_product_shows(exposed: Exposed) -> None:
    asked = {name for expr in expressions() for name, _ in METRIC.findall(expr)}
    assert len(asked) > 30
    assert asked - exposed.names == set()


@pytest.mark.timeout(300)
def test_every_label_is_one_that_the_metric_has(exposed: Exposed) -> None:
    """A label that is not there matches nothing, and the panel stays empty without a word."""
    wrong = []
    for expr in expressions():
        used = {label.strip() for group in GROUPED.findall(expr) for label in group.split(",") if label.strip()}
        metrics = METRIC.findall(expr)
        known = ADDED.union(*(exposed.labels.get(name, frozenset()) for name, _ in metrics))
        if all(name in exposed.labels for name, _ in metrics):
            wrong += [f"{label} in {expr}" for label in used - known]
        for name, selector in metrics:
            labels = {label for label, _, _ in MATCHER.findall(selector)}
            if name in exposed.labels:
                wrong += [f"{label} of {name}" for label in labels - exposed.labels[name] - ADDED]
    assert wrong == []


@pytest.mark.timeout(300)
def test_every_figure_is_explained_with_its_labels(exposed: Exposed) -> None:
    """The table of docs/operations.md has a row for each figure of the product, and no other."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    rows = re.findall(r"^\| `(yizhan_\w+)` \| ([\w, ]*?) ?\| \S", text, re.MULTILINE)
    told = {name: {label.strip() for label in labels.split(",") if label.strip()} for name, labels in rows}
    shown = {re.sub("_(bucket|sum|count)$", "", name) for name in exposed.names if name.startswith("yizhan_")}
    assert set(told) == shown
    wrong = {}
    for name, labels in told.items():
        found = exposed.labels.get(name, exposed.labels.get(f"{name}_count"))
        if found is not None and found != labels:
            wrong[name] = found
    assert wrong == {}


@pytest.mark.timeout(300)
def test_every_outbox_is_watched(exposed: Exposed) -> None:
    assert exposed.services["yizhan_outbox_rows"] == {"dialogue", "routing"}


def test_every_value_asked_for_can_occur() -> None:
    wrong = []
    for expr in expressions():
        for name, selector in METRIC.findall(expr):
            for label, how, values in MATCHER.findall(selector):
                known = _known_values(re.sub("_(bucket|sum|count)$", "", name), label)
                asked = values.split("|") if how.endswith("~") else [re.escape(values)]
                wrong += [
                    f"{label} {value} of {name}"
                    for value in asked
                    if known is not None and not any(re.fullmatch(value, one) for one in known)
                ]
    assert wrong == []


def _known_values(metric: str, label: str) -> set[str] | None:
    """None: what the label can be is not written down."""
    return KNOWN_VALUES.get(f"{metric} {label}", KNOWN_VALUES.get(label))


def test_figures_whose_outcomes_are_asked_for_say_what_they_can_be() -> None:
    unknown = {
        name
        for expr in expressions()
        for name, selector in METRIC.findall(expr)
        for label, _, _ in MATCHER.findall(selector)
        if label in {"outcome", "code"} and _known_values(re.sub("_(bucket|sum|count)$", "", name), label) is None
    }
    assert unknown == set()


def test_every_bound_asked_for_is_one_of_a_bucket() -> None:
    """A bucket that is not there makes a panel empty, not wrong."""
    bounds = {str(bound) for bound in (*FIRST_RESPONSE_BUCKETS, *HANDOFF_BUCKETS)}
    asked = {value for expr in expressions() for label, _, value in MATCHER.findall(expr) if label == "le"}
    assert asked - bounds == set()


def test_the_committed_dashboard_is_what_the_builder_writes() -> None:
    assert build.main(["--check"]) == 0, "run `python deploy/grafana/build.py`"


def test_a_stale_dashboard_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = tmp_path / "yizhan.json"
    copy.write_text(build.text().replace("Yizhan: relay", "Old"), "utf-8")
    monkeypatch.setattr(build, "DASHBOARD", copy)
    assert build.main(["--check"]) == 1


def test_panels_have_places_of_their_own() -> None:
    taken: set[tuple[int, int]] = set()
    numbers = []
    for panel in build.dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + right, place["y"] + down) for right in range(place["w"]) for down in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= build.COLUMNS, panel["title"]
        taken |= cells
        numbers.append(panel["id"])
    assert len(set(numbers)) == len(numbers)


def test_grafana_is_told_where_prometheus_and_the_dashboard_are() -> None:
    folder = ROOT / "deploy" / "grafana" / "provisioning"
    sources = yaml.safe_load((folder / "datasources" / "prometheus.yaml").read_text("utf-8"))["datasources"]
    providers = yaml.safe_load((folder / "dashboards" / "yizhan.yaml").read_text("utf-8"))["providers"]
    assert [source["type"] for source in sources] == ["prometheus"]
    assert providers[0]["options"]["path"] in (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_alert_says_what_to_do() -> None:
    for rule in rules():
        assert rule["alert"].startswith("Yizhan")
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"].startswith("docs/operations.md#")


@pytest.mark.timeout(INSTALL_SECONDS)
def test_prometheus_takes_the_configuration(promtool: str) -> None:
    done = _run(promtool, "check", "config", "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(INSTALL_SECONDS)
def test_alerts_fire_in_the_scripted_incident_and_only_then(promtool: str) -> None:
    done = _run(promtool, "test", "rules", "incident.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripted_incident_makes_every_alert_fire() -> None:
    tests = yaml.safe_load((PROMETHEUS / "incident.yml").read_text("utf-8"))["tests"]
    fired = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}
    assert {rule["alert"] for rule in rules()} - fired == set()


def _run(promtool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [promtool, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, timeout=60, check=False
    )


def _talk(deployment: Deployment) -> None:
    """A customer asks, asks for a human, and has seen what came."""
    base = f"{deployment.website}/website/{ACCOUNT}"
    token = _call(f"{base}/session", {})["token"]
    for number, words in enumerate(("怎么下单购买", "转人工")):
        said = {"client_id": f"dashboard-{number}", "content": {"type": "text", "text": words}}
        _call(f"{base}/messages", said, token)
    wait_for(lambda: _call(f"{base}/messages?after=4", None, token)["messages"], 90.0, "no answer came")
    _call(f"{base}/receipts", {"state": "delivered", "seq": 3}, token)


def _call(address: str, body: dict[str, Any] | None, token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data, headers), timeout=10) as answer:
        text = answer.read()
    answered: dict[str, Any] = json.loads(text) if text else {}
    return answered


def _figures(deployment: Deployment) -> str:
    time.sleep(0.2)
    with urllib.request.urlopen(f"{deployment.website}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def _read(text: str) -> Exposed:
    names: set[str] = set()
    labels: dict[str, frozenset[str]] = {}
    services: dict[str, frozenset[str]] = {}
    for family in text_string_to_metric_families(text):
        base = family.name
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        names.update(f"{base}{ending}" for ending in endings)
        for sample in family.samples:
            labels[sample.name] = frozenset(sample.labels)
            if "service" in sample.labels:
                services[sample.name] = services.get(sample.name, frozenset()) | {sample.labels["service"]}
    return Exposed(frozenset(names), labels, services)
