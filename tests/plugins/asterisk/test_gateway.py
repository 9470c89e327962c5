"""The fifth provider beside the four: one list and one cursor over an Asterisk's files and four upstreams, its files as media, and what
goes wrong with them told as of any other."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway import sandbox_servers
from telegraphql.gateway.cli.check import check_providers
from telegraphql.gateway.cli.check_report import ProviderChecks
from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.http import app, thread_server
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.upstream.request_budget import RequestBudget
from telegraphql.plugin import Sandbox, wav
from telegraphql.plugins.asterisk import Asterisk, sandbox
from telegraphql.plugins.asterisk.sandbox import AsteriskSandbox
from tests.endtoend.ground_truth import truths
from tests.endtoend.world import Row, Upstream, simulate
from tests.plugins.asterisk.asterisk_records import serving
from tests.support.clock import NOW
from tests.support.graphql_client import data

RECORDS = 40
OURS = 'filter: {providers: ["pbx"]}'
NAMES = ["boxis", "portsip", "voipstudio", "voximplant"]


@dataclass(frozen=True)
class Five:
    """A gateway over the five."""

    url: str
    client: httpx.Client
    folder: Path
    pbx: AsteriskSandbox
    others: dict[str, Upstream]

    def ask(self, document: str, **variables: Any) -> Row:
        body: Row = self.client.post(f"{self.url}/graphql", json={"query": document, "variables": variables}).json()
        assert "errors" not in body, body["errors"]
        found: Row = body["data"]
        return found

    def fetch(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        return self.client.request(method, f"{self.url}{url}", headers={"accept-encoding": "identity", **headers})


def configuration(pbx: AsteriskSandbox, folder: Path, simulated: list[Sandbox]) -> Row:
    given = sandbox_servers.sandbox_config([*simulated], folder)
    given["providers"]["pbx"] = pbx.configuration(folder) | {"limits": {"max_attempts": 1, "requests_per_second": 10_000.0}}
    return given | {"cache": {"enabled": False}}


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    folder, simulated = tmp_path_factory.mktemp("five"), simulate(NAMES, records=RECORDS, now=NOW)
    pbx = AsteriskSandbox(records=RECORDS, now=NOW)
    with sandbox_servers.run_sandboxes([*simulated.values(), pbx], 0), httpx.Client(timeout=60) as client:
        given = configuration(pbx, folder, list(simulated.values()))
        engine = Runtime.build(build_config(given, folder))
        assert engine.broken == {}
        with thread_server.serve_in_thread(app.create_app(engine)) as url:
            others = {name: Upstream(name, client, each) for name, each in simulated.items()}
            yield Five(url, client, folder / "asterisk", pbx, others)


def natives(five: Five) -> set[tuple[str, str]]:
    marks = {(row["uniqueid"], str(row["sequence"])): row["start"] for row in five.pbx.records["calls"]}
    return {("pbx", f"{''.join(filter(str.isdigit, start))}/{uniqueid}/{mark}") for (uniqueid, mark), start in marks.items()}


PAGE = "query ($after: String) { calls(first: 23, after: $after) { nodes { nativeId startedAt provider { name } } %s } }"
MORE = "problems { provider { name } code message } pageInfo { hasNextPage endCursor }"


def walked(five: Five) -> list[Row]:
    found: list[Row] = []
    cursor = None
    while True:
        page = five.ask(PAGE % MORE, after=cursor)["calls"]
        assert page["problems"] == []
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        cursor = page["pageInfo"]["endCursor"]


def test_five_providers_are_one_list_with_one_cursor(five: Five) -> None:
    found = walked(five)
    keys = [(node["provider"]["name"], node["nativeId"]) for node in found]
    wanted = {truth.key for upstream in five.others.values() for truth in truths(upstream, "Call")} | natives(five)
    assert len(keys) == len(wanted)
    assert set(keys) == wanted
    ours = [node["startedAt"] for node in found if node["provider"]["name"] == "pbx"]
    assert ours == sorted(ours, reverse=True)
    assert len(ours) == RECORDS
    places = [number for number, (name, _) in enumerate(keys) if name == "pbx"]
    assert places != list(range(places[0], places[0] + RECORDS))


def test_a_call_a_conversation_and_a_recording_are_found_by_their_ids(five: Five) -> None:
    nodes = five.ask(f"{{ calls(first: 40, {OURS}) {{ nodes {{ id session {{ id }} recordings {{ id }} }} }} }}")["calls"]["nodes"]
    call = next(node for node in nodes if node["recordings"])
    ids = [call["id"], call["session"]["id"], call["recordings"][0]["id"]]
    found = five.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)["nodes"]
    assert found == [{"__typename": name, "id": each} for name, each in zip(("Call", "Session", "Recording"), ids, strict=True)]


def test_relations_lead_from_calls_to_the_rest_and_back(five: Five) -> None:
    fields = "id nativeId queue { name } session { calls { id } } recordings { fileName call { id } session { calls { id } } }"
    nodes = five.ask(f"{{ calls(first: 40, {OURS}) {{ nodes {{ {fields} }} }} }}")["calls"]["nodes"]
    rows = {f"{row['uniqueid']}/{row['sequence']}": row for row in five.pbx.records["calls"]}
    legs = {each: sum(row["linkedid"] == each for row in rows.values()) for each in {row["linkedid"] for row in rows.values()}}
    for node in nodes:
        row = rows[node["nativeId"].partition("/")[2]]
        assert node["queue"] == ({"name": row["lastdata"].partition(",")[0]} if row["lastapp"] == "Queue" else None)
        assert len(node["session"]["calls"]) == legs[row["linkedid"]]
        for sound in node["recordings"]:
            assert f"-{row['sequence']}-" in sound["fileName"]
            assert sound["call"]["id"] == node["id"]
            assert sound["session"] == node["session"]
    assert sum(len(node["recordings"]) for node in nodes) == len(five.pbx.records["recordings"]) == 8


def test_visits_lead_to_their_queue_and_back(five: Five) -> None:
    visits = five.pbx.records["queueVisits"]
    nodes = five.ask(f"{{ queueVisits(first: 100, {OURS}) {{ nodes {{ nativeId queue {{ name }} }} }} }}")["queueVisits"]["nodes"]
    assert {node["nativeId"]: node["queue"]["name"] for node in nodes} == {visit["native_id"]: visit["queue"] for visit in visits}
    assert len({visit["queue"] for visit in visits}) == 2
    calls = five.ask(f"{{ calls(first: 40, {OURS}) {{ nodes {{ queue {{ name visits(first: 100) {{ nodes {{ nativeId }} }} }} }} }} }}")[
        "calls"
    ]
    for queue in (node["queue"] for node in calls["nodes"] if node["queue"]):
        assert {node["nativeId"] for node in queue["visits"]["nodes"]} == {v["native_id"] for v in visits if v["queue"] == queue["name"]}


def test_messages_lead_to_their_call_and_back_and_can_be_heard(five: Five) -> None:
    messages = {message["native_id"]: message for message in five.pbx.records["voicemessages"]}
    fields = "id nativeId call { nativeId voicemessages { id } } media { url sizeBytes }"
    nodes = five.ask(f"{{ voicemessages(first: 100, {OURS}) {{ nodes {{ {fields} }} }} }}")["voicemessages"]["nodes"]
    assert {node["nativeId"]: node["call"]["nativeId"] for node in nodes} == {key: message["call"] for key, message in messages.items()}
    assert all({"id": node["id"]} in node["call"]["voicemessages"] for node in nodes)
    heard = five.fetch(nodes[0]["media"]["url"])
    assert (heard.status_code, heard.content) == (200, wav(messages[nodes[0]["nativeId"]]["seconds"]))


async def test_a_page_with_all_its_relations_costs_a_few_reads(five: Five) -> None:
    of = serving(five.folder / "cdr-csv", recordings_folder=str(five.folder / "monitor"), zone="Europe/Zurich")
    operation = RequestBudget()
    document = "{ calls(first: 30) { nodes { session { id } recordings { media { url } } } } }"
    await data([of], document, operation=operation, is_template=False)
    assert operation.requests == {("pbx", "read records"): 1, ("pbx", "find records"): 1, ("pbx", "find recordings"): 1}
    await of.provider.upstream.aclose()


def link(five: Five) -> Row:
    nodes = five.ask(f"{{ recordings(first: 1, {OURS}) {{ nodes {{ native media {{ url mimeType sizeBytes fileName }} }} }} }}")
    found: Row = nodes["recordings"]["nodes"][0]
    return found


def test_a_recording_is_streamed_with_ranges(five: Five) -> None:
    found = link(five)
    media, body = found["media"], (five.folder / "monitor" / found["native"]["file"]).read_bytes()
    assert (media["mimeType"], media["sizeBytes"]) == ("audio/x-wav", 1644)
    whole = five.fetch(media["url"])
    assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, body, "bytes")
    assert (whole.headers["content-type"], whole.headers["content-length"]) == ("audio/x-wav", "1644")
    part = five.fetch(media["url"], range="bytes=44-99")
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, body[44:100], "bytes 44-99/1644")
    assert five.fetch(media["url"], range="bytes=5000-").status_code == 416
    head = five.fetch(media["url"], "HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "1644")


def test_a_recording_that_is_gone_or_leads_elsewhere_is_not_found(five: Five) -> None:
    found = link(five)
    file = five.folder / "monitor" / found["native"]["file"]
    kept = file.rename(file.with_suffix(".kept"))
    try:
        gone = five.fetch(found["media"]["url"])
        file.symlink_to("/etc/passwd")
        elsewhere = five.fetch(found["media"]["url"])
    finally:
        file.unlink()
        kept.rename(file)
    assert [each.status_code for each in (gone, elsewhere)] == [404, 404]
    assert gone.json() == elsewhere.json()
    assert gone.json()["error"]["code"] == "NOT_FOUND"


def problems(five: Five) -> tuple[list[Row], set[str]]:
    page = five.ask("{ calls(first: 500) { nodes { provider { name } } problems { provider { name } code message retryable } } }")["calls"]
    return page["problems"], {node["provider"]["name"] for node in page["nodes"]}


def test_a_folder_that_is_missing_costs_only_its_own_calls_until_it_is_back(five: Five) -> None:
    away = (five.folder / "cdr-csv").rename(five.folder / "away")
    try:
        told, names = problems(five)
    finally:
        away.rename(five.folder / "cdr-csv")
    message = "a file or folder of it is missing; check the paths in this provider's settings"
    assert told == [{"provider": {"name": "pbx"}, "code": "UNAVAILABLE", "message": message, "retryable": True}]
    assert names == set(NAMES)
    assert problems(five) == ([], {*NAMES, "pbx"})


def test_a_folder_that_may_not_be_read_is_forbidden(five: Five, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    # Who runs the tests may be root, to whom nothing is forbidden.
    monkeypatch.setattr(Path, "iterdir", refused)
    told, names = problems(five)
    message = "the gateway's user may not read its files; let that user read them"
    assert told == [{"provider": {"name": "pbx"}, "code": "FORBIDDEN", "message": message, "retryable": False}]
    assert names == set(NAMES)


def test_a_line_that_cannot_be_read_is_named_and_the_rest_arrives(five: Five) -> None:
    file = five.folder / "cdr-csv/Master.csv"
    before = file.read_bytes()
    try:
        file.write_bytes(before + b'"4","half of a line\n')
        told, names = problems(five)
        assert len(walkable(five)) == RECORDS
    finally:
        file.write_bytes(before)
    number = before.count(b"\n") + 1
    message = f"line {number} of Master.csv cannot be read: its quotes do not close; the other records are complete"
    assert told == [{"provider": {"name": "pbx"}, "code": "MALFORMED_RECORD", "message": message, "retryable": False}]
    assert names == {*NAMES, "pbx"}


def walkable(five: Five) -> list[Row]:
    nodes: list[Row] = five.ask(f"{{ calls(first: 500, {OURS}) {{ nodes {{ id }} }} }}")["calls"]["nodes"]
    return nodes


def test_filters_mean_the_same_over_files(five: Five) -> None:
    rows = five.pbx.records["calls"]
    document = f"{{ calls(first: 500, {OURS[:-1]} %s}}) {{ nodes {{ talkSeconds direction status }} }} }}"
    for text, count in (
        ("talkSeconds: {min: 100, max: 300}", sum(100 <= row["billsec"] <= 300 for row in rows)),
        ("direction: [INBOUND]", sum(row["dcontext"] == "from-trunk" for row in rows)),
        ("status: [BUSY, CONGESTION]", sum(row["disposition"] in ("BUSY", "CONGESTION") for row in rows)),
    ):
        assert len(five.ask(document % text)["calls"]["nodes"]) == count > 0


def test_a_call_that_ends_is_there_at_once(five: Five) -> None:
    file = five.folder / "cdr-csv/Master.csv"
    before, known = file.read_bytes(), list(five.pbx.records["calls"])
    try:
        row = five.client.post(f"{five.pbx.base_url}/_sandbox/records?kind=calls", json={"src": "+41445551234"}).json()
        (node,) = five.ask(f"{{ calls(first: 1, {OURS}) {{ nodes {{ nativeId from {{ number }} }} }} }}")["calls"]["nodes"]
        assert node["from"]["number"] == "+41445551234"
        assert node["nativeId"].endswith(f"/{row['uniqueid']}/{row['sequence']}")
    finally:
        file.write_bytes(before)
        five.pbx.records["calls"] = known


def test_its_capabilities_and_health_are_told(five: Five) -> None:
    found = five.ask('{ provider(name: "pbx") { plugin health { lastSuccessAt } capabilities { kind } } }')["provider"]
    assert found["plugin"] == "asterisk"
    assert found["health"]["lastSuccessAt"] is not None
    assert {each["kind"] for each in found["capabilities"]} >= {"Call", "Recording", "Session"}


async def checked(folder: Path, **given: Any) -> ProviderChecks:
    given = {"plugin": "asterisk", "cdr_folder": "cdr-csv", "limits": {"max_attempts": 1}, **given}
    table = {name: value for name, value in given.items() if value is not None}
    engine = Runtime.build(build_config({"providers": {"pbx": table}}, folder), Plugins({"asterisk": Asterisk}, {}))
    (found,) = await check_providers(engine)
    return found


async def test_a_check_says_what_is_wrong_and_paths_are_relative_to_the_configuration(tmp_path: Path) -> None:
    (missing,) = (await checked(tmp_path)).checks
    assert (missing.code, missing.text) == ("UNAVAILABLE", "a file or folder of it is missing; check the paths in this provider's settings")
    (tmp_path / "cdr-csv").mkdir()
    assert "there is no Master.csv; check `cdr_folder`" in (await checked(tmp_path)).checks[0].text
    sandbox.append(tmp_path / "cdr-csv/Master.csv", [])
    assert (await checked(tmp_path)).is_ok
    assert (await checked(tmp_path, recordings_folder="monitor")).checks[0].code == "UNAVAILABLE"
    (tmp_path / "monitor").mkdir()
    assert (await checked(tmp_path, recordings_folder="monitor")).is_ok
    (tmp_path / "words.db").write_text("no database " * 100)
    assert (await checked(tmp_path, cdr_folder=None, database_file="words.db")).checks[0].code == "BAD_ANSWER"
