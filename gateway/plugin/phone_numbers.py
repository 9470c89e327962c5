"""Numbers: when a telephone number is certain in E.164, and how numbers are compared."""

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

SHORTEST = 7


class Numbering:
    """How one provider writes numbers: its region, and whether digits alone are an international number."""

    def __init__(self, region: str | None = None, bare_is_international: bool = False) -> None:
        self.region = region
        self.bare_is_international = bare_is_international
        self.e164 = lru_cache(maxsize=16384)(self._e164)

    def _e164(self, number: str) -> str | None:
        """The number in E.164 where it is certain, else None."""
        bare = digits(number)
        if len(bare) < SHORTEST or any(letter.isalpha() for letter in number):
            return None
        if number.lstrip().startswith("+"):
            return _valid("+" + bare, None)
        if bare.startswith("00"):
            return _valid("+" + bare[2:], None)
        if self.bare_is_international and not bare.startswith("0"):
            return _valid("+" + bare, None)
        return _valid(bare, self.region) if self.region else None


def _valid(number: str, region: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        return None
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(parsed) else None


@lru_cache(maxsize=16384)
def digits(number: str) -> str:
    """The decimal digits of a number."""
    return "".join(letter for letter in number if letter in "0123456789")


@lru_cache(maxsize=1024)
def national(number: str) -> str:
    """The digits that every way of writing this number ends with: without country code, trunk prefix and signs.

    For a filter an upstream applies as "contains": all spellings of the number hold them."""
    certain = _valid("+" + digits(number), None) if number.lstrip().startswith("+") else None
    if certain is None and digits(number).startswith("00"):
        certain = _valid("+" + digits(number)[2:], None)
    if certain is None:
        return digits(number).lstrip("0")
    return phonenumbers.national_significant_number(phonenumbers.parse(certain))
