"""Writes the parts that are made from the code anew: `python -m docs.making`."""

from docs.making.marks import replaced
from docs.making.parts import pages, parts


def main() -> None:
    """Every page, where something has changed."""
    known = parts()
    for page in pages():
        text = page.read_text("utf-8")
        made = replaced(text, known)
        if made != text:
            page.write_text(made, "utf-8")
            print(f"{page.name}: made anew")


main()
