"""The plugin contract: everything that a plugin imports, beside the types of `telegraphql.schema`.

A plugin's tests also import `telegraphql.plugin.testing`.
"""

from telegraphql.gateway.duration import Duration
from telegraphql.gateway.errors import (
    BadAnswer,
    BadData,
    BadInput,
    Expired,
    Forbidden,
    Malformed,
    NotFound,
    RateLimited,
    RejectedInput,
    SettingsError,
    TooLarge,
    Unauthorized,
    Unavailable,
    Unsupported,
    UpstreamError,
)
from telegraphql.gateway.plugin.declarations import Keyset, Push, TimeWindowJoin, Whole, Windows
from telegraphql.gateway.plugin.local_files import Folder
from telegraphql.gateway.plugin.mapping import HIDDEN, RowPosition, read_rows
from telegraphql.gateway.plugin.phone_numbers import Numbering, digits, is_withheld, national
from telegraphql.gateway.plugin.provider import (
    MICROSECOND,
    SECOND,
    CommandRequest,
    CommandResult,
    Download,
    GetRequest,
    ListRequest,
    LocalSettings,
    Page,
    Provider,
    Settings,
    command,
    derives,
    files,
    gets,
    lists,
)
from telegraphql.gateway.plugin.pruning import only
from telegraphql.gateway.plugin.sandbox import LocalSandbox, Row, Sandbox
from telegraphql.gateway.plugin.selection import NOTHING, Selection
from telegraphql.gateway.upstream.client import Answer, Decoder, Request, Upstream, still_wanted

__all__ = [
    "HIDDEN",
    "MICROSECOND",
    "NOTHING",
    "SECOND",
    "Answer",
    "BadAnswer",
    "BadData",
    "BadInput",
    "CommandRequest",
    "CommandResult",
    "Decoder",
    "Download",
    "Duration",
    "Expired",
    "Folder",
    "Forbidden",
    "GetRequest",
    "Keyset",
    "ListRequest",
    "LocalSandbox",
    "LocalSettings",
    "Malformed",
    "NotFound",
    "Numbering",
    "Page",
    "Provider",
    "Push",
    "RateLimited",
    "RejectedInput",
    "Request",
    "Row",
    "RowPosition",
    "Sandbox",
    "Selection",
    "Settings",
    "SettingsError",
    "TimeWindowJoin",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
    "Unsupported",
    "Upstream",
    "UpstreamError",
    "Whole",
    "Windows",
    "command",
    "derives",
    "digits",
    "files",
    "gets",
    "is_withheld",
    "lists",
    "national",
    "only",
    "read_rows",
    "still_wanted",
]
