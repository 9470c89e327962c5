"""Report: the medians as a Markdown table and as a plot."""

from collections.abc import Sequence
from typing import Any

from bench.queries import Cell

Results = dict[str, dict[str, dict[str, Any]]]
COLOURS = ("#0b6e4f", "#9aa5b1")
ROW, LABEL, WIDTH = 22, 230, 420


def table(results: Results, cells: Sequence[Cell]) -> str:
    """CPU milliseconds a request, in brackets requests a second; below, latencies, upstream requests, memory and start."""
    head = "| CPU ms a request (requests a second) | " + " | ".join(f"{cell.title}, {cell.connections} conn." for cell in cells) + " |"
    lines = [head, "|---|" + "--:|" * len(cells)]
    for name, found in results.items():
        shown = (
            f"{found[cell.name]['cpu']:.2f} ({found[cell.name]['per_second']:,.0f})" if cell.name in found else "cannot" for cell in cells
        )
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    lines += [
        "",
        "| | p50 ms | p99 ms | upstream requests a query | memory MiB | first answer after s | errors |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [_line(name, found) for name, found in results.items()]
    return "\n".join(lines) + "\n"


def _line(name: str, found: dict[str, dict[str, Any]]) -> str:
    cell = found.get("100") or next(iter(found.values()))
    errors = sum(each["errors"] for each in found.values())
    memory = max(each["memory"] for each in found.values())
    return f"| {name} | {cell['p50']:.1f} | {cell['p99']:.1f} | {cell['upstream']:.2f} | {memory:.0f} | {cell['cold']:.1f} | {errors} |"


def plain(results: Results) -> Results:
    """The numbers, rounded to what they are worth."""
    return {
        name: {cell: {key: round(value, 3) for key, value in each.items()} for cell, each in found.items()}
        for name, found in results.items()
    }


def plot(results: Results, cells: Sequence[Cell]) -> str:
    """Bars of CPU time by cell, as SVG; shorter is better."""
    parts, top = [], 10
    for cell in cells:
        found = {name: each[cell.name]["cpu"] for name, each in results.items() if cell.name in each}
        parts.append(f'<text x="10" y="{top + 14}" font-weight="bold">{cell.title}: CPU ms a request</text>')
        top += ROW
        most = max(found.values())
        for name, cpu in sorted(found.items(), key=lambda each: each[1]):
            parts.append(_bar(name, cpu, most, top))
            top += ROW
        top += ROW // 2
    style = "font-family: system-ui, sans-serif; font-size: 13px"
    size = f'width="{LABEL + WIDTH + 80}" height="{top}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{style}">' + "".join(parts) + "</svg>\n"


def _bar(name: str, cpu: float, most: float, top: int) -> str:
    width = max(1.0, WIDTH * cpu / most)
    colour = COLOURS[0] if name.startswith("TelegraphQL") else COLOURS[1]
    label = f'<text x="{LABEL - 8}" y="{top + 14}" text-anchor="end">{name}</text>'
    bar = f'<rect x="{LABEL}" y="{top + 2}" width="{width:.1f}" height="{ROW - 6}" fill="{colour}"/>'
    return label + bar + f'<text x="{LABEL + width + 6:.1f}" y="{top + 14}">{cpu:.2f}</text>'
