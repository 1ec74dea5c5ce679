"""Writes the Grafana dashboard from ``relay.yaml``: ``python deploy/grafana/build.py`` (``--check``: only compare).

The JSON that Grafana wants says everything many times; in ``relay.yaml`` a panel is a title and its queries. Tests compare
what is committed with what this writes, and every metric in it with those of the running product.
"""

import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "relay.yaml"
DASHBOARD = HERE / "dashboards" / "yizhan.json"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
SIZES = {"stat": (4, 4), "timeseries": (8, 8)}
"""Width and height of a panel by its kind."""


def rows() -> list[Json]:
    """What ``relay.yaml`` says."""
    read: list[Json] = yaml.safe_load(SOURCE.read_text("utf-8"))
    return read


def queries() -> list[str]:
    """Every PromQL expression of the dashboard."""
    return [expr for row in rows() for panel in row["panels"] for query in panel["queries"] for expr in query.values()]


def dashboard() -> Json:
    """The whole dashboard as Grafana reads it."""
    return {
        "annotations": {"list": [_alerts()]},
        "description": "What goes through the relay, how fast, and whether anything is missing.",
        "editable": True,
        "graphTooltip": 1,
        "id": None,
        "links": [],
        "panels": list(_panels()),
        "refresh": "10s",
        "schemaVersion": 39,
        "tags": ["yizhan"],
        "templating": {"list": [_datasource_variable(), _channel_variable()]},
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "",
        "title": "Yizhan: relay",
        "uid": "yizhan-relay",
        "version": 1,
    }


def text() -> str:
    """The dashboard as it is committed."""
    return json.dumps(dashboard(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _panels() -> Iterator[Json]:
    numbers = itertools.count(1)
    top = 0
    for row in rows():
        place = {"h": 1, "w": COLUMNS, "x": 0, "y": top}
        yield {
            "collapsed": False,
            "gridPos": place,
            "id": next(numbers),
            "panels": [],
            "title": row["row"],
            "type": "row",
        }
        top += 1
        left = height = 0
        for panel in row["panels"]:
            width, height = SIZES[panel.get("kind", "timeseries")]
            if left + width > COLUMNS:
                left, top = 0, top + height
            yield _panel(panel, next(numbers), {"h": height, "w": width, "x": left, "y": top})
            left += width
        top += height


def _panel(panel: Json, number: int, place: Mapping[str, int]) -> Json:
    kind = panel.get("kind", "timeseries")
    named = [item for query in panel["queries"] for item in query.items()]
    return {
        "datasource": DATASOURCE,
        "description": panel["about"],
        "fieldConfig": {"defaults": _field(panel), "overrides": []},
        "gridPos": dict(place),
        "id": number,
        "options": _stat_options() if kind == "stat" else _series_options(),
        "targets": [_target(at, legend, expr) for at, (legend, expr) in enumerate(named)],
        "title": panel["title"],
        "type": kind,
    }


def _target(at: int, legend: str, expr: str) -> Json:
    return {
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": expr,
        "legendFormat": legend,
        "range": True,
        "refId": chr(ord("A") + at),
    }


def _field(panel: Json) -> Json:
    steps: list[Json] = [{"color": "green", "value": None}]
    if "red_from" in panel:
        steps.append({"color": "red", "value": panel["red_from"]})
    shared = {
        "min": 0,
        "thresholds": {"mode": "absolute", "steps": steps},
        "unit": panel.get("unit", "short"),
    }
    if panel.get("kind") == "stat":
        return {**shared, "color": {"mode": "thresholds"}, "noValue": "no data"}
    stacked = panel.get("stacked", False)
    drawn = {
        "fillOpacity": 30 if stacked else 8,
        "lineWidth": 1,
        "showPoints": "never",
        "stacking": {"group": "A", "mode": "normal" if stacked else "none"},
    }
    return {**shared, "color": {"mode": "palette-classic"}, "custom": drawn}


def _stat_options() -> Json:
    return {
        "colorMode": "background",
        "graphMode": "none",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "value",
    }


def _series_options() -> Json:
    return {
        "legend": {"calcs": ["lastNotNull"], "displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }


def _alerts() -> Json:
    return {
        "datasource": DATASOURCE,
        "enable": True,
        "expr": 'ALERTS{alertname=~"Yizhan.+", alertstate="firing"}',
        "iconColor": "red",
        "name": "Alerts",
        "step": "60s",
        "titleFormat": "{{alertname}}",
    }


def _datasource_variable() -> Json:
    return {
        "current": {},
        "includeAll": False,
        "label": "Prometheus",
        "multi": False,
        "name": "datasource",
        "query": "prometheus",
        "refresh": 1,
        "type": "datasource",
    }


def _channel_variable() -> Json:
    values = "label_values(yizhan_accepted_messages_total, channel)"
    return {
        "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "datasource": DATASOURCE,
        "definition": values,
        "includeAll": True,
        "label": "Channel",
        "multi": True,
        "name": "channel",
        "query": {"query": values, "refId": "channels"},
        "refresh": 2,
        "sort": 1,
        "type": "query",
    }


def main(arguments: Sequence[str]) -> int:
    """0: written, or fresh; 1: ``--check`` found that it is not what this writes."""
    if "--check" not in arguments:
        DASHBOARD.parent.mkdir(exist_ok=True)
        DASHBOARD.write_text(text(), "utf-8")
        return 0
    if DASHBOARD.is_file() and DASHBOARD.read_text("utf-8") == text():
        return 0
    sys.stderr.write("dashboards/yizhan.json is not what relay.yaml says: run `python deploy/grafana/build.py`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
