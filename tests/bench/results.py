"""Results: figures as a race gives them, round ones."""

from bench.race import FIGURES, Results
from bench.runs import BY_HAND, ORDINARY, OURS


def figures(cpu: float, **more: float) -> dict[str, float]:
    found = dict.fromkeys(FIGURES, 1.0) | {"errors": 0.0, "cold": 0.5, "cpu": cpu, "per_second": 1000 / cpu}
    return found | more


def results() -> Results:
    return {
        OURS: {
            "25": figures(0.5),
            "100": figures(1.0, p50=4.0, p99=9.0, memory=100.0),
            "late-one": figures(1.0, p50=52.0, p99=57.0),
            "crowd": figures(1.0, p99=600.0),
        },
        ORDINARY: {"25": figures(6.0), "100": figures(19.9, memory=70.0), "crowd": figures(20.0, p99=9000.0)},
        BY_HAND: {"25": figures(0.35), "100": figures(1.0), "crowd": figures(1.0, p99=200.0, errors=3.0)},
    }
