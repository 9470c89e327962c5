"""Viewer: the caller of an operation, and what its credentials allow."""

from telegraphql.schema.described import object_type
from telegraphql.schema.fields import needed


@object_type
class Viewer:
    """The caller of this operation."""

    name: str = needed('The name of the API key or token, "anonymous" without one, or "local" at a gateway without callers.')
    scopes: list[str] = needed('The permissions, in alphabetical order: "admin", "media", "read" or "write".')
    hides_native: bool = needed("True if the providers' own records are withheld.")
    hides_personal: bool = needed("True if personal data are withheld.")
    hides_recordings: bool = needed("True if the sound of recordings and voicemessages is withheld.")
