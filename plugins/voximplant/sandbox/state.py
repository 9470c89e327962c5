"""The sandbox's state: accounts and their stores."""

from dataclasses import dataclass
from typing import Literal

from telegraphql.plugins.voximplant.sandbox.api_request import ApiRequest
from telegraphql.plugins.voximplant.sandbox.auth import Authenticator, SandboxAccount
from telegraphql.plugins.voximplant.sandbox.errors import INVALID_CHILD, ErrorReply
from telegraphql.plugins.voximplant.sandbox.reports import ReportStore
from telegraphql.plugins.voximplant.sandbox.store import AccountStore


@dataclass(slots=True)
class SandboxState:
    """Everything that the methods read."""

    authenticator: Authenticator
    stores: dict[int, AccountStore]
    reports: ReportStore
    # By what GetCallHistory sorts: the documents only say that `desc_order` is by time.
    session_order: Literal["start", "end", "id"] = "start"

    # The most days of a date range, of an account that has such a limit.
    max_days: int | None = None

    def own_store(self, api_request: ApiRequest) -> AccountStore:
        """Return the store of the calling account."""
        return self.stores[api_request.caller.account.number]

    def selected_stores(self, api_request: ApiRequest, children_only: str) -> list[AccountStore]:
        """Return the stores of the calling account, unless the flag named by `children_only` is set, and of the selected children."""
        account = api_request.caller.account
        child_ids = api_request.words("child_account_id")
        children = [
            child for child in self.authenticator.children(account) if child_ids == ["all"] or str(child.number) in (child_ids or ())
        ]
        if child_ids not in (None, ["all"]) and len(children) != len(child_ids or ()):
            raise ErrorReply(INVALID_CHILD, "The 'child_account_id' parameter is invalid.")
        chosen: list[SandboxAccount] = children if api_request.flag(children_only) else [account, *children]
        return [self.stores[each.number] for each in chosen]
