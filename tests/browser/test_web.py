"""The example frontend in a real browser, at another origin than its gateway's: what a person sees is what the API says."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize, WebSocketRoute, expect

from telegraphql.gateway.auth.api_keys import hash_key, new_key
from telegraphql.gateway.http.thread_server import serve_in_thread
from tests.browser.chromium import Complaints
from tests.browser.frontend_page import DIST, ROOT, Frontend, House, Visit
from tests.endtoend.world import Row, simulate, world

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AXE = ROOT / "tests/clients/node_modules/axe-core/axe.min.js"
VIOLATIONS = "async () => (await axe.run()).violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])"
ZONE = "Asia/Kathmandu"  # no browser of ours is there by chance, and it is not whole hours from UTC
DESK = ViewportSize(width=1100, height=900)
PHONE = ViewportSize(width=375, height=812)
PAGE = 25
# One attempt and no breaker: each question meets the upstream as it is now.
BARE = {"max_attempts": 1, "breaker_failures": 100_000}
ONE = "query ($id: ID!) { node(id: $id) { ... on Call { ringSeconds talkSeconds } } }"
DETAILS = """() => [...document.querySelectorAll(".details dt")].map((name) => [name.innerText, name.nextSibling.innerText])"""
REFUSED = "error: Failed to load resource: the server responded with a status of 401 (Unauthorized)"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    assert (DIST / "index.html").is_file(), "run `make test`, which builds it"
    key, frontend = new_key(), Frontend()
    with serve_in_thread(frontend.app) as frontend.address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TELEGRAPHQL_SERVER__CORS_ORIGINS", json.dumps([frontend.address]))
        patch.setenv("TELEGRAPHQL_SUBSCRIPTIONS__POLL_INTERVAL", "200ms")
        patch.setenv("TELEGRAPHQL_CALLERS__KEYS", json.dumps({"desk": {"hash": hash_key(key), "scopes": ["read", "media"]}}))
        patch.setenv("TELEGRAPHQL_CALLERS__ANONYMOUS", json.dumps(["read", "media"]))
        with world(simulate(records=20, now=None), tmp_path_factory.mktemp("web"), BARE) as made:
            frontend.gateway = made.url
            yield House(frontend, made, key)


@pytest_asyncio.fixture(loop_scope="session")
async def visit(house: House, browser: Browser) -> AsyncIterator[Visit]:
    context = await browser.new_context(viewport=DESK, locale="en-GB", timezone_id=ZONE)
    complaints = Complaints(house.frontend.address, house.world.url)
    made = Visit(await context.new_page(), complaints)
    complaints.watch(made.page)
    made.page.on("response", lambda answer: made.files.append(answer) if "/media/" in answer.url else None)
    await made.page.goto(house.frontend.address)
    await made.loaded(PAGE)
    yield made
    await context.close()
    house.world.behave()
    assert complaints == []


async def test_the_first_page_reads_as_the_api_says(house: House, visit: Visit) -> None:
    calls = house.calls()[:PAGE]
    assert await visit.shown() == [call["id"] for call in calls]
    local = [datetime.fromisoformat(call["startedAt"]).astimezone(ZoneInfo(ZONE)).strftime("%H:%M") for call in calls]
    assert await visit.rows.locator("time").all_inner_texts() == local
    await expect(visit.page.locator(".notice")).to_have_count(0)


async def test_scrolling_loads_everything_once_and_in_order(house: House, visit: Visit) -> None:
    calls = house.calls()
    assert len(calls) > 3 * PAGE
    assert await visit.to_the_end() == [call["id"] for call in calls]


async def test_more_is_loaded_without_a_mouse(house: House, visit: Visit) -> None:
    await visit.page.get_by_role("button", name="More").press("Enter")
    assert await visit.loaded(2 * PAGE) == [call["id"] for call in house.calls()[: 2 * PAGE]]


async def test_a_number_is_found_whole_or_in_part(house: House, visit: Visit) -> None:
    number = next(call["from"]["number"] for call in house.calls() if (call["from"]["number"] or "").startswith("00"))
    for typed, meant in [(number, {"equals": [number]}), (number[-6:], {"contains": number[-6:]})]:
        await visit.page.get_by_label("Number").fill(typed)
        await visit.page.get_by_role("button", name="Search").click()
        expected = [call["id"] for call in house.calls(number=meant)]
        assert 0 < len(expected) < PAGE
        assert await visit.loaded(len(expected)) == expected
    await visit.page.get_by_role("button", name="Clear").click()
    await visit.loaded(PAGE)


async def test_filters_stand_in_the_address_and_the_browser_goes_back_to_others(house: House, visit: Visit) -> None:
    number = next(call["from"]["number"] for call in house.calls() if (call["from"]["number"] or "").startswith("00"))
    await visit.page.get_by_label("Number").fill(number)
    await visit.page.get_by_role("button", name="Search").click()
    expected = [call["id"] for call in house.calls(number={"equals": [number]})]
    assert await visit.loaded(len(expected)) == expected
    assert visit.page.url == f"{house.frontend.address}/?number={number}"
    await visit.page.reload()
    assert await visit.loaded(len(expected)) == expected
    await expect(visit.page.get_by_label("Number")).to_have_value(number)
    await visit.page.go_back()
    await visit.loaded(PAGE)
    await expect(visit.page.get_by_label("Number")).to_have_value("")


async def test_a_call_has_an_address_of_its_own_and_the_browser_goes_back_to_the_filtered_list(house: House, visit: Visit) -> None:
    number = next(call["from"]["number"] for call in house.calls() if (call["from"]["number"] or "").startswith("00"))
    await visit.page.get_by_label("Number").fill(number)
    await visit.page.get_by_role("button", name="Search").click()
    expected = [call["id"] for call in house.calls(number={"equals": [number]})]
    assert await visit.loaded(len(expected)) == expected
    await visit.rows.get_by_role("link").first.click()
    assert visit.page.url == f"{house.frontend.address}/?number={number}#/calls/{expected[0]}"
    call = house.world.ask(ONE, id=expected[0])["node"]
    lengths = [(name, call[key]) for name, key in (("Rang for", "ringSeconds"), ("Talked for", "talkSeconds"))]
    for _ in range(2):
        await expect(visit.page.locator(".call:visible")).to_have_attribute("data-id", expected[0])
        shown = dict(await visit.page.evaluate(DETAILS))
        assert [shown.get(name) for name, _ in lengths] == [each if each is None else f"{each // 60}:{each % 60:02}" for _, each in lengths]
        await visit.page.reload()
    await expect(visit.page.locator(".details")).to_be_visible()
    await visit.page.add_script_tag(path=AXE)
    assert await visit.page.evaluate(VIOLATIONS) == []
    await visit.picture("call")
    await visit.page.go_back()
    await expect(visit.page.locator(".call:visible")).to_have_count(len(expected))
    assert await visit.loaded(len(expected)) == expected
    await expect(visit.page.get_by_label("Number")).to_have_value(number)


async def test_back_from_a_call_the_list_stands_where_it_was_and_asks_nothing(house: House, visit: Visit) -> None:
    calls = await visit.to_the_end()
    await visit.rows.get_by_role("link").last.click()
    await expect(visit.page.locator(".details")).to_be_visible()
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    await visit.page.go_back()
    await expect(visit.rows.last).to_be_in_viewport()
    assert (await visit.loaded(len(calls)), asked) == (calls, [])


async def test_a_call_that_is_not_there_is_told(house: House, visit: Visit) -> None:
    nobody = base64.urlsafe_b64encode(b"Call:voipstudio:999999999").decode().rstrip("=")
    await visit.page.goto(f"{house.frontend.address}/#/calls/{nobody}")
    await expect(visit.page.get_by_role("status")).to_have_text("There is no such call.")
    await visit.page.get_by_role("link", name="All calls").click()
    await expect(visit.page.locator(".call:visible")).to_have_count(PAGE)


async def test_a_range_of_time_is_meant_in_the_visitors_zone(house: House, visit: Visit) -> None:
    moments = [datetime.fromisoformat(call["startedAt"]) for call in house.calls()]
    first, last = (moment.replace(second=0, microsecond=0) for moment in (moments[20], moments[5]))
    for label, moment in (("From", first), ("To", last)):
        await visit.page.get_by_label(label).fill(moment.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%dT%H:%M"))
    await visit.page.get_by_role("button", name="Search").press("Enter")
    expected = [call["id"] for call in house.calls(startedAt={"since": first.isoformat(), "until": last.isoformat()})]
    assert 5 < len(expected) < PAGE
    assert await visit.loaded(len(expected)) == expected


async def test_a_recording_plays_and_comes_in_parts(visit: Visit) -> None:
    await visit.to_the_end()
    await visit.page.get_by_role("button", name="Play the recording of").first.click()
    player = visit.page.locator("audio")
    await expect(player).to_be_focused()
    await player.evaluate("audio => new Promise((played) => audio.addEventListener('timeupdate', () => audio.currentTime > 0 && played()))")
    assert {answer.status for answer in visit.files} == {206}
    await visit.page.get_by_role("button", name="Play the recording of").first.click()
    await expect(player).to_have_count(1)
    await visit.picture("player")


async def test_a_banner_names_who_is_missing_until_trying_again_helps(house: House, visit: Visit) -> None:
    calls, sick = house.calls(), house.world.upstreams["voipstudio"]
    sick.misbehave(mode="status", status=503)
    await visit.page.reload()
    await visit.loaded(PAGE)
    banner = visit.page.get_by_role("alert")
    await expect(banner).to_contain_text("voipstudio")
    others = [call["id"] for call in house.calls(providers=["boxis", "portsip", "voximplant"])]
    assert await visit.to_the_end() == others
    await visit.page.evaluate("scrollTo(0, 0)")
    await visit.picture("missing")
    sick.behave()
    await banner.get_by_role("button", name="Try again").click()
    await expect(banner).to_have_count(0)
    assert await visit.to_the_end() == [call["id"] for call in calls]


async def test_when_nobody_answers_the_page_says_so_and_tries_again(house: House, visit: Visit) -> None:
    for upstream in house.world.upstreams.values():
        upstream.misbehave(mode="status", status=503)
    await visit.page.reload()
    banner = visit.page.get_by_role("alert")
    await expect(banner).to_contain_text("boxis")
    house.world.behave()
    await banner.get_by_role("button", name="Try again").click()
    await visit.loaded(PAGE)
    await expect(banner).to_have_count(0)


async def test_a_call_that_ends_appears_on_top_once(house: House, visit: Visit) -> None:
    before = await visit.shown()
    await expect(visit.page.get_by_text("Live", exact=True)).to_be_visible()
    house.world.upstreams["voipstudio"].add("calls")
    await expect(visit.page.get_by_role("heading", name="Just ended")).to_be_visible()
    shown = await visit.loaded(PAGE + 1)
    assert shown[1:] == before
    assert shown[0] in {call["id"] for call in house.calls(providers=["voipstudio"])}
    await visit.picture("live")
    assert sorted(await visit.to_the_end()) == sorted(call["id"] for call in house.calls())


async def test_after_a_lost_connection_it_goes_on_from_the_last_event(house: House, visit: Visit) -> None:
    sockets: list[WebSocketRoute] = []
    asked: list[Row] = []

    def pass_on(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        sockets.append(socket)

        def on_message(text: str | bytes) -> None:
            asked.append(json.loads(text))
            server.send(text)

        socket.on_message(on_message)

    await visit.page.route_web_socket(f"{house.world.url.replace('http', 'ws')}/graphql", pass_on)
    await visit.page.reload()
    await expect(visit.page.get_by_text("Live", exact=True)).to_be_visible()
    house.world.upstreams["voipstudio"].add("calls")
    await visit.loaded(PAGE + 1)
    await sockets[0].close(code=1012)
    house.world.upstreams["portsip"].add("calls")
    await visit.loaded(PAGE + 2)
    first, again = [message["payload"]["variables"] for message in asked if message["type"] == "subscribe"]
    assert (sorted(first), sorted(again), again["since"]) == (["filter", "since"], ["after", "filter", "since"], None)


async def test_a_gateway_that_is_not_open_asks_for_a_key(house: House, visit: Visit) -> None:
    who = {"errors": [{"message": "who are you?", "extensions": {"code": "UNAUTHENTICATED"}}]}
    await visit.page.route("**/graphql", lambda route: route.fulfill(status=401, json=who, headers={"access-control-allow-origin": "*"}))
    await visit.page.reload()
    await expect(visit.page.get_by_role("alert")).to_have_text("This gateway asks who you are: enter your API key above.")
    await expect(visit.page.get_by_label("API key")).to_be_focused()
    assert visit.complaints == [REFUSED]
    visit.complaints.clear()


async def test_a_wrong_key_is_told_and_a_right_one_is_kept_for_this_tab_only(house: House, visit: Visit) -> None:
    await visit.page.get_by_text("API key").first.click()
    field = visit.page.get_by_label("API key")
    await field.fill("tgq_wrong")
    await field.press("Enter")
    await expect(visit.page.get_by_role("alert")).to_contain_text("the API key or token is unknown, revoked or expired")
    await expect(field).to_be_focused()
    assert visit.complaints == [REFUSED]
    visit.complaints.clear()
    await visit.picture("wrong-key")
    await field.fill(house.key)
    await field.press("Enter")
    await visit.loaded(PAGE)
    assert await visit.page.evaluate("[Object.values(sessionStorage), Object.values(localStorage)]") == [[house.key], []]
    async with visit.page.expect_request("**/graphql") as asked:
        await visit.page.reload()
    assert (await asked.value).headers["authorization"] == f"Bearer {house.key}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_and_everybody_can_use_it(house: House, visit: Visit, scheme: Literal["light", "dark"]) -> None:
    await visit.page.emulate_media(color_scheme=scheme)
    for size in (DESK, PHONE):
        await visit.page.set_viewport_size(size)
        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        await visit.picture(f"{scheme}-{size['width']}")
    # Everything there is to see at once: what is missing, a player, the field of the key.
    house.world.upstreams["portsip"].misbehave(mode="status", status=503)
    await visit.page.reload()
    await visit.to_the_end()
    await visit.page.get_by_text("API key").first.click()
    await visit.page.get_by_role("button", name="Play the recording of").first.click()
    await expect(visit.page.locator("audio")).to_have_count(1)
    await visit.page.add_script_tag(path=AXE)
    assert await visit.page.evaluate(VIOLATIONS) == []
