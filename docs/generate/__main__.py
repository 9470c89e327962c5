"""Update the generated sections of all pages: `python -m docs.generate`."""

from docs.generate.markers import replaced
from docs.generate.sections import pages, sections


def main() -> None:
    """Rewrite every page whose generated sections have changed."""
    generators = sections()
    for page in pages():
        text = page.read_text("utf-8")
        updated = replaced(text, generators)
        if updated != text:
            page.write_text(updated, "utf-8")
            print(f"{page.name}: updated")


main()
