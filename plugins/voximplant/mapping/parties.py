"""Parties: the two ends of a leg, and what stands behind them."""

import re
from typing import Any

from telegraphql.plugin import read_text
from telegraphql.plugins.voximplant.mapping.codes import REMOTE
from telegraphql.schema import PartyKind

PHONE = re.compile(r"\+?\d{3,15}")
LIKELY_PHONE = re.compile(r"\+?\d{8,15}")


def caller(incoming: bool | None, remote: Any, local: Any) -> str | None:
    """Return the number that called."""
    return read_text(remote if incoming else local)


def called(incoming: bool | None, remote: Any, local: Any) -> str | None:
    """Return the number that was called."""
    return read_text(local if incoming else remote)


def caller_kind(incoming: bool | None, caller: str | None, remote_type: Any) -> PartyKind:
    """Return what stands behind the number that called."""
    return remote_kind(caller, remote_type) if incoming else local_kind(caller or "")


def called_kind(incoming: bool | None, called: str | None, remote_type: Any) -> PartyKind:
    """Return what stands behind the number that was called."""
    return local_kind(called or "") if incoming else remote_kind(called, remote_type)


def called_country(incoming: bool | None, geography: Any) -> str | None:
    """Return the country of a number that was called from the platform."""
    return None if incoming else read_text(geography)


def sip_address(found: str | None) -> str | None:
    """Return a number that is a SIP address."""
    return found if found and "@" in found else None


def remote_kind(found: str | None, remote_type: Any) -> PartyKind:
    """Return what the far end is. The upstream also calls some user names "pstn"."""
    kind = REMOTE.get((read_text(remote_type) or "").lower())
    if kind is None:
        return PartyKind.UNKNOWN if read_text(remote_type) else local_kind(found or "")
    return local_kind(found) if found and kind is PartyKind.PSTN and not PHONE.fullmatch(found) else kind


def local_kind(found: str) -> PartyKind:
    """Return what an end is that the upstream gives no type."""
    if LIKELY_PHONE.fullmatch(found):
        return PartyKind.PSTN
    if "@" in found or found.startswith("sip:"):
        return PartyKind.SIP
    return PartyKind.USER if any(letter.isalpha() for letter in found) else PartyKind.UNKNOWN
