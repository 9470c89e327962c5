"""The configuration of deploy/ is one that the gateway takes, and fits what is around it."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from telegraphql.gateway.auth.loopback import check_binding
from telegraphql.gateway.config.settings import GatewaySettings
from telegraphql.gateway.runtime import Runtime
from tests.deploy.manifests import DEPLOY, loaded, named, read, secrets
from tests.support.repository import ROOT


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> GatewaySettings:
    return loaded(tmp_path_factory.mktemp("configuration"))


async def test_it_loads_and_is_not_open_to_strangers(settings: GatewaySettings) -> None:
    check_binding(settings.server.host, settings.callers)
    assert settings.production is True
    engine = Runtime.build(settings)
    assert sorted(engine.providers) == ["support"]
    assert engine.broken == {}
    await engine.aclose()


def test_links_and_cursors_of_one_replica_work_at_all(settings: GatewaySettings) -> None:
    assert "secret" in settings.media.model_fields_set


def test_they_share_what_stands_beside_them(settings: GatewaySettings) -> None:
    assert settings.cluster.redis_url is not None
    address = urlsplit(settings.cluster.redis_url.get_secret_value())
    assert address.hostname in read("compose.yaml")["services"]
    assert (address.hostname, address.port) == ("redis", named("Service", "redis")["spec"]["ports"][0]["port"])
    replicas = {named("HorizontalPodAutoscaler")["spec"]["minReplicas"], read("compose.yaml")["services"]["gateway"]["deploy"]["replicas"]}
    assert replicas == {settings.cluster.replicas}
    # What is revoked has no time to live: it must not be what makes room.
    commands = [
        read("compose.yaml")["services"]["redis"]["command"],
        named("StatefulSet", "redis")["spec"]["template"]["spec"]["containers"][0]["command"],
    ]
    assert commands[0] == commands[1]
    assert commands[0][-2:] == ["--maxmemory-policy", "volatile-lru"]


# What the process takes before its first operation, as measured; tests/endtoend/test_memory.py holds it.
IDLE_MB = 140


def test_the_shipped_limits_hold_what_the_gateway_may_take(settings: GatewaySettings) -> None:
    (container,) = named("Deployment")["spec"]["template"]["spec"]["containers"]
    given = {
        container["resources"]["limits"]["memory"].removesuffix("i"),
        read("compose.yaml")["services"]["gateway"]["deploy"]["resources"]["limits"]["memory"],
        *re.findall(r"^MemoryMax=(.*)$", (ROOT / "docs" / "deploy.md").read_text(), re.MULTILINE),
    }
    (limit,) = given
    assert int(limit.removesuffix("M")) >= 1.1 * (settings.limits.memory / 2**20 + IDLE_MB)


def test_its_ports_are_those_that_are_asked(settings: GatewaySettings) -> None:
    (container,) = named("Deployment")["spec"]["template"]["spec"]["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert ports == {"http": settings.server.port, "health": settings.server.health_port, "metrics": settings.metrics.port}
    assert {container[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")} == {"health"}
    gateway = read("compose.yaml")["services"]["gateway"]
    assert f":{settings.server.health_port}/readyz" in gateway["healthcheck"]["test"][-1]
    assert gateway["expose"] == [str(settings.server.port), str(settings.metrics.port)]
    (job,) = read("prometheus.yml")["scrape_configs"]
    assert job["dns_sd_configs"][0]["port"] == settings.metrics.port
    assert f"server gateway:{settings.server.port} resolve" in (DEPLOY / "replicas.conf").read_text()
    annotations = named("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(settings.metrics.port)


def test_nobody_is_killed_before_the_grace_is_over(settings: GatewaySettings) -> None:
    grace = settings.server.shutdown_timeout
    assert grace < named("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert grace < int(read("compose.yaml")["services"]["gateway"]["stop_grace_period"].removesuffix("s"))


def test_load_balancers_notice_within_the_notice(settings: GatewaySettings) -> None:
    (container,) = named("Deployment")["spec"]["template"]["spec"]["containers"]
    probe = container["readinessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] < settings.server.drain_delay < settings.server.shutdown_timeout


def test_each_secret_is_given_and_none_is_in_the_tree() -> None:
    assert secrets() == set(named("Secret")["stringData"])
    compose = read("compose.yaml")
    assert secrets() == set(compose["secrets"]) == set(compose["services"]["gateway"]["secrets"])
    assert {each["file"] for each in compose["secrets"].values()} == {f"./secrets/{name}" for name in secrets()}
    assert not (DEPLOY / "secrets").exists() or "deploy/secrets/" in (DEPLOY.parent / ".gitignore").read_text()


def test_each_file_that_is_named_is_there(tmp_path: Path) -> None:
    mounted = {volume.partition(":")[0] for service in read("compose.yaml")["services"].values() for volume in service.get("volumes", ())}
    assert [name for name in mounted if name.startswith(".") and not (DEPLOY / name).is_file()] == []
