"""The document on federation: its types compose with the subgraph, and its query is one of what comes out."""

import json
import re
import subprocess

from graphql import build_schema, parse, validate

from telegraphql.gateway.federation.entities import federated_schema
from telegraphql.gateway.federation.subgraph import subgraph_sdl
from tests.federation.test_router import FOLDER
from tests.support.programs import require_npm_packages, require_program
from tests.support.repository import ROOT

BLOCKS = re.findall(r"```graphql\n(.*?)```", (ROOT / "docs/federation.md").read_text("utf-8"), re.DOTALL)
LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"%s])\n'

BILLING = """
type Query { node(id: ID!): Node refunds: [Money!] }
interface Node { id: ID! }
type Money @shareable { amount: Decimal! }
scalar Decimal
"""


def composed(**subgraphs: str) -> tuple[list[str], str]:
    """What is wrong with subgraphs, and what clients see of them."""
    require_npm_packages(FOLDER)
    program = [require_program("node"), str(FOLDER / "compose.mjs")]
    done = subprocess.run(program, input=json.dumps(subgraphs), capture_output=True, text=True, timeout=60, check=True)
    told = json.loads(done.stdout)
    return told["errors"], told["public"]


def test_the_types_of_the_document_compose_with_the_subgraph_and_its_query_fits() -> None:
    types = [each for each in BLOCKS if each.startswith("type ")]
    errors, public = composed(telephony=subgraph_sdl(federated_schema()), crm=LINK % "" + "\n".join(types))
    assert (errors, len(types)) == ([], 2)
    (query,) = set(BLOCKS) - set(types)
    assert validate(build_schema(public), parse(query)) == []


def test_values_may_stand_in_another_graph_too_and_node_may_not() -> None:
    (error,), _ = composed(telephony=subgraph_sdl(federated_schema()), billing=LINK % ', "@shareable"' + BILLING)
    assert 'Non-shareable field "Query.node"' in error
