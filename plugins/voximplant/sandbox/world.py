"""World: the accounts of the simulated upstream with their books."""

from dataclasses import dataclass

from telegraphql.plugins.voximplant.sandbox.access import AccessControl, SandboxAccount
from telegraphql.plugins.voximplant.sandbox.question import Question
from telegraphql.plugins.voximplant.sandbox.refused import INVALID_CHILD, ErrorReply
from telegraphql.plugins.voximplant.sandbox.reports import Reports
from telegraphql.plugins.voximplant.sandbox.store import Books


@dataclass(slots=True)
class World:
    """What every method answers from."""

    access: AccessControl
    books: dict[int, Books]
    reports: Reports

    def own(self, question: Question) -> Books:
        """The books of the account that asks."""
        return self.books[question.caller.account.number]

    def asked(self, question: Question, only: str) -> list[Books]:
        """The same, with those of child accounts where they are wanted; `only` names the parameter that leaves out its own."""
        account = question.caller.account
        wanted = question.words("child_account_id")
        children = [child for child in self.access.children(account) if wanted == ["all"] or str(child.number) in (wanted or ())]
        if wanted not in (None, ["all"]) and len(children) != len(wanted or ()):
            raise ErrorReply(INVALID_CHILD, "The 'child_account_id' parameter is invalid.")
        chosen: list[SandboxAccount] = children if question.flag(only) else [account, *children]
        return [self.books[each.number] for each in chosen]
