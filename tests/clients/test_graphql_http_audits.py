"""The public audits of GraphQL over HTTP: every one of them is passed, there is no list of exceptions."""

from collections import Counter

from tests.clients.gateway_servers import engine, gateway
from tests.clients.node import said

AUDITS = 61


async def test_all_audits_of_graphql_over_http_are_passed() -> None:
    with gateway(engine()) as url:
        results = await said("audits.mjs", url)
    counted = Counter(result["status"] for result in results)
    print(f"graphql-http: {counted['ok']} of {len(results)} audits ok")
    assert [result for result in results if result["status"] != "ok"] == []
    assert counted == {"ok": AUDITS}
