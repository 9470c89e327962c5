"""Issuer: an identity provider on loopback that signs tokens, publishes its keys, rotates them and has bad days."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telegraphql.gateway.http.thread_server import serve_in_thread

ISSUER = "https://id.example"
AUDIENCE = "telegraphql"
MAKING = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@dataclass
class Issuer:
    """Keys by their ids; `asked` counts how often they were fetched, `answer` stands for them on a bad day."""

    keys: dict[str, Any] = field(default_factory=dict)
    algorithms: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    answer: Response | None = None
    url: str = ""

    def add(self, kid: str, algorithm: str = "EdDSA") -> None:
        """One more key."""
        self.keys[kid], self.algorithms[kid] = MAKING[algorithm](), algorithm

    def published(self) -> dict[str, Any]:
        """The public keys."""
        return {"keys": [self._public(kid) for kid in self.keys]}

    def _public(self, kid: str) -> dict[str, Any]:
        algorithm = self.algorithms[kid]
        made: dict[str, Any] = jwt.get_algorithm_by_name(algorithm).to_jwk(self.keys[kid].public_key(), as_dict=True)
        return made | {"kid": kid, "use": "sig", "alg": algorithm}

    def token(self, kid: str = "one", **claims: Any) -> str:
        """A token that is good unless the claims say otherwise; None leaves a claim out."""
        whole = {"iss": ISSUER, "aud": AUDIENCE, "sub": "zoe", "exp": int(time.time()) + 300} | claims
        given = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(given, self.keys[kid], self.algorithms[kid], {"kid": kid})

    def table(self, **more: Any) -> dict[str, Any]:
        """How a gateway is configured for it."""
        return {"jwt": {"issuer": ISSUER, "audience": AUDIENCE, "jwks_url": self.url, "leeway": "0s"} | more}


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer on a real socket, with one key."""
    made = Issuer()
    made.add("one")

    async def keys(request: Request) -> Response:
        made.asked += 1
        return made.answer or Response(json.dumps(made.published()), media_type="application/json")

    with serve_in_thread(Starlette(routes=[Route("/keys", keys)])) as url:
        made.url = f"{url}/keys"
        yield made


def forged(token: str, **header: Any) -> str:
    """A token whose header says something else."""
    head, claims, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(head + "==")) | header
    return f"{base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip('=')}.{claims}.{signature}"
