"""What rules and curves ask for is what the gateway tells."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from telegraphql.gateway.graphql.validation.concurrency_limit import ConcurrencyLimit
from telegraphql.gateway.http.load_metrics import report_load
from telegraphql.gateway.http.loop_clock import LoopClock
from telegraphql.gateway.telemetry.metrics import Metrics
from telegraphql.schema.enums import ProblemCode
from tests.deploy.manifests import DEPLOY, read
from tests.endtoend.world import World, simulate, world
from tests.support.repository import text

ALERTS = [rule for group in read("alerts.yml")["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((DEPLOY / "grafana.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
EXPRESSIONS = [rule["expr"] for rule in ALERTS] + QUERIES
NAME = re.compile(r"\b(?:telegraphql|process|python)_[a-z_]+\b")
CHOSEN = re.compile(r"\b(outcome|type)(=~|!=|=)\"([^\"]*)\"")
# Of the metrics that counters and histograms are told as, those that come with the first count.
OUTCOMES = {"ok", "partial", "refused", "upstream", "internal", "cancelled", "OK", *(code.name for code in ProblemCode)}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """All names that a gateway tells which was asked something."""
    with world(simulate(["voipstudio"], records=20), tmp_path_factory.mktemp("told"), cache={"enabled": True}) as made:
        ask(made)
        answer = httpx.get(f"{made.url}/metrics").text
        yield {sample.name for family in text_string_to_metric_families(answer) for sample in family.samples}


def ask(made: World) -> None:
    """Something of everything, and something that fails."""
    made.ask('{ messages(first: 1, filter: {providers: ["voipstudio"]}) { nodes { id } problems { code } } }')
    url = made.ask("{ recordings(first: 1) { nodes { media { url } } } }")["recordings"]["nodes"][0]["media"]["url"]
    assert made.fetch(url).status_code == httpx.codes.OK


def test_every_metric_that_is_asked_for_is_told(told: set[str]) -> None:
    asked = {name for expression in EXPRESSIONS for name in NAME.findall(expression)}
    metrics = Metrics()
    metrics.report_redis(lambda: True)
    metrics.report_compilation(works=True)
    limit = ConcurrencyLimit()
    report_load(metrics, limit, LoopClock())
    limit.on_refusal("desk", "queue")
    counted = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    # What waited is told once something has waited.
    assert asked - told - counted - {"telegraphql_upstream_wait_seconds_sum"} == set()
    assert Metrics().waits._name == "telegraphql_upstream_wait_seconds"


def test_the_page_about_observing_lists_every_metric_of_the_gateway() -> None:
    listed = set(re.findall(r"^\| `(telegraphql_\w+)", text(Path("docs/monitoring.md")), re.MULTILINE))
    families = [family for family in Metrics().registry.collect() if family.name.startswith("telegraphql_")]
    assert {family.name + {"counter": "_total", "info": "_info"}.get(family.type, "") for family in families} <= listed


def test_every_metric_of_the_gateway_is_on_the_dashboard_or_in_an_alert(told: set[str]) -> None:
    asked = {re.sub("_(bucket|sum|count)$", "", name) for expression in EXPRESSIONS for name in NAME.findall(expression)}
    ours = {re.sub("_(bucket|sum|count|created)$", "", name) for name in told if name.startswith("telegraphql_")}
    assert ours - {name.removesuffix("_created") for name in ours if name.endswith("_created")} - asked <= {
        "telegraphql_upstream_retries_total"
    }


def test_every_outcome_that_is_chosen_is_one(told: set[str]) -> None:
    chosen = {
        each
        for expression in EXPRESSIONS
        for label, _, values in CHOSEN.findall(expression)
        if label == "outcome"
        for each in values.split("|")
    }
    assert chosen <= OUTCOMES


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)
    for rule in ALERTS:
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "action"}
        assert all(said.endswith(".") for said in rule["annotations"].values())


def test_every_panel_has_its_place_and_a_source() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places) == 19
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"${source}"}
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["source", "provider"]
    brackets = [expression for expression in EXPRESSIONS if any(expression.count(a) != expression.count(b) for a, b in ("()", "{}", "[]"))]
    assert brackets == []


def test_prometheus_reads_the_rules_and_asks_every_replica() -> None:
    prometheus = read("prometheus.yml")
    assert prometheus["rule_files"] == ["alerts.yml"]
    (job,) = prometheus["scrape_configs"]
    assert job["job_name"] == "telegraphql"
    assert job["dns_sd_configs"][0]["names"] == ["gateway"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt-get install prometheus)")
def test_alerts_fire_and_clear_as_their_tests_say() -> None:
    done = subprocess.run(["promtool", "test", "rules", "alerts_test.yml"], cwd=DEPLOY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
