"""File hosts: tell whether files may be fetched from a host, and whether a host is sent credentials."""

import re
from collections.abc import Iterable
from functools import lru_cache

HTTPS = "https://"


class FileHosts:
    """A list of hosts, each as it stands in a URL, with its port if it has one.

    In an entry `*` stands for letters and digits, and an entry that begins with "https://" holds for https only:
    "https://storage-*.example.com" allows https://storage-eu1.example.com, but neither http:// nor another port.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._patterns = [(entry.startswith(HTTPS), _pattern(entry.removeprefix(HTTPS))) for entry in dict.fromkeys(entries)]
        self.allow = lru_cache(maxsize=1024)(self._allow)

    def _allow(self, scheme: str, host: str) -> bool:
        """Return True if the list has a host; `host` is as it stands in a URL."""
        return any((scheme == "https" or not secure) and pattern.fullmatch(host) for secure, pattern in self._patterns)


def _pattern(entry: str) -> re.Pattern[str]:
    return re.compile("[a-z0-9]+".join(map(re.escape, entry.split("*"))), re.ASCII)
