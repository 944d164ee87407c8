"""Alert rules, dashboard and docs/metrics.md speak of the metrics that services expose, and of no others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from services.chassis import metrics
from services.chassis.manifests import manifests
from services.chassis.metrics_page import page

ROOT = Path(__file__).parents[2]
RULES = yaml.safe_load((ROOT / "deploy/prometheus/tandem.rules.yml").read_text())
BOARD = json.loads((ROOT / "deploy/grafana/tandem.json").read_text())
FROM_OUTSIDE = {"service", "instance", "job"}  # labels that the scrape adds
_NAME = re.compile(r"\b(?:tandem|process|python)_\w+")
_SELECTED = re.compile(r"\b(tandem_\w+)\{([^}]*)\}")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPED = re.compile(r"\bby \(([^)]*)\)")


def samples() -> dict[str, set[str]]:
    """The labels of each time series that a service exposes, by its name."""
    suffixes = {"counter": [""], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
    return {
        f"{metric.name}{suffix}": {*metric.labels, *(["le"] if suffix == "_bucket" else [])}
        for metric in metrics.CATALOGUE
        for suffix in suffixes[metric.kind]
    }


def rules() -> list[Any]:
    """All alert rules."""
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def expressions() -> list[tuple[str, str]]:
    """Every PromQL expression of rules and dashboard, with where it stands."""
    shown = [(panel["title"], target["expr"]) for panel in BOARD["panels"] for target in panel.get("targets", ())]
    return [*((rule["alert"], rule["expr"]) for rule in rules()), *shown]


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_expressions_name_metrics_and_labels_that_exist(where: str, expression: str) -> None:
    """A renamed metric or label breaks this and not, silently, an alarm."""
    known = samples()
    own = {name for family in REGISTRY.collect() for name in [sample.name for sample in family.samples]}
    names = set(_NAME.findall(expression))
    assert names <= known.keys() | own
    labels = {label for name in names for label in known.get(name, ())} | FROM_OUTSIDE
    for name, selected in _SELECTED.findall(expression):
        assert set(_LABEL.findall(re.sub(r'"[^"]*"', '""', selected))) <= known[name] | FROM_OUTSIDE, where
    for grouped in _GROUPED.findall(expression):
        assert {label.strip() for label in grouped.split(",")} <= labels, where


@pytest.mark.parametrize(("where", "expression"), expressions())
def test_brackets_of_expressions_are_closed(where: str, expression: str) -> None:
    """What Prometheus would refuse to load for a bracket is found here."""
    open_: list[str] = []
    for sign in re.sub(r'"[^"]*"', "", expression):
        if sign in "([{":
            open_.append(sign)
        elif sign in ")]}":
            assert open_, where
            assert open_.pop() + sign in {"()", "[]", "{}"}, where
    assert not open_, where


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_each_alert_says_what_is_wrong_and_how_bad_it_is(rule: Any) -> None:
    """Whoever is woken needs a summary of the case, a description, and a severity to be routed by."""
    assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
    assert {"summary", "description"} == rule["annotations"].keys()
    named = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    grouped = {label.strip() for found in _GROUPED.findall(rule["expr"]) for label in found.split(",")}
    assert named <= (grouped or FROM_OUTSIDE)


def test_alerts_cover_what_operators_must_hear_of() -> None:
    """Forks, parked records, lag, outbox, stopped loops, failing requests and late timers have an alarm each."""
    watched = {name for rule in rules() for name in _NAME.findall(rule["expr"])}
    assert watched >= {
        "tandem_forks_total",
        "tandem_parking_records",
        "tandem_consumer_lag_seconds",
        "tandem_outbox_oldest_seconds",
        "tandem_loop_state",
        "tandem_loop_age_seconds",
        "tandem_http_errors_total",
        "tandem_timer_lateness_seconds_bucket",
    }


def test_the_scrape_covers_every_service_and_loads_the_rules() -> None:
    """A new service that is not scraped would have no alarms."""
    scrape = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    assert [(ROOT / "deploy/prometheus" / file).exists() for file in scrape["rule_files"]] == [True]
    targets = [target for job in scrape["scrape_configs"] for target in job["static_configs"]]
    assert {manifest.name for manifest in manifests()} <= {target["labels"]["service"] for target in targets}
    assert len({address for target in targets for address in target["targets"]}) == len(targets)


def test_panels_do_not_overlap_and_have_ids_of_their_own() -> None:
    """Grafana would shift or merge them otherwise."""
    panels = BOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(set(cells)) == len(cells)
    assert all(0 <= x < 24 for x, _ in cells)


def test_the_page_of_metrics_is_fresh() -> None:
    """docs/metrics.md is what ``tandem metrics`` prints."""
    assert (ROOT / "docs/metrics.md").read_text() == page()


def test_every_metric_is_described_and_exposed_once() -> None:
    """The catalogue is complete, the exposition has no name twice, and kinds agree."""
    exposed = list(text_string_to_metric_families(metrics.exposition().decode()))
    assert len({family.name for family in exposed}) == len(exposed)
    own = {family.name: family.type for family in exposed if family.name.startswith("tandem_")}
    described = {metric.name.removesuffix("_total"): metric.kind for metric in metrics.CATALOGUE}
    assert own == described
    assert len(described) == len(metrics.CATALOGUE)
    assert any(family.name.startswith("process_") for family in exposed)
