"""Lists of an account: slices of its collections, with what its lists support tried out where nobody has told."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from telegraphql.plugin import ListRequest, RejectedInput, digits
from telegraphql.plugins.voipstudio.list_reader import Fetch, ListReader, is_by_id, timed
from telegraphql.plugins.voipstudio.list_support import SORT, LikeForm, ListSupport, feature
from telegraphql.plugins.voipstudio.query import LIKE, Condition, Conditions, ResourceQuery
from telegraphql.plugins.voipstudio.wire import LikeSample

CALLS_PATH, CALLS_TIME = "/cdrs", "calldate"
SAMPLE_SIZE, MIN_SAMPLE_DIGITS = 100, 4


class AccountLists:
    """Reads lists in whatever form the account accepts; `fetch` sends one request for a page."""

    def __init__(self, fetch: Fetch, page_size: int) -> None:
        self._fetch = fetch
        self._reader = ListReader(fetch, page_size)
        self.support = ListSupport()

    async def read(self, questions: Sequence[ResourceQuery], request: ListRequest) -> tuple[list[msgspec.Raw], int | None]:
        """Return a slice of the records that are an answer to any question, and their number if the upstream tells it."""
        if any(condition.operator == LIKE for question in questions for condition in question.conditions):
            await self.learn_like()
        try:
            return await self._read(questions, request)
        except RejectedInput:
            if not await self._learn(questions):
                raise
        return await self._read(questions, request)

    async def find(self, query: ResourceQuery) -> list[msgspec.Raw]:
        """Return all rows, oldest first."""
        return [row.raw for row in sorted(timed(query, await self._reader.all(query)), key=lambda row: (row.time, row.id))]

    async def find_where(self, query: ResourceQuery, name: str, value: int | str, period: ResourceQuery | None) -> list[msgspec.Raw]:
        """Return all rows with a value of a property, oldest first; from a period if the account does not filter by the property.

        Raises:
            RejectedInput: It does not, and no period is known.
        """
        if period is None or not self.support.is_refused(query.path, name):
            try:
                rows = await self.find(query)
            except RejectedInput:
                self.support.refuse(query.path, name)
                if period is None:
                    raise
            else:
                self.support.accept(query)
                return rows
        return [row for row in await self.find(period) if str(_property(row, name)) == str(value)]

    async def learn_like(self) -> None:
        """Learn how `like` finds a part of a number, from the number of a recent call."""
        if self.support.like_form is not None or self.support.is_like_refused:
            return
        sample = await self._like_sample()
        if sample is None:
            return
        part = digits(str(sample.src))[1:-1]
        for form in LikeForm:
            bounds = [Condition(CALLS_TIME, operator, sample.calldate) for operator in ("gte", "lte")]
            query = _unsorted([*bounds, Condition("src", LIKE, form.wrap(part))])
            try:
                rows = await self._reader.all(query)
            except RejectedInput:
                break
            if sample.id in {row.id for row in map(_sampled, rows) if row}:
                self.support.like_form = form
                return
        self.support.refuse_like()

    async def _read(self, questions: Sequence[ResourceQuery], request: ListRequest) -> tuple[list[msgspec.Raw], int | None]:
        supported: list[ResourceQuery] = []
        for question in map(self.support.supported, questions):
            if question not in supported:
                supported.append(question)
        is_whole = all(len(one.conditions) == len(other.conditions) for one, other in zip(questions, supported, strict=False))
        rows, total = await self._read_supported(supported, request)
        return rows, total if is_whole else None

    async def _read_supported(self, questions: list[ResourceQuery], request: ListRequest) -> tuple[list[msgspec.Raw], int | None]:
        first = questions[0]
        if len(questions) == 1 and first.is_in_order:
            rows, total = await self._reader.slice(first, request.offset, request.size)
            if first.must_sort and self.support.must_check_order(first.path) and is_by_id(timed(first, rows)):
                self.support.refuse(first.path, SORT)
                return await self._reader.joined([self.support.supported(first)], request)
        else:
            rows, total = await self._reader.joined(questions, request)
        for question in questions:
            self.support.accept(question)
        return rows, total

    async def _learn(self, questions: Iterable[ResourceQuery]) -> bool:
        """Try each feature of which one may be the reason for a refusal. Return True if one was refused."""
        suspects = {(question.path, name): question for question in questions for name in self.support.suspects(question)}
        return any([await self._is_refused(question, name) for (_, name), question in suspects.items()])

    async def _is_refused(self, question: ResourceQuery, name: str) -> bool:
        """Try one feature of a request alone, and note whether it is refused."""
        formed = [self.support.formed(each) for each in question.conditions if feature(each) == name]
        trial = replace(question, sorts=name == SORT, conditions=[each for each in formed if each is not None])
        try:
            await self._fetch(trial, 1, 1)
        except RejectedInput:
            self.support.refuse(question.path, name)
            return True
        self.support.accept(trial)
        return False

    async def _like_sample(self) -> LikeSample | None:
        recent = await self._fetch(_unsorted([]), SAMPLE_SIZE, 1)
        samples = [row for row in map(_sampled, recent.data) if row is not None]
        return next((row for row in samples if row.calldate and len(digits(str(row.src))) >= MIN_SAMPLE_DIGITS), None)


def _property(row: msgspec.Raw, name: str) -> object:
    fields = msgspec.json.decode(row)
    return fields.get(name) if isinstance(fields, dict) else None


def _sampled(row: msgspec.Raw) -> LikeSample | None:
    try:
        return msgspec.json.decode(row, type=LikeSample)
    except msgspec.DecodeError:
        return None


def _unsorted(conditions: Conditions) -> ResourceQuery:
    return ResourceQuery(CALLS_PATH, CALLS_TIME, False, conditions, sorts=False)
