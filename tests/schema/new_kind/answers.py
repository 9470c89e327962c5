"""Answers: what a gateway says of a kind that was added to its schema, as JSON. Run by a test, beside the schema with that kind."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegraphql.gateway.auth.caller import Caller, Scope
from telegraphql.gateway.cluster.serialization import deserialize, serialize
from telegraphql.gateway.export.root_fields import root_field
from telegraphql.gateway.federation.references import KEYS
from telegraphql.gateway.plugin.provider import GetRequest, Keyset, ListRequest, Page, gets, lists
from telegraphql.schema.fax import Fax, FaxResolution
from telegraphql.schema.node import global_id
from telegraphql.schema.values import Party
from tests.support.graphql_client import ask, served_schema
from tests.support.memory_provider import Memory, Store, serving
from tests.support.records import at, call

READER = Caller("reader", scopes=frozenset({Scope.READ}))
ID = global_id("Fax", "a", "2")
CALL = global_id("Call", "a", "c1")
OURS = Party(number="+41616925879")
QUESTIONS = {
    "list": "{ faxes { nodes { nativeId pageCount resolution call { nativeId } } } }",
    "by number": '{ faxes(filter: {number: {equals: ["0616925879"]}}) { nodes { nativeId } } }',
    "by pages": "{ faxes(filter: {pageCount: {min: 3}}) { nodes { nativeId } } }",
    "by enum": "{ faxes(filter: {resolution: [FINE]}) { nodes { nativeId } } }",
    "by call": f'{{ faxes(filter: {{callId: ["{CALL}"]}}) {{ nodes {{ nativeId }} }} }}',
    "with call": "{ faxes(filter: {hasCall: false}) { nodes { nativeId } } }",
    "by marker": "{ faxes(filter: {isColor: true}) { nodes { nativeId } problems { message } } }",
    "node": f'{{ node(id: "{ID}") {{ __typename id ... on Fax {{ sentAt }} }} }}',
    "timeline": '{ timeline(number: "0616925879", kinds: [FAX, CALL]) { nodes { __typename ... on Record { nativeId } } } }',
    "capabilities": '{ provider(name: "a") { capabilities { kind lists gets filters { name support } } } }',
}


@dataclass
class Faxes(Store):
    """A store of faxes and calls."""

    faxes: list[Any] = field(default_factory=list)


class Machine(Memory):
    """A provider with faxes."""

    plugin = "machine"

    @lists(Fax, pages=Keyset(most=100))
    async def list_faxes(self, request: ListRequest) -> Page:
        """Return a slice of the faxes."""
        store: Any = self.store
        return await self._slice(store.faxes, request)

    @gets(Fax, at_most=10)
    async def faxes_by_id(self, wanted: GetRequest) -> Page:
        """Return faxes by their ids."""
        store: Any = self.store
        found = [fax for fax in store.faxes if fax.native_id in wanted.keys]
        return Page(records=found, read=len(found))


def fax(number: int, **fields: Any) -> Fax:
    return Fax(provider_name="a", native_id=str(number), sent_at=at(number), **fields)


async def answers() -> dict[str, Any]:
    faxes = [
        fax(1, page_count=1, from_=OURS, resolution=FaxResolution.STANDARD),
        fax(2, page_count=3, to=OURS, resolution=FaxResolution.FINE, refs={"call": "c1"}),
    ]
    store = Faxes(calls=[call("c1", 2, from_=OURS)], faxes=faxes)
    served = [serving("a", Machine, store)]
    told: dict[str, Any] = {}
    for name, document in QUESTIONS.items():
        found = await ask(served, document)
        told[name] = found.data if not found.errors else [each.message for each in found.errors]
    refused = await ask(served, QUESTIONS["list"], caller=READER)
    told["scope"] = [each.extensions for each in refused.errors or ()]
    told["export"] = root_field(served_schema()._schema, "faxes").time
    told["federation"] = KEYS["Fax"]
    told["replica"] = getattr(deserialize(serialize(faxes[1]), lambda number: None), "resolution", None) is FaxResolution.FINE
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(answers()), default=datetime.isoformat))
