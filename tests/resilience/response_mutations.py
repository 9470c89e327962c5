"""Mutations: what may have happened to the JSON of an upstream's answer on the way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as some
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telegraphql.gateway.plugin.sandbox import Sandbox
from tests.endtoend.world import SIGN_IN

UNCHANGED = (*SIGN_IN, "_sandbox")

# Where each plugin's answers hold their rows.
ROWS = {"voximplant": ("result",), "voipstudio": ("data",), "portsip": ("items",), "boxis": ("params", "cdr")}
# JSON texts in the place of values; some are no JSON at all.
WRONG = (
    *("null", "true", "false", "0", "-1", "1.5", "-0.0", "2147483648", "123456789012345678901234567890", "1e400", "-1e999"),
    *(
        '""',
        '"x"',
        '" "',
        '"null"',
        '"-1"',
        '"1.5"',
        '"NaN"',
        '"-Infinity"',
        '"1e400"',
        '"1e999999999"',
        '"123456789012345678901234567890"',
    ),
    *("[]", "{}", "[[]]", "[null]", '[{"a": 1}]', '{"a": null}', '{"": {"": []}}', '"2026-02-30 25:61:61"', '"0000-00-00 00:00:00"'),
    *('"\\u0000"', '"\\ud800"', '"\u202e\U0001f4de"', '"' + "long " * 5000 + '"'),
)
MOMENTS = ('"9999-12-31 23:59:59"', '"0001-01-01 00:00:00"', '"9999-12-31T23:59:59-14:00"', '"0001-01-01T00:00:00+14:00"', "1763640000")
NOT_JSON = ("NaN", "Infinity", "01", "'x'", '"\\x"', "")
DEEP = tuple(f"{'[' * depth}{']' * depth}" for depth in (60, 600, 3000, 50_000))
PLACE = "@here@"


@dataclass(frozen=True, slots=True)
class Change:
    """One deed at one place: `steps` lead there from the rows' `row`, or from the root, each modulo what there is."""

    deed: str
    steps: tuple[int, ...]
    text: str = "null"
    row: int | None = None

    def __call__(self, body: bytes, plugin: str) -> bytes:
        """The changed body."""
        if self.deed == "cut":
            return body[: len(body) * (self.steps[0] % 1000) // 1000]
        document = json.loads(body)
        container, key = self._place(document, plugin)
        if container is None:
            return body
        _do(self.deed, container, key)
        return json.dumps(document, ensure_ascii=False).replace(json.dumps(PLACE), self.text).encode("utf-8")

    def _place(self, document: Any, plugin: str) -> tuple[Any, Any]:
        """The container and the key in it; none for the document itself."""
        container: Any = None
        key: Any = None
        here = document
        for depth, step in enumerate(self._way(plugin)):
            if not here or not isinstance(here, dict | list):
                # A change in a row needs a row.
                return (None, None) if self.row is not None and depth <= len(ROWS[plugin]) else (container, key)
            keys = list(here) if isinstance(here, dict) else range(len(here))
            container, key = here, step if isinstance(step, str) else keys[step % len(keys)]
            if isinstance(step, str) and step not in keys:
                return None, None
            here = container[key]
        return container, key

    def _way(self, plugin: str) -> tuple[int | str, ...]:
        return self.steps if self.row is None else (*ROWS[plugin], self.row, *self.steps)


def _do(deed: str, container: Any, key: Any) -> None:
    """Change what stands in a container under a key."""
    if deed == "drop":
        del container[key]
    elif deed == "replace":
        container[key] = PLACE
    elif deed == "wrap":
        container[key] = [container[key]]
    elif deed == "nest":
        container[key] = {"value": container[key]}
    elif deed == "stringify":
        container[key] = json.dumps(container[key]) if isinstance(container[key], dict | list) else str(container[key])
    elif deed == "repeat":
        if isinstance(container, list):
            container.insert(key, container[key])
        else:
            container[f"{key}_1"] = container[key]


@dataclass(frozen=True, slots=True)
class SetField:
    """One field of the first row there is."""

    field: str
    text: str

    def __call__(self, body: bytes, plugin: str) -> bytes:
        """The changed body; as it was where it has no rows."""
        document = json.loads(body)
        rows = document
        for name in ROWS[plugin]:
            rows = rows.get(name)
        if not rows:
            return body
        (next(iter(rows.values())) if isinstance(rows, dict) else rows[0])[self.field] = PLACE
        return json.dumps(document, ensure_ascii=False).replace(json.dumps(PLACE), self.text).encode("utf-8")


DEEDS = ("replace", "replace", "replace", "drop", "wrap", "nest", "stringify", "repeat")
STEPS = some.lists(some.integers(0, 60), min_size=1, max_size=6).map(tuple)
ANYWHERE = some.builds(
    Change,
    deed=some.sampled_from((*DEEDS, "cut")),
    steps=STEPS,
    text=some.sampled_from((*WRONG, *MOMENTS, *NOT_JSON, *DEEP)),
    row=some.none(),
)
IN_A_ROW = some.builds(Change, deed=some.sampled_from(DEEDS), steps=STEPS, text=some.sampled_from(WRONG), row=some.integers(0, 60))


@dataclass(slots=True)
class Meddler:
    """ASGI around an upstream: leaves the first `skip` answers as they are, and changes the next `times` that can be changed."""

    inner: ASGIApp
    plugin: str
    change: Change | SetField | None = None
    skip: int = 0
    times: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, changed or not."""
        change = self.change if scope["type"] == "http" and not any(word in scope["path"].lower() for word in UNCHANGED) else None
        if change and self.skip:
            self.skip, change = self.skip - 1, None
        if change and self.times:
            await self._changed(change, scope, receive, send)
        else:
            await self.inner(scope, receive, send)

    async def _changed(self, change: Change | SetField, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.inner(scope, receive, keep)
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        if start["status"] == 200 and body[:1] in (b"{", b"["):
            before, body = body, change(body, self.plugin)
            self.times -= body != before
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})


def meddled(sandboxes: Mapping[str, Sandbox]) -> dict[str, Meddler]:
    """A meddler before each of these sandboxes, from now on."""
    found = {name: Meddler(sandbox.app(), sandbox.plugin) for name, sandbox in sandboxes.items()}
    for name, sandbox in sandboxes.items():
        sandbox.app = partial(found.__getitem__, name)  # type: ignore[method-assign]
    return found
