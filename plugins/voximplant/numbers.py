"""Numbers: the spellings of a number by which the upstream finds it. It compares whole texts, and writes numbers without "+"."""

from collections.abc import Iterable
from typing import Any

from telegraphql.plugin import Numbering, digits, national

# Digits before a national number, by which countries begin it.
TRUNK_PREFIXES = ("", "0", "1", "8")
MAX_SPELLINGS = 1000


def spellings(number: str, numbering: Numbering) -> set[str]:
    """Return the texts that are equal to a number: those of the same E.164 form, or the text and its digits where that is not certain."""
    certain = numbering.e164(number)
    if certain is None:
        text = number.strip()
        return {text, text.casefold(), digits(text)} - {""}
    bare, own = digits(certain), national(certain)
    possible = {bare, f"00{bare}", *(prefix + own for prefix in TRUNK_PREFIXES)}
    return {bare, *(each for each in possible if numbering.e164(each) == certain)}


def number_list(wanted: Any, numbering: Numbering) -> str | None:
    """Return the numbers of a filter as the upstream takes them; None where it cannot be told all of them."""
    equals: Iterable[str] | None = getattr(wanted, "equals", None) or None
    if equals is None:
        return None
    found = sorted({each for number in equals for each in spellings(number, numbering)})
    if not found or len(found) > MAX_SPELLINGS or any(";" in each for each in found):
        return None
    return ";".join(found)
