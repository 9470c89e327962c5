"""A company's graph: a router over this gateway and a CRM, with the libraries of two makes, on real sockets."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from telegraphql.gateway.http.thread_server import serve_in_thread
from tests.endtoend.world import Row, World, simulate, world
from tests.federation.crm import Book, app
from tests.support.clock import NOW
from tests.support.programs import require_npm_packages, require_program

FOLDER = Path(__file__).parent
ADA, BO = "Ada Lovelace", "Bo Diddley"


@dataclass(frozen=True)
class Company:
    """A router, what it said when it composed, and what stands behind it."""

    url: str
    composed: Row
    world: World
    book: Book

    def post(self, document: str, **variables: Any) -> Row:
        """The whole answer to a document; journals hold what it took."""
        self.world.forget()
        self.book.asked = 0
        answer: Row = httpx.post(self.url, json={"query": document, "variables": variables}, timeout=30).raise_for_status().json()
        return answer

    def ask(self, document: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.post(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def asked(self, provider: str) -> list[str]:
        """What the last answer took of an upstream."""
        return self.world.upstreams[provider].operations()


@contextmanager
def router(**subgraphs: str) -> Iterator[list[Row]]:
    """What a router says: how it composed, and where it listens."""
    require_npm_packages(FOLDER)
    process = subprocess.Popen(
        [require_program("node"), str(FOLDER / "router.mjs"), json.dumps(subgraphs)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield [json.loads(process.stdout.readline()) for _ in range(2)]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    book = Book()
    with world(simulate(records=80, now=NOW), tmp_path_factory.mktemp("company")) as made, serve_in_thread(app(book)) as crm:
        ends = made.ask("{ calls(first: 500, filter: {direction: [INBOUND]}) { nodes { from { number e164 } } } }")["calls"]["nodes"]
        known = [number for number, _ in Counter(each["from"]["number"] for each in ends if each["from"]["e164"]).most_common(2)]
        book.names = {known[0]: ADA, known[1]: BO}
        filed = made.ask('{ calls(first: 40, filter: {providers: ["voximplant"]}) { nodes { id } } }')["calls"]["nodes"]
        book.filed = {known[0]: [each["id"] for each in filed]}
        with router(telephony=f"{made.url}/graphql", crm=f"{crm}/graphql/") as (composed, listening):
            yield Company(listening["url"], composed, made, book)


def test_two_makes_of_composition_take_the_subgraph(company: Company) -> None:
    assert (company.composed["apollo"], company.composed["hive"], company.composed["contract"]) == ([], [], [])


def test_a_contract_leaves_out_what_is_personal(company: Company) -> None:
    public = company.composed["public"]
    party = public.partition("type Party")[2].partition("}")[0]
    assert ("country: String" in party, "number:" in party, "e164:" in party) == (True, False, False)
    assert "auditEntries" in public


CUSTOMERS = """query ($after: String) { calls(first: 50, after: $after) {
  nodes { id from { number } to { number } customer { name } } pageInfo { hasNextPage endCursor } problems { code } } }"""
ALONE = "{ calls(first: 150) { nodes { id from { number } to { number } } } }"


def test_calls_know_their_customers_page_by_page(company: Company) -> None:
    found: list[Row] = []
    after = None
    for _ in range(3):
        page = company.ask(CUSTOMERS, after=after)["calls"]
        assert (company.book.asked, page["problems"]) == (1, [])
        found, after = found + page["nodes"], page["pageInfo"]["endCursor"]
    names = company.book.names
    wanted = company.world.ask(ALONE)["calls"]["nodes"]
    for each in wanted:
        name = names.get(each["from"]["number"]) or names.get(each["to"]["number"])
        each["customer"] = {"name": name} if name else None
    assert found == wanted
    assert {each["customer"]["name"] for each in found if each["customer"]} == {ADA, BO}


FILED = "{ customers { name filed { id startedAt provider { name } session { id } } } }"


def test_forty_calls_that_another_graph_names_are_one_upstream_request(company: Company) -> None:
    ada, bo = company.ask(FILED)["customers"]
    taken = company.asked("voximplant")
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Call { id startedAt provider { name } session { id } } } }"
    ids = company.book.filed[next(iter(company.book.names))]
    assert (ada["name"], ada["filed"]) == (ADA, company.world.ask(document, ids=ids)["nodes"])
    assert (bo["name"], bo["filed"], len(ada["filed"])) == (BO, [], 40)
    assert (taken, [company.asked(name) for name in ("boxis", "portsip", "voipstudio")]) == (["GetCallHistory"], [[], [], []])


PHONE = """query ($after: String) { customers { name phone { calls(first: 2, after: $after) {
  nodes { id } pageInfo { hasNextPage endCursor } problems { code } } } } }"""
OWN = "query ($of: [String!]) { calls(first: 100, filter: {number: {equals: $of}}) { nodes { id } } }"


def test_customers_know_their_calls_of_all_providers_page_by_page(company: Company) -> None:
    number = next(iter(company.book.names))
    company.book.names, kept = {number: ADA}, company.book.names
    wanted = [each["id"] for each in company.world.ask(OWN, of=[number])["calls"]["nodes"]]
    found: list[str] = []
    after, more = None, True
    while more:
        page = company.ask(PHONE, after=after)["customers"][0]["phone"]["calls"]
        found += [each["id"] for each in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    company.book.names = kept
    assert (found, len(found) > 2) == (wanted, True)


def test_errors_come_through_with_their_codes(company: Company) -> None:
    number = next(iter(company.book.names))
    good, bad = company.book.filed[number][:1], ["garbage"]
    company.book.filed, kept = {number: [*good, *bad]}, company.book.filed
    answer = company.post(FILED)
    company.book.filed = kept
    # The router's own way of telling where: by the field, not by the place in the list.
    assert [(error["path"][:3], error["extensions"]["code"]) for error in answer["errors"]] == [(["customers", 0, "filed"], "BAD_ID")]
    assert [each and each["id"] for each in answer["data"]["customers"][0]["filed"]] == [*good, None]


def test_a_provider_that_is_down_is_a_problem_of_the_list(company: Company) -> None:
    company.world.upstreams["portsip"].misbehave(status=503)
    page = company.ask("{ calls(first: 5) { nodes { customer { name } } problems { provider { name } code retryable } } }")["calls"]
    company.world.behave()
    assert page["problems"] == [{"provider": {"name": "portsip"}, "code": "UNAVAILABLE", "retryable": True}]
    assert len(page["nodes"]) == 5
