"""Links: signed, expiring ways to files of records, each good for one caller."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, BadSignature, SignatureExpired, URLSafeTimedSerializer, base64_decode, base64_encode

from telegraphql.gateway.auth.caller import LOCAL, Caller
from telegraphql.gateway.errors import BadAnswer, Refusal, Unsupported
from telegraphql.gateway.pagination.bound_provider import BoundProvider
from telegraphql.gateway.plugin.provider import Download
from telegraphql.gateway.plugin.rows import kind_of
from telegraphql.schema.record import FileInfo, Record
from telegraphql.schema.values import Media

MOST_TEXT = 4 * 1024 * 1024
# Whatever it was made for: who holds a link that no longer works is not told why.
NO_LINK = "this is not a link of this gateway"


class BadToken(Refusal):
    """A link that was not made here, or was changed."""

    code = "BAD_TOKEN"


class ExpiredToken(Refusal):
    """A link that has run out."""

    code = "EXPIRED_TOKEN"


@dataclass(frozen=True, slots=True)
class Address:
    """One file of one record (or of none, for an export)."""

    provider: str
    file: str
    native_id: str
    caller: str = LOCAL.name
    until: int | None = None

    def of(self, caller: Caller) -> "Address":
        """The same for one caller, and for no longer than its credentials are good."""
        return replace(self, caller=caller.name, until=None if caller.until is None else int(caller.until))


def _check_spelling(token: str) -> None:
    """BadSignature where a signature is not spelt as we spell it: the last letter of base64 has bits that nobody reads."""
    signature = token.rpartition(".")[2]
    if base64_encode(base64_decode(signature)).decode() != signature:
        raise BadSignature("spelt otherwise")


class Files:
    """Makes links and opens what they lead to."""

    def __init__(self, secret: str, lifetime: timedelta, base_url: str = "") -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="media")
        self._lifetime = lifetime
        self._base_url = base_url.rstrip("/")

    def link(self, record: Record, field: str, caller: Caller = LOCAL) -> Media | None:
        """A link to a file of a record; None where the record has no such file."""
        info = record.files.get(field)
        if info is None:
            return None
        return self.link_to(Address(record.provider_name, f"{kind_of(record).__name__}.{field}", record.native_id).of(caller), info)

    def link_to(self, address: Address, info: FileInfo) -> Media:
        """A link to any file."""
        token = self._signer.dumps([address.provider, address.file, address.native_id, address.caller, address.until])
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

    def read(self, token: str) -> Address:
        """What a link leads to; BadToken or ExpiredToken."""
        try:
            _check_spelling(token)
            address = Address(*self._signer.loads(token, max_age=int(self._lifetime.total_seconds())))
        except SignatureExpired:
            raise ExpiredToken("this link has expired; ask the gateway for the record's media again") from None
        except (BadData, ValueError, TypeError):
            raise BadToken(NO_LINK) from None
        if address.until is not None and address.until <= time.time():
            raise ExpiredToken("this link has expired; ask the gateway for the record's media again")
        return address

    async def text(self, serving: BoundProvider, record: Record, field: str) -> str:
        """A text file, read to its end."""
        download = await locate(serving, f"{kind_of(record).__name__}.{field}", record.native_id)
        body = bytearray()
        async with serving.provider.upstream.stream(download.request, download.mime_type) as response:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_TEXT:
                    raise BadAnswer(f"the text is longer than {MOST_TEXT} bytes", provider=serving.name)
        return body.decode("utf-8", "replace")


async def locate(serving: BoundProvider, file: str, native_id: str) -> Download:
    """Where the upstream keeps a file."""
    found = serving.declared.files.get(file)
    if found is None:
        raise Unsupported(f"has no file {file}", provider=serving.name)
    download: Download = await serving.answer(found.method, native_id)
    return download
