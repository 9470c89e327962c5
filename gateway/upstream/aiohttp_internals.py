"""Internals of aiohttp that the transport uses beyond its documentation, read from aiohttp 3.14.5."""

import aiohttp


def never_retry(session: aiohttp.ClientSession) -> None:
    """Switch off that a session sends an idempotent request again when a kept connection breaks before the response.

    The upstream may have done what was asked, and a DELETE would be sent twice.
    """
    session._retry_connection = False
