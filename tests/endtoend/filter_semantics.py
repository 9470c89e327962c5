"""Meaning: what each filter of the schema means, said once more by hand over the truth."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.endtoend.ground_truth import Truth
from tests.endtoend.ground_truth.values import Row, e164
from tests.endtoend.kinds import Kind

# How each upstream writes numbers: with the country but without a plus sign, or as they are dialled in a country.
SPELLING: Mapping[str, Row] = {
    "voximplant": {"bare": True},
    "voipstudio": {"bare": True},
    "portsip": {"region": "CH"},
    "boxis": {"region": "CH"},
    "twilio": {},
}
OF_SESSION = {
    "applicationId": "application_id",
    "applicationName": "application_name",
    "ruleName": "rule_name",
    "customData": "custom_data",
}
OF_VOXIMPLANT = ("accountId", "hasUser", "relatedTo", *OF_SESSION)
NOBODY_ELSE = {"isTracked": "voipstudio", **dict.fromkeys(OF_VOXIMPLANT, "voximplant")}
# The same, of one kind only.
NOBODY_ELSE_OF_KIND = {("Recording", "direction"): "voipstudio", ("Recording", "userId"): "voipstudio"}
# The parties of a kind, and its texts that a search looks at.
ENDS = {
    "Call": ("from", "to"),
    "Recording": ("from", "to"),
    "Voicemessage": ("from", "to"),
    "MediaSession": ("from", "to"),
    "Chat": ("visitor",),
}
TEXTS = {
    "Queue": ("name", "number"),
    "TrackingNumber": ("name", "number"),
    "Transaction": ("description",),
    "AuditEntry": ("actor",),
    "Voicemessage": ("dialedNumber",),
}
LINKS = {"sessionId": "session", "queueId": "queue"}


def holds(truth: Truth, kind: Kind, filter: Row, plugin: str) -> bool:
    """Whether a record belongs to the answer."""
    return all(_combined(truth, kind, name, wanted, plugin) for name, wanted in filter.items())


def _combined(truth: Truth, kind: Kind, name: str, wanted: Any, plugin: str) -> bool:
    if name == "providers":
        return truth.provider in wanted
    if name in ("and", "or"):
        return (all if name == "and" else any)(holds(truth, kind, each, plugin) for each in wanted)
    return not holds(truth, kind, wanted, plugin) if name == "not" else _part(truth, kind, name, wanted, plugin)


def _part(truth: Truth, kind: Kind, name: str, wanted: Any, plugin: str) -> bool:
    if name in ("hasRecording", "hasVoicemessage"):
        return bool(truth.links.get("recordings" if name == "hasRecording" else "voicemessages")) is wanted
    if name == "isWithheld":
        return bool((truth.shown["from"] or {}).get("isWithheld")) is wanted
    if name == "agentId":
        return agent(truth) in wanted
    if name in ("cost", "amount"):
        price = truth.shown.get(name)
        return price is not None and _between(Decimal(price["amount"]), wanted)
    if name == "name" and kind.name in ENDS:
        ends = (truth.shown.get(end) or {} for end in ENDS[kind.name])
        return any(_plain(end.get("name"), wanted) for end in ends)
    if name in LINKS:
        return (truth.links.get(LINKS[name]) or truth.shown.get(LINKS[name])) in wanted
    if name == "isTracked":
        return bool(truth.links["tracked"]) is wanted
    if name in OF_SESSION and kind.name == "Call":
        return str(truth.links["of_session"].get(OF_SESSION[name])) in wanted
    if name == "hasUser":
        return (truth.shown["userId"] is not None) is wanted
    if name == "relatedTo":
        return wanted in str((truth.row.get("cmd_args"), truth.row.get("cmd_result")))
    if name in ("number", "from", "to") and kind.name not in ("Queue",):
        ends = ("from", "to") if name == "number" else (name,)
        return any(_number(truth.shown[end], wanted, plugin) for end in ends)
    if name == "search":
        shown = [truth.shown.get(end) for end in (*ENDS.get(kind.name, ()), *TEXTS.get(kind.name, ()))]
        return truth.native_id == wanted or any(_found(each, wanted, plugin) for each in shown)
    shown = truth.shown.get(name)
    if name in ("dialedNumber", "callerIdShown"):
        return _number({"number": shown, "e164": shown and e164(shown, **SPELLING[plugin])}, wanted, plugin)
    if name == "answeredAt":
        return shown is not None and _time(shown, wanted)
    if name == kind.time:
        return _time(shown or truth.shown["completedAt"], wanted)
    return _plain(shown, wanted)


def agent(truth: Truth) -> str | None:
    """The extension or user that was called from outside or called out, in the words of each upstream."""
    if "agentId" in truth.shown:
        agent_id: str | None = truth.shown["agentId"]
        return agent_id
    end = {"INBOUND": "to", "OUTBOUND": "from"}.get(truth.shown["direction"])
    if end is None:
        return None
    party = truth.shown[end]
    number: str = party["number"] or ""
    if truth.provider == "boxis":
        extension: str | None = party["extension"]
        return extension
    if truth.provider == "portsip":
        return number if number.isdigit() and len(number) < 7 else None
    if truth.provider == "voipstudio":
        code = str(truth.row["dst_id" if end == "to" else "src_id"])
        return code if code.isdigit() else None
    if truth.provider == "twilio":
        return number if party["kind"] == "USER" else None
    return number if any(map(str.isalpha, number)) and "@" not in number else None


def _between(shown: Any, wanted: Row) -> bool:
    low, high = (None if wanted.get(end) is None else Decimal(wanted[end]) for end in ("min", "max"))
    return (low is None or low <= shown) and (high is None or shown <= high)


def _found(shown: Any, wanted: str, plugin: str) -> bool:
    if not isinstance(shown, str):
        return _searched(shown, wanted, plugin)
    is_number = not any(letter.isalpha() for letter in shown) and _searched(
        {"number": shown, "e164": e164(shown, **SPELLING[plugin])}, wanted, plugin
    )
    return wanted.lower() in shown.lower() or is_number


def _plain(shown: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return shown in wanted
    if isinstance(wanted, bool):
        return shown is wanted
    if shown is None:
        return False
    if {"min", "max"} & set(wanted):
        return bool(wanted.get("min", shown) <= shown <= wanted.get("max", shown))
    return _text(shown.lower(), {name: _lower(value) for name, value in wanted.items()})


def _lower(value: Any) -> Any:
    return [each.lower() for each in value] if isinstance(value, list) else value.lower()


def _text(shown: str, wanted: Row) -> bool:
    tests: Mapping[str, Callable[[Any], bool]] = {
        "equals": lambda texts: shown in texts,
        "startsWith": shown.startswith,
        "contains": lambda part: part in shown,
    }
    return all(tests[name](value) for name, value in wanted.items())


def _time(shown: str, wanted: Row) -> bool:
    moment = datetime.fromisoformat(shown)
    since, until = (datetime.fromisoformat(wanted[end]) if wanted.get(end) else None for end in ("since", "until"))
    return (since is None or since <= moment) and (until is None or moment < until)


def _number(party: Row | None, wanted: Row, plugin: str) -> bool:
    if party is None:
        return False
    extension = party.get("extension")
    if extension and _number({"number": extension, "e164": None}, wanted, plugin):
        return True
    if not party["number"]:
        return False
    certain, shown = party["e164"], party["number"]
    if "equals" in wanted and not any(_same(certain, bare(shown), asked, plugin) for asked in wanted["equals"]):
        return False
    if "startsWith" in wanted and not _has(certain, shown, wanted["startsWith"], str.startswith):
        return False
    return "contains" not in wanted or _has(certain, shown, wanted["contains"], str.__contains__)


def _searched(party: Row | None, wanted: str, plugin: str) -> bool:
    shown = [(party or {}).get(part) or "" for part in ("number", "name", "extension")]
    number = shown[0]
    if any(wanted.lower() in each.lower() for each in shown):
        return True
    if not number or any(not (letter.isdigit() or letter in "+ ") for letter in wanted):
        return False
    return bare(wanted) in "".join(letter for letter in number if letter.isdigit()) or _number(party, {"equals": [wanted]}, plugin)


def _same(certain: str | None, plain: str, asked: str, plugin: str) -> bool:
    meant = e164(asked, **SPELLING[plugin])
    return certain == meant if certain and meant else plain == bare(asked)


def _has(certain: str | None, shown: str, asked: str, test: Callable[[str, str], bool]) -> bool:
    """A part is looked for in the number as shown, in its digits and in its E.164 form."""
    part = "".join(letter for letter in asked if letter.isdigit())
    if test(shown.lower(), asked.lower()):
        return True
    if any(letter.isalpha() or letter in "*#" for letter in asked):
        return False
    if certain and asked.startswith(("+", "00")):
        return test(certain, "+" + part.removeprefix("00"))
    plain = "".join(letter for letter in shown if letter.isdigit())
    return test(plain, part) or bool(certain and test(certain[1:], part))


def bare(number: str) -> str:
    """A number by its digits; an address with letters as it is."""
    if any(letter.isalpha() for letter in number):
        return number.lower()
    return "".join(letter for letter in number if letter.isdigit())
