"""Bench: `python -m bench` measures all contestants in all runs, and writes the tables and the plot."""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import contestants, documents, plot, ports, report, upstream
from bench.contestants import Contestant, Place
from bench.load import Load
from bench.race import Race, Results
from bench.runs import OURS, RUNS, Run
from bench.upstream import Upstream

HERE = Path(__file__).parent
ROOT = HERE.parent


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round; no page is changed")
    parser.add_argument("--rounds", type=int, default=3, help="medians are over so many")
    parser.add_argument("--seconds", type=float, default=1.0, help="of one run")
    parser.add_argument("--runs", nargs="+", choices=[run.name for run in RUNS], metavar="RUN", help="only these; no page is changed")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="contestants whose names begin so, and TelegraphQL; no page is changed")
    parser.add_argument("--into", type=Path, default=ROOT / "artifacts/bench", help="a folder for table.md, cpu.svg and results.json")
    options = parser.parse_args()
    for name in ("rounds", "seconds"):
        if getattr(options, name) <= 0:
            parser.error(f"--{name} is {getattr(options, name)}; it must be more than 0")
    if options.quick:
        options.rounds, options.seconds = 1, 0.6
    return options


async def main() -> None:
    """One run of the bench."""
    options = _options()
    ports.check()
    chosen = [run for run in RUNS if options.runs is None or run.name in options.runs]
    results = await _raced(chosen, options)
    told = report.full(results, chosen, documents.circumstances(options.rounds, options.seconds))
    print(told)
    options.into.mkdir(parents=True, exist_ok=True)
    (options.into / "table.md").write_text(told)
    (options.into / "cpu.svg").write_text(plot.plot(results))
    (options.into / "results.json").write_text(json.dumps(results, indent=1))
    if not (options.quick or options.runs or options.only):
        documents.put(HERE / "README.md", told)
        documents.put(ROOT / "README.md", report.short(results))
        documents.put(ROOT / "docs/operate.md", report.operated(results))
        (HERE / "cpu.svg").write_text(plot.plot(results))


async def _raced(chosen: Sequence[Run], options: argparse.Namespace) -> Results:
    with tempfile.TemporaryDirectory(prefix="telegraphql-bench-") as name:
        os.chmod(name, 0o755)  # nginx's worker is another user
        folder = Path(name)
        async with upstream.serving(folder) as source:
            race = Race(Load(folder, options.seconds))
            lots = [_lot(folder, source, [run for run in chosen if run.slow is slow], options.only) for slow in (False, True)]
            for _ in range(options.rounds):
                for racing, asked in lots:
                    await race.turn(racing, asked)
    return race.results()


def _lot(folder: Path, source: Upstream, asked: Sequence[Run], only: Sequence[str] | None) -> tuple[list[Contestant], Sequence[Run]]:
    """Who takes part in runs over the same upstream."""

    def takes_part(name: str) -> bool:
        chosen = only is None or name == OURS or name.startswith(tuple(only))
        return chosen and any(run.of is None or name in run.of for run in asked)

    if not asked:
        return [], asked
    origin = source.origin + (source.slow if asked[0].slow else "")
    return contestants.made(Place(folder, origin), takes_part), asked


if __name__ == "__main__":
    asyncio.run(main())
