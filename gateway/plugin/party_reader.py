"""Party reader: a ready-made column for one end of a call."""

from typing import Any

from telegraphql.gateway.plugin.columns import TEXTS, Column, Object, ProviderValue, Source
from telegraphql.gateway.plugin.phone_numbers import is_withheld
from telegraphql.gateway.plugin.readers import plain, read_text, text
from telegraphql.schema.enums import PartyKind
from telegraphql.schema.values import Party


def party(
    number: Source | Column,
    *,
    extension: Column | None = None,
    name: Source | Column | None = None,
    kind: Column | None = None,
    uri: Column | None = None,
    country: Column | None = None,
    native_id: Column | None = None,
    user_agent: Column | None = None,
    codec: Column | None = None,
) -> Object:
    """One end of a call. A `client:` address is a user, a SIP address its user part with the whole as `uri`.

    Give `kind` where the upstream says what stands behind a number; give `number` and `name` as columns to read them otherwise."""
    given = number if isinstance(number, Column) else None
    parts = {
        "number": given or number_text(number),
        "extension": extension,
        "kind": kind or (None if given else Column(kind_of_number, number, words="by its form", total_for=TEXTS, lenient=True)),
        "uri": uri or (None if given else Column(read_uri, number, words="SIP address", total_for=TEXTS, lenient=True, is_text=True)),
        "name": name if isinstance(name, Column) or name is None else text(name),
        "country": country,
        "native_id": native_id,
        "user_agent": user_agent,
        "codec": codec,
        "to_e164": plain(ProviderValue("numbering.e164")),
    }
    given_parts: dict[str, Any] = {part: column for part, column in parts.items() if column is not None}
    return Object(Party, **given_parts)


def read_number(value: Any) -> str | None:
    """Return the number or address of a party as delivered, without a scheme such as `client:`; a SIP address is its user part.

    None for words that say that the number is withheld."""
    found = read_text(value)
    if found is None or is_withheld(found):
        return None
    if ":" not in found and "@" not in found:
        return found
    scheme, _, rest = found.rpartition(":") if found.partition(":")[0].casefold() in ("sip", "sips", "tel", "client") else ("", "", found)
    user = rest.partition("@")[0] if scheme or "@" in rest else rest
    return user.partition(";")[0].strip() or None


def read_uri(value: Any) -> str | None:
    """Return the SIP address of a party; None for a bare number."""
    found = read_text(value)
    return found if found and ("@" in found or found.casefold().startswith(("sip:", "sips:"))) else None


def kind_of_number(value: Any) -> PartyKind:
    """Return what the form of a number tells: a SIP address, a user of a client, or nothing."""
    found = (read_text(value) or "").casefold()
    if found.startswith("client:"):
        return PartyKind.USER
    return PartyKind.SIP if "@" in found or found.startswith(("sip:", "sips:")) else PartyKind.UNKNOWN


def number_text(source: Source) -> Column:
    """A column with the number or address of a party, without a scheme such as `client:`; null for words such as "anonymous"."""
    return Column(read_number, source, words="number", total_for=TEXTS, lenient=True, is_text=True)
