"""From which hosts files may be fetched, and what a refusal says."""

from types import SimpleNamespace

import httpx
import pytest
from pydantic import ValidationError

from telegraphql.gateway.errors import Forbidden
from telegraphql.gateway.plugin.provider import Settings
from telegraphql.gateway.upstream.client import Request, Upstream
from telegraphql.gateway.upstream.file_hosts import FileHosts

ENTRIES = ["files.example", "local.example:8443", "https://storage-*-*.example.com", "http://plain.example:8080"]


@pytest.mark.parametrize(
    ("scheme", "host", "allowed"),
    [
        ("https", "files.example", True),
        ("http", "files.example", True),
        ("http", "plain.example:8080", True),
        ("https", "plain.example:8080", False),
        ("http", "plain.example", False),
        ("ftp", "files.example", False),
        ("https", "files.example:443", False),
        ("https", "local.example:8443", True),
        ("https", "local.example", False),
        ("https", "storage-us-01.example.com", True),
        ("https", "storage-ru-2.example.com", True),
        ("http", "storage-us-01.example.com", False),
        ("https", "storage-us-01.example.com:8443", False),
        ("https", "storage-us.example.com", False),
        ("https", "storage-us-01-x.example.com", False),
        ("https", "storage-us-.example.com", False),
        ("https", "storage-u.s-01.example.com", False),
        ("https", "storage-us-01.example.com.evil.example", False),
        ("https", "evil.example#storage-us-01.example.com", False),
        ("https", "storage-us-01xexample.com", False),
        ("https", "user@storage-us-01.example.com", False),
        ("https", "storage-us-01.example.com\n", False),
        ("https", "STORAGE-us-01.example.com", False),
        ("https", "storage-üs-01.example.com", False),
        ("https", "", False),
    ],
)
def test_a_host_is_allowed_as_its_entry_says(scheme: str, host: str, allowed: bool) -> None:
    assert FileHosts(ENTRIES, https_only=False).allow(scheme, host) is allowed
    assert FileHosts(ENTRIES, https_only=True).allow(scheme, host) is (allowed and scheme == "https")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://evil.example/x?sig=secret", "https://evil.example"),
        ("https://upstream.example:8443/x", "https://upstream.example:8443"),
        ("https://user:secret@evil.example:99/x", "https://evil.example:99"),
        (f"https://{'e' * 300}.example/x", f"https://{'e' * 92}"),
    ],
)
async def test_a_refusal_names_host_and_setting_and_no_more_of_the_address(address: str, shown: str) -> None:
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
    upstream = Upstream(client, "https://upstream.example", ("https://storage-*-*.example.com",))
    upstream.provider = SimpleNamespace(name="acme", id="acme")  # type: ignore[assignment]
    with pytest.raises(Forbidden) as raised:
        async with upstream.stream(Request(operation="file", path=address, auth=False)):
            pass
    words = f"the file is kept on {shown}, which is not a host of this provider; add it to `file_hosts` if you trust it"
    assert (raised.value.message, "secret" in str(raised.value)) == (words, False)


class TwoHosts(Settings):
    """An upstream whose files are on a host of their own."""

    media_url: str


def test_the_other_urls_of_a_provider_are_https_if_its_base_url_is() -> None:
    with pytest.raises(ValidationError, match="write https://, as in `base_url`: the same credentials go there"):
        TwoHosts(base_url="https://api.example", media_url="http://media.example")
    for base, media in (("https://a.example", "https://m.example"), ("http://a.example", "https://m.example"), ("http://a", "http://m")):
        assert TwoHosts(base_url=base, media_url=media).other_urls == {"media_url": media}
