"""Plot: CPU time by cell and contestant as bars of an SVG, readable on light and on dark pages."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from bench.race import Results
from bench.runs import MAIN, OURS, Run

CELLS = ("25", "100", "relation", "merged")
ROW, LABEL, BARS, NUMBER, GAP = 20, 310, 320, 60, 24
STYLE = """svg { background: #ffffff }
text { font: 12px system-ui, sans-serif; fill: #24292f }
.head { font-weight: 600; font-size: 14px }
.ours { fill: #0b7a55 } .peer { fill: #9aa5b1 }
@media (prefers-color-scheme: dark) { svg { background: #0d1117 }
text { fill: #e6edf3 } .ours { fill: #3fb68b } .peer { fill: #6e7781 } }"""


def plot(results: Results) -> str:
    """A block of bars for each cell, the shortest bar first; shorter is better."""
    parts, top = [], GAP // 2
    for run in (run for run in MAIN if run.name in CELLS):
        found = {name: each[run.name]["cpu"] for name, each in results.items() if run.name in each}
        if found:
            parts.append(_block(run, sorted(found.items(), key=lambda each: each[1]), top))
            top += ROW * (len(found) + 1) + GAP
    width = LABEL + BARS + NUMBER
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}" role="img">'
    return f"{head}\n<title>CPU time a query</title>\n<style>{STYLE}</style>\n" + "".join(parts) + "</svg>\n"


def _block(run: Run, bars: Sequence[tuple[str, float]], top: int) -> str:
    head = f'<text class="head" x="0" y="{top + 14}">{escape(run.title)}: CPU ms a query</text>\n'
    most = max(cpu for _, cpu in bars)
    return head + "".join(_bar(name, cpu, BARS * cpu / most, top + ROW * place) for place, (name, cpu) in enumerate(bars, start=1))


def _bar(name: str, cpu: float, length: float, top: int) -> str:
    label = f'<text x="{LABEL - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>'
    kind = "ours" if name.startswith(OURS) else "peer"
    bar = f'<rect class="{kind}" x="{LABEL}" y="{top + 3}" width="{max(length, 1):.1f}" height="{ROW - 6}" rx="2"/>'
    return f'{label}{bar}<text x="{LABEL + length + 6:.1f}" y="{top + 14}">{cpu:.2f}</text>\n'
