"""Commands: what is done, what is not and why, id by id; and nothing is sent that was not meant."""

from collections.abc import Iterator

import pytest

from tests.endtoend.conftest import Make
from tests.endtoend.ground_truth import expected
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import key, listed
from tests.endtoend.proofs import DELETE, ids
from tests.endtoend.proofs.portsip import CREATE, ONCE
from tests.endtoend.proofs.voipstudio import MOVE, UPDATE
from tests.endtoend.test_nodes import spelled
from tests.endtoend.world import Row, World

DELETE_RECORDINGS = DELETE % "deleteRecordings"


@pytest.fixture
def own(make: Make) -> World:
    """All providers, to be changed."""
    return make(records=40)


def recordings(world: World) -> dict[tuple[str, str], str]:
    return {key(node): node["id"] for node in listed(world, KINDS["Recording"])}


def test_one_wrong_id_among_fifty_leaves_forty_nine_done(make: Make) -> None:
    world = make(["voipstudio"], records=200)
    upstream = world.upstreams["voipstudio"]
    known = ids(world, upstream, "Recording")
    chosen = dict(list(known.items())[:49])
    wrong = spelled("Recording", "voipstudio", "123456789")
    wanted = [*chosen.values()]
    wanted.insert(20, wrong)
    answer = world.ask(DELETE_RECORDINGS, ids=wanted)["deleteRecordings"]
    assert answer == {
        "succeededIds": list(chosen.values()),
        "problems": [{"provider": {"name": "voipstudio"}, "code": "NOT_FOUND", "id": wrong}],
    }
    assert ids(world, upstream, "Recording") == {native: id for native, id in known.items() if native not in chosen}
    # The upstream refuses the whole for one: then each is asked for alone, and none twice with success.
    assert upstream.operations().count("DELETE /monitors/{ids}") == 51


def test_recordings_of_all_providers_are_deleted_at_once_and_nothing_else(own: World) -> None:
    known = recordings(own)
    chosen = {provider: next(each for each in known if each[0] == provider) for provider in ("portsip", "voipstudio", "voximplant")}
    calls = [truth.key for truth in expected(own, "Call")]
    answer = own.ask(DELETE_RECORDINGS, ids=[known[each] for each in chosen.values()])["deleteRecordings"]
    assert sorted(answer["succeededIds"]) == sorted(known[each] for each in chosen.values())
    assert answer["problems"] == []
    left = [each for each in known if each not in chosen.values()]
    assert list(recordings(own)) == left == [truth.key for truth in expected(own, "Recording")]
    assert [key(node) for node in listed(own, KINDS["Call"])] == calls
    hanging = {(provider, each["nativeId"]) for provider, each in _hanging(own)}
    assert hanging.isdisjoint(chosen.values())


def _hanging(world: World) -> Iterator[tuple[str, Row]]:
    """The recordings that hang on calls and sessions."""
    for kind in ("Call", "Session"):
        for node in listed(world, KINDS[kind], fields="recordings { nativeId }"):
            yield from ((node["provider"]["name"], each) for each in node["recordings"] or ())


@pytest.mark.parametrize("provider", ["portsip", "voipstudio", "voximplant"])
def test_deleting_twice_is_told_as_not_found(own: World, provider: str) -> None:
    known = ids(own, own.upstreams[provider], "Recording")
    id = next(iter(known.values()))
    assert own.ask(DELETE_RECORDINGS, ids=[id, id])["deleteRecordings"] == {"succeededIds": [id], "problems": []}
    again = own.ask(DELETE_RECORDINGS, ids=[id])["deleteRecordings"]
    assert again == {"succeededIds": [], "problems": [{"provider": {"name": provider}, "code": "NOT_FOUND", "id": id}]}


def test_ids_that_cannot_be_are_problems_and_the_rest_is_done(own: World) -> None:
    known, call = recordings(own), listed(own, KINDS["Call"])[0]["id"]
    good = next(id for (provider, _), id in known.items() if provider == "portsip")
    wrong = ["nonsense", call, spelled("Recording", "elsewhere", "1"), spelled("Recording", "boxis", "1")]
    answer = own.ask(DELETE_RECORDINGS, ids=[*wrong, good])["deleteRecordings"]
    assert answer["succeededIds"] == [good]
    assert {each["id"] for each in answer["problems"]} == set(wrong)
    assert {each["id"]: each["code"] for each in answer["problems"]}[wrong[3]] == "UNSUPPORTED"
    assert len(expected(own, "Recording")) == len(known) - 1


@pytest.mark.parametrize("confirm", ["", "yes", "Voipstudio", "voipstudio ", "boxis"])
@pytest.mark.parametrize("kind", ["CALLS", "RECORDINGS", "VOICEMESSAGES", "CHAT_MESSAGES", "STATEMENTS"])
def test_delete_all_without_the_right_confirmation_sends_nothing(still: World, kind: str, confirm: str) -> None:
    given = f'provider: "voipstudio", kind: {kind}, confirm: $confirm'
    document = f"mutation ($confirm: String!) {{ deleteAll(input: {{{given}}}) {{ problems {{ code }} }} }}"
    error = still.refused(document, confirm=confirm)
    assert (error["extensions"]["code"], error["path"]) == ("BAD_USER_INPUT", ["deleteAll"])
    assert [name for name, upstream in still.upstreams.items() if upstream.journal()] == []


def test_more_than_500_ids_send_nothing(still: World) -> None:
    error = still.refused(DELETE_RECORDINGS, ids=[spelled("Recording", "voipstudio", str(number)) for number in range(501)])
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert [name for name, upstream in still.upstreams.items() if upstream.journal()] == []


def test_a_command_is_never_repeated_when_an_upstream_fails(own: World) -> None:
    upstream = own.upstreams["voipstudio"]
    known = ids(own, upstream, "Recording")
    upstream.forget()
    upstream.misbehave(mode="status", status=503)
    answer = own.ask(DELETE_RECORDINGS, ids=list(known.values())[:3])["deleteRecordings"]
    assert answer["succeededIds"] == []
    assert {(each["provider"]["name"], each["code"]) for each in answer["problems"]} == {("voipstudio", "UNAVAILABLE")}
    assert upstream.operations() == ["DELETE /monitors/{ids}"]
    upstream.behave()
    assert ids(own, upstream, "Recording") == known


def test_what_an_upstream_refuses_to_change_stays(own: World) -> None:
    upstream = own.upstreams["voipstudio"]
    before, known = upstream.rows("calls"), ids(own, upstream, "Call")
    good, bad = list(known)[2:4]
    changes = [{"id": known[good], "info": "new"}, {"id": known[bad], "native": {"duration": 1}}]
    answer = own.ask(UPDATE, changes=changes)["updateCalls"]
    assert answer["succeededIds"] == [known[good]]
    assert [(each["code"], each["id"]) for each in answer["problems"]] == [("BAD_INPUT", known[bad])]
    assert upstream.rows("calls") == [row | ({"info": "new"} if str(row["id"]) == good else {}) for row in before]


def test_voicemessages_move_with_one_wrong_among_them(own: World) -> None:
    upstream = own.upstreams["voipstudio"]
    known = ids(own, upstream, "Voicemessage")
    first, second = list(known)[:2]
    wrong = spelled("Voicemessage", "voipstudio", "99999999")
    answer = own.ask(MOVE, ids=[known[first], wrong, known[second]], folder="7")["moveVoicemessages"]
    assert answer["succeededIds"] == [known[first], known[second]]
    assert answer["problems"] == [{"code": "NOT_FOUND", "id": wrong}]
    moved = {str(row["id"]) for row in upstream.rows("voicemessages") if row["folder"] in ("7", 7)}
    assert moved == {first, second}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"type": "UNHEARD_OF"}, "at .type"),
        ({"format": "PDF"}, "at .format"),
        ({"range": "CUSTOM"}, "`from`"),
        ({"email": "nobody"}, "`email`"),
        ({"cron": "every day"}, "`cron`"),
        ({"type": "CALLS", "calls": {"from": {"kind": "NUMBER"}}}, "`calls.from.value`"),
    ],
)
def test_a_report_schedule_that_cannot_be_is_refused_before_it_is_sent(still: World, given: Row, named: str) -> None:
    error = still.refused(CREATE, input={"provider": "portsip", **ONCE, **given})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert named in error["message"]
    assert still.upstreams["portsip"].journal() == []


def test_a_report_of_a_kind_that_is_not_made_is_refused(still: World) -> None:
    document = 'mutation { requestReport(input: {provider: "voximplant", kind: QUEUES}) { report { id } problems { code } } }'
    assert still.ask(document)["requestReport"] == {"report": None, "problems": [{"code": "UNSUPPORTED"}]}
    assert still.upstreams["voximplant"].journal() == []


def test_a_report_filter_cannot_carry_credentials_or_change_the_answer(still: World) -> None:
    document = """mutation ($native: JSON) {
      requestReport(input: {provider: "voximplant", kind: CALLS, filter: {native: $native}}) { report { id } problems { code } } }"""
    for native in ({"account_id": "2"}, {"output": "json"}, {"cmd": "DeleteRecord"}, {"is_async": "false"}, {"count": "1"}):
        body = still.post(document, native=native)
        codes = [each["extensions"]["code"] for each in body.get("errors", ())]
        codes += [each["code"] for each in ((body["data"] or {}).get("requestReport") or {}).get("problems", ())]
        assert codes in (["UNSUPPORTED"], ["BAD_USER_INPUT"])
    assert still.upstreams["voximplant"].journal() == []
