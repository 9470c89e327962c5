"""Proofs for Boxis: getCDR with and without dates, as JSON and as XML, refused, and with a clock that is wrong."""

from datetime import datetime

from tests.endtoend.ground_truth.boxis import wall
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import keys, listed
from tests.endtoend.proofs import Proof, asking, lists, truth
from tests.endtoend.world import Upstream, World
from tests.support.clock import DAY, ago, between

SINCE, UNTIL = ago(days=15), ago(days=5)


def with_dates(world: World, upstream: Upstream) -> None:
    filter = {"providers": [upstream.name], "startedAt": between(SINCE, UNTIL)}
    with asking(upstream, "getCDR", returntype="json", tenant="VOICE-12001-1"):
        found = keys(listed(world, KINDS["Call"], filter))
    assert found == [
        each.key for each in truth(world, upstream, "Call") if SINCE <= datetime.fromisoformat(each.shown["startedAt"]) < UNTIL
    ]
    assert found
    for entry in upstream.journal():
        first, last = (wall(entry["parameters"][name], lambda moment: moment) for name in ("datefrom", "dateto"))
        assert first is not None
        assert last is not None
        assert SINCE - DAY <= first <= last <= UNTIL + DAY


PROOFS: dict[str, list[Proof]] = {"getCDR": [lists("Call", "getCDR", returntype="json"), Proof("with dates", with_dates)]}
