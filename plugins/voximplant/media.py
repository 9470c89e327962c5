"""Media: where the bytes of recordings, transcriptions, logs and reports are."""

from dataclasses import dataclass

from gateway.errors import NotFound
from gateway.provider import Download
from gateway.upstream import Request
from plugins.voximplant.account import Account
