"""Read telephone numbers: which are certain in E.164, which are withheld, which are the same."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

SHORTEST = 7
BLANK = r"0-9 \t\u00a0\u202f()\-/"
# One dot may be a separator; several are an IP address, or cannot be told from one.
PLAIN = re.compile(rf"\s*\+?[{BLANK}]*(?:\.[{BLANK}]*)?\s*")
# RFC 3261 and RFC 3966; a parameter after the user part (";ext=7") makes it another number.
ADDRESS = re.compile(r"\s*<?(?:sips?:([^@;?>]*)@[^>]*|tel:([^;?>]*))>?\s*", re.IGNORECASE)
# The words of RFC 3323 and of live accounts, in English, German, French, Italian and Spanish.
WITHHELD_WORDS = """
    anonymous, private, private number, unknown, unknown number, unavailable, restricted, withheld, number withheld, blocked, no caller id,
    anonym, anonymer anruf, privat, privatnummer, unbekannt, unterdrückt, nummer unterdrückt, nicht verfügbar,
    anonyme, privé, numéro privé, inconnu, masqué, numéro masqué, appel masqué, indisponible,
    anonimo, privato, numero privato, sconosciuto, nascosto, numero nascosto, riservato, non disponibile,
    anónimo, privado, número privado, desconocido, oculto, número oculto, restringido, no disponible
"""
WITHHELD = frozenset(word.strip() for word in WITHHELD_WORDS.split(","))


class Numbering:
    """Knows how one provider writes numbers.

    Attributes:
        region: the ISO 3166 country whose national numbers the provider writes, or None.
        bare_is_international: True if digits without "+" or "00" begin with a country code. A number that is valid in `region` wins.
    """

    def __init__(self, region: str | None = None, bare_is_international: bool = False) -> None:
        self.region = region
        self.bare_is_international = bare_is_international
        self.e164 = lru_cache(maxsize=16384)(self._e164)

    def _e164(self, number: str) -> str | None:
        """Return the number in E.164, such as "+41616925879", or None where it is not certain."""
        plain = dialable(number)
        if plain is None:
            return None
        bare = digits(plain)
        if len(bare) < SHORTEST:
            return None
        if plain.startswith("+"):
            return _valid(plain, None)
        if bare.startswith("00"):
            return _valid("+" + bare[2:], None)
        national_form = _valid(bare, self.region) if self.region else None
        if national_form is None and self.bare_is_international and not bare.startswith("0"):
            return _valid("+" + bare, None)
        return national_form

    def matcher(self, equals: Sequence[str] | None, starts_with: str | None, contains: str | None) -> Callable[[str], bool]:
        """Return a function that is True for a number as shown if it fits all that is given.

        Two numbers are equal if they are the same in E.164, or, where one of them is not certain, if they read the same without
        separators. A part is found in the number as shown, in its digits and in its E.164 form.
        """
        tests = [self._one_of(equals)] if equals is not None else []
        tests += [self._part(part, str.startswith) for part in (starts_with,) if part]
        tests += [self._part(part, str.__contains__) for part in (contains,) if part]
        return tests[0] if len(tests) == 1 else lambda number: all(test(number) for test in tests)

    def _one_of(self, wanted: Sequence[str]) -> Callable[[str], bool]:
        which = self.finder(wanted)
        return lambda number: bool(which(number))

    def finder(self, wanted: Sequence[str]) -> Callable[[str], Sequence[str]]:
        """Return a function that gives those of the wanted numbers that equal a number as shown, as `matcher` compares them."""
        certain, uncertain, texts = (defaultdict[str, list[str]](list) for _ in range(3))
        for each in wanted:
            e164, text = self.e164(each), comparable(each)
            texts[text].append(each)
            if e164:
                certain[e164].append(each)
            else:
                uncertain[text].append(each)

        def which(number: str) -> Sequence[str]:
            own = self.e164(number)
            if not own:
                return texts.get(comparable(number), ())
            found = certain.get(own, ())
            return [*found, *uncertain.get(comparable(number), ())] if uncertain else found

        return which

    def _part(self, part: str, finds: Callable[[str, str], bool]) -> Callable[[str], bool]:
        text, bare = part.strip().casefold(), digits(part) if _is_plain(part) else None
        # "00" and "+" both say that a country code follows.
        international = bare and "+" + bare.removeprefix("00") if text.startswith(("+", "00")) else None

        def is_found(number: str) -> bool:
            if finds(number.strip().casefold(), text):
                return True
            if not bare:
                return False
            e164 = self.e164(number)
            if e164 is None:
                return finds(digits(number), bare)
            return finds(e164, international) if international else finds(e164[1:], bare) or finds(digits(number), bare)

        return is_found


def _valid(number: str, region: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except NumberParseException:
        return None
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(parsed) else None


def _is_plain(number: str) -> bool:
    return PLAIN.fullmatch(number) is not None and digits(number) != ""


def dialable(number: str) -> str | None:
    """Return the digits of a number, after "+" where it begins with one; None where signs or letters make it something else.

    Service codes ("*31#0612345678"), extensions ("…,7"), IP addresses and names are something else. The user part of a `sip:` or
    `tel:` address counts as the number.
    """
    address = ADDRESS.fullmatch(number)
    user = (address[1] or address[2] or "") if address else number
    if not _is_plain(user):
        return None
    return ("+" if user.lstrip().startswith("+") else "") + digits(user)


@lru_cache(maxsize=16384)
def comparable(number: str) -> str:
    """Return a number as it is compared where it is not certain: its digits, or the text in lower case where it is no plain number."""
    return digits(number) if _is_plain(number) else number.strip().casefold()


def is_withheld(number: str) -> bool:
    """Return True if the text says that there is no number, such as "Anonymous" or "sip:anonymous@anonymous.invalid"."""
    address = ADDRESS.fullmatch(number)
    user = (address[1] or address[2] or "") if address else number
    return user.strip(" \t\"'<>()[]").casefold() in WITHHELD


@lru_cache(maxsize=16384)
def digits(number: str) -> str:
    """Return the decimal digits of a number, "" where it has none."""
    return "".join(letter for letter in number if letter in "0123456789")


@lru_cache(maxsize=1024)
def national(number: str) -> str:
    """Return the digits that every way of writing this number ends with: no country code, no trunk prefix, no signs.

    For a filter that an upstream applies as "contains": all spellings of the number hold these digits.
    """
    certain = _valid("+" + digits(number), None) if number.lstrip().startswith("+") else None
    if certain is None and digits(number).startswith("00"):
        certain = _valid("+" + digits(number)[2:], None)
    if certain is None:
        return digits(number).lstrip("0")
    return phonenumbers.national_significant_number(phonenumbers.parse(certain))
