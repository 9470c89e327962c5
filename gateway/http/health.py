"""Probes: how the gateway is - for machines that restart it, that send it clients, and that draw its curves."""

from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from telegraphql import __version__
from telegraphql.gateway.auth.caller import LOCAL, NOBODY, Caller
from telegraphql.gateway.auth.caller import Scope as May
from telegraphql.gateway.runtime import Runtime

NOT_ALLOWED = "the metrics need the scope admin; or give them a port of their own (metrics.port)"


def health_routes(engine: Runtime) -> list[Route]:
    """/healthz, /readyz, and /metrics unless it is off or has its own port."""

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    async def ready(request: Request) -> Response:
        return readiness_response(engine, caller_of(request.scope))

    found = [Route("/healthz", alive), Route("/readyz", ready)]
    chosen = engine.settings.metrics
    return [*found, metrics_route(engine)] if chosen.enabled and chosen.port is None else found


def caller_of(scope: Scope) -> Caller:
    """Who asks; whoever does where callers are not asked who they are."""
    if "caller" not in scope:
        return LOCAL
    caller: Caller | None = scope["caller"]
    return caller or NOBODY


def readiness_response(engine: Runtime, caller: Caller) -> Response:
    """Ready unless there is nobody left to ask: an upstream that is down is no reason to send clients elsewhere.

    Names and states are told to those for whom these providers exist."""
    names = [*engine.providers, *engine.broken]
    states = {name: _state(engine, name) for name in names if caller.can_see(name)}
    status = "draining" if engine.shutdown.draining else "ready" if engine.providers or not engine.broken else "broken"
    told: dict[str, object] = {"status": status, "providers": states}
    if engine.shared_state is not None:
        told["shared"] = "up" if engine.shared_state.redis.is_up else "down"
    return JSONResponse(told, HTTPStatus.OK if status == "ready" else HTTPStatus.SERVICE_UNAVAILABLE)


def _state(engine: Runtime, name: str) -> dict[str, str | bool | None]:
    if name not in engine.providers:
        return {"state": "BROKEN", "up": False}
    health = engine.healths[name]
    problem, success = health.last_problem, health.last_success_at
    return {
        "up": health.up,
        "state": health.state.name,
        "lastProblem": problem.code.name if problem else None,
        "lastSuccessAt": success.isoformat(timespec="seconds") if success else None,
    }


def metrics_route(engine: Runtime, anybody: bool = False) -> Route:
    """/metrics; for callers with admin, who see their own providers, or for anybody."""

    async def metrics(request: Request) -> Response:
        caller = LOCAL if anybody else caller_of(request.scope)
        if May.ADMIN not in caller.scopes:
            return JSONResponse({"error": {"message": NOT_ALLOWED, "code": "FORBIDDEN"}}, HTTPStatus.FORBIDDEN)
        assert engine.instruments.metrics is not None
        return Response(engine.instruments.metrics.text(caller.providers), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return Route("/metrics", metrics)
