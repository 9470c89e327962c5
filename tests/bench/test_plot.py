"""Plot: an SVG with a bar for each contestant, as long as what it took, readable on light and on dark pages."""

from xml.etree import ElementTree

from bench.plot import BARS, plot
from tests.bench.results import figures, results

SVG = "{http://www.w3.org/2000/svg}"


def bars() -> list[tuple[str, str, float]]:
    found = list(ElementTree.fromstring(plot(results())))
    texts = [each.text or "" for each in found if each.tag == f"{SVG}text" and each.get("text-anchor") == "end"]
    rectangles = [each for each in found if each.tag == f"{SVG}rect"]
    return [(name, each.get("class", ""), float(each.get("width", ""))) for name, each in zip(texts, rectangles, strict=True)]


def test_the_bars_of_a_cell_are_as_long_as_their_time_the_shortest_first() -> None:
    assert bars()[:3] == [
        ("Starlette by hand + aiohttp", "peer", round(BARS * 0.35 / 6, 1)),
        ("TelegraphQL", "ours", round(BARS * 0.5 / 6, 1)),
        ("Strawberry + httpx, ordinary", "peer", float(BARS)),
    ]


def test_only_cells_that_were_measured_have_bars() -> None:
    assert len(bars()) == 6


def test_names_are_escaped() -> None:
    assert "<b>" not in plot({"a <b>": {"25": figures(1.0)}})


def test_the_plot_has_colours_for_dark_pages() -> None:
    assert "@media (prefers-color-scheme: dark)" in plot(results())
