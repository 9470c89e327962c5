"""Secrecy: what must never be said - the credentials of every provider, and whatever is made of them on the way."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel, SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from telegraphql.gateway.plugin.sandbox import Sandbox
from telegraphql.gateway.runtime import Runtime
from telegraphql.gateway.telemetry.logs import JsonFormatter
from telegraphql.gateway.upstream.client import Request

LEAST = 8  # shorter texts occur by chance
CREDENTIAL = re.compile("auth|token|key|cookie|session", re.IGNORECASE)


@dataclass(slots=True)
class Ears(logging.Handler):
    """Hears the log and the answers; `secrets` are texts that neither may hold."""

    secrets: set[str] = field(default_factory=set)
    heard: int = 0
    leaks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        logging.Handler.__init__(self, logging.DEBUG)

    __hash__ = object.__hash__

    @classmethod
    def over(cls, engine: Runtime) -> "Ears":
        """Knows the settings of all providers, and notes the credentials in everything they are sent."""
        ears = cls()
        for serving in engine.providers.values():
            ears.secrets |= set(_secrets(serving.provider.settings))
            ears._follow(serving.provider)
        return ears

    def emit(self, record: logging.LogRecord) -> None:
        """A line of the log, with its traceback; and as our own log writes it, with all its fields."""
        self.hear(logging.Formatter().format(record))
        self.hear(JsonFormatter().format(record))

    def hear(self, text: str) -> None:
        """Anything said."""
        self.heard += 1
        self.leaks += [f"{text[:200]} ..." for secret in self.secrets if secret in text]

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear the log."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)

    def _follow(self, provider: Any) -> None:
        authorize = provider.authorize

        async def noting(request: Request) -> None:
            before = set(_texts(request))
            await authorize(request)
            self.secrets |= {text.split(" ")[-1] for text in set(_texts(request)) - before if len(text) > LEAST + 4}

        provider.authorize = noting


def noted(sandboxes: Mapping[str, Sandbox], ears: Ears) -> None:
    """Note the credentials that reach these upstreams, which are not running yet."""
    for sandbox in sandboxes.values():
        app = Noting(sandbox.app(), ears)
        sandbox.app = lambda app=app: app  # type: ignore[method-assign,misc]


@dataclass(slots=True)
class Noting:
    """ASGI around an upstream that takes down the credentials it is sent."""

    inner: ASGIApp
    ears: Ears

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note, and answer."""
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                text = value.decode("latin-1").split(" ")[-1]
                if CREDENTIAL.search(name.decode("latin-1")) and len(text) > LEAST + 4:
                    self.ears.secrets.add(text)
        await self.inner(scope, receive, send)


def _texts(request: Request) -> Iterator[str]:
    yield from request.headers.values()
    yield from request.params.values()
    yield from (request.form or {}).values()


def _secrets(settings: BaseModel) -> Iterator[str]:
    for name, value in settings:
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif name == "credentials_file" and value:
            key = msgspec.json.decode(Path(value).read_bytes())["private_key"]
            yield from (line for line in key.splitlines() if not line.startswith("---"))
