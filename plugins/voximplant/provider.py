"""Provider: a Voximplant account, read through the Management API (https://voximplant.com/docs/references/httpapi).

Calls come inside sessions only, and so do recordings and resource usages: one request serves all of them. Refusals come with status 200.
At most 1,000 rows and an offset of 10,000. The account's currency is named with transactions only."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from gateway.errors import Expired, Unauthorized, UpstreamError
from gateway.provider import Ask, Keyset, Page, Provider, Push, Wanted, Whole, gets, lists
from gateway.rows import read_rows
from gateway.sandbox import Sandbox
from gateway.upstream import Answer, Request
from plugins.voximplant import forms, mapping, refusals, wire
from plugins.voximplant.auth import ServiceAccount, Signer
from plugins.voximplant.commands import Commands
from plugins.voximplant.files import Files
from plugins.voximplant.forms import MOST_IDS, Form
from plugins.voximplant.mapping import Parts, parts_of
from plugins.voximplant.settings import VoximplantSettings
from schema.audit_entry import AuditEntry
from schema.call import Call
from schema.paging import Problem
from schema.queue import Queue, QueueVisit
from schema.record import Record
from schema.recording import Recording
from schema.report import Report
from schema.session import ResourceUsage, Session
from schema.transaction import Transaction

