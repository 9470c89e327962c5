"""File hosts: tell whether files may be fetched from an origin, and whether an origin is sent credentials."""

import re
from collections.abc import Iterable
from functools import lru_cache

ENTRY = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>.*)", re.DOTALL)


class FileHosts:
    """A list of hosts, each as it stands in a URL, with its port if it has one.

    In an entry `*` stands for letters and digits, and an entry with a scheme holds for this scheme only:
    "https://storage-*.example.com" allows https://storage-eu1.example.com, but neither http:// nor another port.
    With `https_only`, nothing over http is allowed, whatever the entries say: for upstreams that are asked over https.
    """

    def __init__(self, entries: Iterable[str], *, https_only: bool) -> None:
        self._patterns = [_pattern(entry) for entry in dict.fromkeys(entries)]
        self.https_only = https_only
        self._schemes = ("https",) if https_only else ("http", "https")
        self.allow = lru_cache(maxsize=1024)(self._allow)

    def _allow(self, scheme: str, host: str) -> bool:
        """Return True if the list has an origin; `host` is as it stands in a URL, with its port."""
        if scheme not in self._schemes:
            return False
        return any(only in (None, scheme) and pattern.fullmatch(host) for only, pattern in self._patterns)


def _pattern(entry: str) -> tuple[str | None, re.Pattern[str]]:
    """Return the one scheme of an entry, or None for any, and the pattern of its host."""
    found = ENTRY.fullmatch(entry)
    assert found is not None
    return found["scheme"], re.compile("[a-z0-9]+".join(map(re.escape, found["host"].split("*"))), re.ASCII)
