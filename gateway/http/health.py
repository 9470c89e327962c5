"""Liveness (/healthz), readiness (/readyz) and metrics (/metrics)."""

from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope as ASGIScope

from telegraphql import __version__
from telegraphql.gateway.auth.caller import LOCAL, NOBODY, Caller, Scope
from telegraphql.gateway.http.loop_clock import LoopClock
from telegraphql.gateway.runtime import Runtime

NOT_ALLOWED = "/metrics needs the scope admin; or set metrics.port to serve it on a separate port without authentication"


# A loop that is later than this takes no more requests.
MAX_READY_LAG = 2.0


def health_routes(runtime: Runtime, clock: LoopClock) -> list[Route]:
    """Return the routes /healthz and /readyz, and /metrics unless it is disabled or has a separate port."""

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    async def ready(request: Request) -> Response:
        return readiness_response(runtime, caller_of(request.scope), clock.last)

    routes = [Route("/healthz", alive), Route("/readyz", ready)]
    metrics = runtime.settings.metrics
    return [*routes, metrics_route(runtime)] if metrics.enabled and metrics.port is None else routes


def caller_of(scope: ASGIScope) -> Caller:
    """Return the caller of a request: LOCAL on a server without authentication."""
    if "caller" not in scope:
        return LOCAL
    caller: Caller | None = scope["caller"]
    return caller or NOBODY


def readiness_response(runtime: Runtime, caller: Caller, loop_lag: float) -> Response:
    """Return 200 if the gateway can serve requests, else 503.

    A provider that is down does not make the gateway unready: another replica could not reach it either. The response contains the
    states of the providers that the caller can see.
    """
    names = [*runtime.healths, *runtime.broken]
    states = {name: _provider_state(runtime, name) for name in names if caller.can_see(name)}
    status = readiness(runtime, loop_lag)
    body: dict[str, object] = {"status": status, "loopLagSeconds": round(loop_lag, 3), "providers": states}
    if runtime.shared_state is not None:
        body["shared"] = "up" if runtime.shared_state.redis.is_up else "down"
    return JSONResponse(body, HTTPStatus.OK if status == "ready" else HTTPStatus.SERVICE_UNAVAILABLE)


def readiness(runtime: Runtime, loop_lag: float) -> str:
    """Return "ready", or why requests should go to other replicas."""
    if runtime.shutdown.draining:
        return "draining"
    if runtime.broken and not runtime.providers:
        return "broken"
    return "ready" if loop_lag < MAX_READY_LAG else "busy"


def _provider_state(runtime: Runtime, name: str) -> dict[str, str | bool | None]:
    health = runtime.healths.get(name)
    if health is None:
        return {"state": "BROKEN", "up": False}
    problem, success = health.last_problem, health.last_success_at
    return {
        "up": health.up,
        "state": health.state.name,
        "lastProblem": problem.code.name if problem else None,
        "lastSuccessAt": success.isoformat(timespec="seconds") if success else None,
    }


def metrics_route(runtime: Runtime, is_public: bool = False) -> Route:
    """Return the route /metrics. Unless it is public, it needs the scope admin and shows the providers that the caller can see."""

    async def metrics(request: Request) -> Response:
        caller = LOCAL if is_public else caller_of(request.scope)
        if Scope.ADMIN not in caller.scopes:
            return JSONResponse({"error": {"message": NOT_ALLOWED, "code": "FORBIDDEN"}}, HTTPStatus.FORBIDDEN)
        assert runtime.instruments.metrics is not None
        return Response(runtime.instruments.metrics.text(caller.providers), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return Route("/metrics", metrics)
