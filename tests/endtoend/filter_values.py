"""Samples: a few values for each filter, taken from the truth, so that each matches something and something does not."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_type_hints

from telegraphql.schema.filters import COMBINATIONS, DecimalRange, IntRange, NumberFilter, TextFilter, TimeRange
from telegraphql.schema.kinds import FILTERS
from tests.endtoend.filter_semantics import ENDS, LINKS, OF_SESSION, TEXTS, agent
from tests.endtoend.ground_truth import Truth
from tests.endtoend.ground_truth.values import Row, told
from tests.endtoend.kinds import KINDS, Kind

CLASSES = {kind.__name__: filter for kind, filter in FILTERS.items()}
NEVER_SEEN = "nobody-has-this"

# What sessions are found by stands in their calls; these filters have a proof of their own.
BY_LEGS = ("number", "search", "name")
# A part of a number without a digit is refused.
DIGIT = re.compile("[0-9*#]")


def filters_of(kind: Kind) -> list[str]:
    """The names of a kind's filters, as the schema has them, without those that look at other records."""
    left_out = ("providers", *COMBINATIONS.values(), *(BY_LEGS if kind.name == "Session" else ()))
    names = [each.name for each in CLASSES[kind.name].__strawberry_definition__.fields]
    graphql = [each.graphql_name for each in CLASSES[kind.name].__strawberry_definition__.fields]
    return [shown or _camel(name) for name, shown in zip(names, graphql, strict=True) if name not in left_out]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def type_of(kind: Kind, name: str) -> Any:
    """The type of a filter: an input, a list or a boolean."""
    hints = get_type_hints(CLASSES[kind.name])
    hint = next(hints[each] for each in hints if _camel(each.rstrip("_")) == name)
    return next(each for each in get_args(hint) if each is not type(None))


def samples(kind: Kind, name: str, found: Sequence[Truth], others: Sequence[Any] = ()) -> list[Any]:
    """Values to ask for; `others` are values of other providers, or ids to choose from."""
    wanted = type_of(kind, name)
    if name == "search":
        return _searches(found, kind)
    if name == "agentId":
        return _words([agent(each) for each in found], ())
    if wanted is DecimalRange:
        return _amounts([each.shown.get(name) for each in found])
    if name == "name" and kind.name in ENDS:
        names = [text for each in found for end in ENDS[kind.name] if (text := (each.shown.get(end) or {}).get("name"))]
        return _texts(names) if names else [{"contains": "a"}]
    if name in ("dialedNumber", "callerIdShown"):
        known = [each.shown[name] for each in found if DIGIT.search(each.shown.get(name) or "")]
        return [{"equals": [known[0]]}, {"contains": known[-1][-4:]}, {"startsWith": "+4"}] if known else [{"equals": ["+41616920000"]}]
    if name == "answeredAt":
        return _times(sorted(each.shown[name] for each in found if each.shown.get(name)) or ["2026-11-01T00:00:00Z"])
    if name in LINKS:
        return [[*others[:1]], [*others[1:4]]]
    if wanted is TimeRange:
        return _times(sorted(each.shown.get(name) or each.shown["completedAt"] for each in found))
    if wanted is IntRange:
        return _lengths([each.shown.get(name) for each in found])
    if wanted is NumberFilter:
        return _numbers(found, ("from", "to") if name == "number" else (name,))
    if wanted is TextFilter:
        return _texts([text for each in found if (text := each.shown.get(name))] or ["a"])
    if wanted is bool:
        return [True, False]
    if wanted == list[int]:
        return _codes([each.shown.get(name) for each in found])
    if wanted is str:
        return ["152", NEVER_SEEN]
    return _words([_value(each, name, kind) for each in found], _members(get_args(wanted)[0]))


def _members(word: Any) -> Sequence[str]:
    return [member.name for member in word] if isinstance(word, type) and issubclass(word, Enum) else ()


def _value(each: Truth, name: str, kind: Kind) -> Any:
    if name in OF_SESSION and kind.name == "Call":
        value = each.links["of_session"].get(OF_SESSION[name])
        return None if value is None else str(value)
    return each.shown.get(name)


def _times(times: Sequence[str]) -> list[Row]:
    """Ranges that end and begin exactly at records, at the largest tie of all, and one with an offset."""
    tie, _ = Counter(times).most_common(1)[0]
    low, high = times[len(times) // 4], times[3 * len(times) // 4]
    after = told(datetime.fromisoformat(tie) + timedelta(seconds=1))
    swiss = datetime.fromisoformat(low).astimezone(datetime.fromisoformat("2026-01-01T00:00:00+01:00").tzinfo).isoformat()
    return [
        {"since": tie},
        {"until": tie},
        {"since": tie, "until": after},
        {"since": low, "until": high if low < high else after},
        {"since": swiss},
    ]


def _lengths(given: Sequence[int | None]) -> list[Row]:
    known = sorted(value for value in given if value is not None)
    if not known:
        return [{"min": 0}, {"max": 10_000}]
    low, high = known[len(known) // 4], known[3 * len(known) // 4]
    return [{"min": high}, {"max": low}, {"min": low, "max": high}, {"min": low, "max": low}, {"min": 0, "max": 0}]


def _numbers(found: Sequence[Truth], ends: Sequence[str]) -> list[Row]:
    parties = [party for each in found for end in ends if (party := each.shown[end]) and party["number"]]
    asked: list[Row] = [{"contains": "4471"}, {"startsWith": "+41"}, {"equals": ["+41616920000"]}]
    certain = Counter(party["e164"] for party in parties if party["e164"]).most_common()
    if certain:
        number = certain[0][0]
        spelled = next(party["number"] for party in parties if party["e164"] == number)
        spaced = f"{number[:3]} {number[3:5]} {number[5:]}"
        asked += [{"equals": [each]} for each in (number, spelled, spaced, "00" + number[1:])]
        asked += [
            {"startsWith": number[:6]},
            {"startsWith": "00" + number[1:6]},
            {"contains": number[-5:]},
            {"startsWith": number[:5], "contains": "9"},
        ]
        asked += [{"equals": [certain[0][0], certain[-1][0]]}]
    other = Counter(party["number"] for party in parties if not party["e164"]).most_common(2)
    for number, _ in other:
        asked += [{"equals": [number]}]
        asked += [{part: text} for part, text in (("startsWith", number[:2]), ("contains", number[1:])) if DIGIT.search(text)]
    return asked


def _amounts(given: Sequence[Row | None]) -> list[Row]:
    """Ranges that end exactly at amounts, as decimal text."""
    known = sorted(Decimal(each["amount"]) for each in given if each is not None) or [Decimal(0), Decimal(1)]
    low, high = (format(known[len(known) * part // 4], "f") for part in (1, 3))
    return [{"min": high}, {"max": low}, {"min": low, "max": high}, {"min": low, "max": low}]


def _searches(found: Sequence[Truth], kind: Kind) -> list[str]:
    """A number in several spellings, a part of one, a name, an id, and what nobody has."""
    texts = [text for each in found for name in TEXTS.get(kind.name, ()) if (text := each.shown.get(name))]
    if not any(each.shown.get("from") for each in found):
        names = [text for each in found if (text := (each.shown.get("visitor") or {}).get("name"))]
        return [
            *(part for text in (texts + names)[:3] for part in (text, text[1:4].upper()) if part.strip()),
            found[0].native_id,
            NEVER_SEEN,
        ]
    parties = [party for each in found for end in ("from", "to") if (party := each.shown.get(end)) and party["number"]]
    certain = next((party["e164"] for party in parties if party["e164"]), "+41616920000")
    names = [party["name"] for party in parties if party.get("name")]
    words = [names[0], names[-1][1:5].upper()] if names else []
    return [
        certain,
        f"{certain[:3]} {certain[3:]}",
        parties[0]["number"],
        parties[-1]["number"][-5:],
        *words,
        *texts[:1],
        found[0].native_id,
        NEVER_SEEN,
    ]


def _texts(given: Sequence[str]) -> list[Row]:
    first, last = given[0], given[-1]
    return [
        {"equals": [first]},
        {"equals": [first.upper(), last]},
        {"startsWith": first[:3].lower()},
        {"contains": last[-3:]},
        {"equals": [NEVER_SEEN]},
        {"startsWith": first[:1], "contains": first[-2:]},
    ]


def _codes(given: Sequence[int | None]) -> list[list[int]]:
    """Each common code, all, and one that does not occur."""
    common = [value for value, _ in Counter(value for value in given if value is not None).most_common()]
    return [*([value] for value in common[:5]), common, [999]] if common else [[999]]


def _words(given: Sequence[Any], closed: Sequence[str]) -> list[list[str]]:
    """Each common value, two together, all, and one that does not occur; `closed` are the words of an enum."""
    common = [value for value, _ in Counter(value for value in given if value is not None).most_common()]
    rare = [[next((word for word in closed if word not in common), common[0] if common else "") if closed else NEVER_SEEN]]
    return [*([value] for value in common[:9]), *([common[:2]] if len(common) > 1 else []), common, *rare] if common else rare


__all__ = ["KINDS", "filters_of", "samples", "type_of"]
