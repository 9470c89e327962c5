"""Signed, expiring links to files of records, each valid for one caller."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, BadSignature, SignatureExpired, URLSafeTimedSerializer, base64_decode, base64_encode

from telegraphql.gateway.auth.caller import LOCAL, Caller
from telegraphql.gateway.errors import Refusal, TooLarge, Unsupported
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import Download
from telegraphql.gateway.plugin.row_view import kind_of
from telegraphql.schema.record import FileInfo, Record
from telegraphql.schema.values import Media

MAX_TEXT_BYTES = 4 * 1024 * 1024
# One message for every invalid link: its holder does not learn why it fails.
INVALID_LINK_MESSAGE = "this is not a link of this gateway"


class InvalidLink(Refusal):
    """The link was not made by this gateway, or was changed."""

    code = "BAD_TOKEN"


class ExpiredLink(Refusal):
    """The link has expired."""

    code = "EXPIRED_TOKEN"


@dataclass(frozen=True, slots=True)
class FileAddress:
    """One file of a provider: of a record, or of none for an export.

    `until` is a Unix time in seconds. `stamp` is what is kept of the caller's credentials, with which the link ends.
    """

    provider: str
    file: str
    native_id: str
    caller: str = LOCAL.name
    until: int | None = None
    stamp: Sequence[str] = ()

    def for_caller(self, caller: Caller) -> "FileAddress":
        """Return this address for one caller, valid no longer than the caller's credentials."""
        until = None if caller.expires_at is None else int(caller.expires_at)
        return replace(self, caller=caller.name, until=until, stamp=caller.stamp)


def _check_canonical(token: str) -> None:
    """Raise BadSignature if the signature is not in canonical base64, whose last character has unused bits."""
    signature = token.rpartition(".")[2]
    if base64_encode(base64_decode(signature)).decode() != signature:
        raise BadSignature("the signature is not in canonical base64")


class MediaLinks:
    """Makes links to files and verifies them."""

    def __init__(self, secret: str, lifetime: timedelta, base_url: str = "") -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="media")
        self._lifetime = lifetime
        self._base_url = base_url.rstrip("/")

    def for_record(self, record: Record, field: str, caller: Caller = LOCAL) -> Media | None:
        """Return a link to a file of a record, or None if the record has no such file."""
        info = record.files.get(field)
        if info is None:
            return None
        return self.for_address(
            FileAddress(record.provider_name, f"{kind_of(record).__name__}.{field}", record.native_id).for_caller(caller), info
        )

    def for_address(self, address: FileAddress, info: FileInfo) -> Media:
        """Return a link to any file."""
        token = self._signer.dumps([address.provider, address.file, address.native_id, address.caller, address.until, address.stamp])
        expires_at = datetime.now(UTC).replace(microsecond=0) + self._lifetime
        if address.until is not None:
            expires_at = min(expires_at, datetime.fromtimestamp(address.until, UTC))
        return Media(
            url=f"{self._base_url}/media/{token if isinstance(token, str) else token.decode()}",
            mime_type=info.mime_type,
            size_bytes=info.size_bytes,
            file_name=info.file_name,
            expires_at=expires_at,
        )

    def read(self, token: str) -> FileAddress:
        """Return the address in a link.

        Raises:
            InvalidLink: The link was not made by this gateway, or was changed.
            ExpiredLink: The link, or the credentials of its caller, have expired.
        """
        try:
            _check_canonical(token)
            address = FileAddress(*self._signer.loads(token, max_age=int(self._lifetime.total_seconds())))
            address = replace(address, stamp=tuple(address.stamp))
        except SignatureExpired:
            raise ExpiredLink("this link has expired: query the record's media again for a new one") from None
        except (BadData, ValueError, TypeError):
            raise InvalidLink(INVALID_LINK_MESSAGE) from None
        if address.until is not None and address.until <= time.time():
            raise ExpiredLink("this link has expired: query the record's media again for a new one")
        return address

    async def text(self, serving: BoundProvider, record: Record, field: str) -> str:
        """Return the content of a text file.

        Raises:
            TooLarge: The file is longer than `MAX_TEXT_BYTES`.
        """
        download = await locate_file(serving, f"{kind_of(record).__name__}.{field}", record.native_id)
        body = bytearray()
        async with serving.provider.upstream.stream(download.request, download.mime_type) as response:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MAX_TEXT_BYTES:
                    raise TooLarge(f"sent a text file longer than {MAX_TEXT_BYTES} bytes", provider=serving.id)
        return body.decode("utf-8", "replace")


async def locate_file(serving: BoundProvider, file: str, native_id: str) -> Download:
    """Return where the upstream keeps a file.

    Raises:
        Unsupported: The provider has no such file.
    """
    declaration = serving.declared.files.get(file)
    if declaration is None:
        raise Unsupported(f"has no file {file}", provider=serving.id)
    download: Download = await serving.answer(declaration.method, native_id)
    return download
