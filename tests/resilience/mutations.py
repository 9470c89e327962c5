"""Mutations: what may have happened to the JSON of an upstream's answer on the way."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as some
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.endtoend.world import SIGN_IN

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
    *('"\\u0000"', '"\\ud800"', '"\u202e\U0001f4de"', '"' + "long " * 5000 + '"', "1e999999999"),
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
            return self.text.encode("utf-8")
        _do(self.deed, container, key)
        return json.dumps(document, ensure_ascii=False).replace(json.dumps(PLACE), self.text).encode("utf-8")

    def _place(self, document: Any, plugin: str) -> tuple[Any, Any]:
        """The container and the key in it; none for the document itself."""
        container: Any = None
        key: Any = None
        here = document
        if self.row is not None:
            for name in ROWS[plugin]:
                container, key, here = here, name, here.get(name) if isinstance(here, dict) else None
            here, self_steps = here, (self.row, *self.steps)
        else:
            self_steps = self.steps
        for step in self_steps:
            if not here or not isinstance(here, dict | list):
                break
            keys = list(here) if isinstance(here, dict) else range(len(here))
            container, key = here, keys[step % len(keys)]
            here = container[key]
        return container, key


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
    """ASGI around an upstream: changes the body of good answers, or of those from the `skip`th on."""

    inner: ASGIApp
    plugin: str
    change: Callable[[bytes, str], bytes] | None = None
    skip: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, changed or not."""
        change = self.change
        if scope["type"] != "http" or change is None or any(word in scope["path"].lower() for word in (*SIGN_IN, "_sandbox")):
            await self.inner(scope, receive, send)
            return
        if self.skip:
            self.skip -= 1
            await self.inner(scope, receive, send)
            return
        await self._changed(change, scope, receive, send)

    async def _changed(self, change: Callable[[bytes, str], bytes], scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.inner(scope, receive, keep)
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        if start["status"] == 200 and body[:1] in (b"{", b"["):
            body = change(body, self.plugin)
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})


def meddled(sandboxes: Sequence[Any]) -> dict[str, Meddler]:
    """A meddler before each of these sandboxes, from now on."""
    found = {sandbox.plugin: Meddler(sandbox.app(), sandbox.plugin) for sandbox in sandboxes}
    for sandbox in sandboxes:
        sandbox.app = lambda plugin=sandbox.plugin: found[plugin]
    return found
