"""The objects of deploy/kubernetes are such by Kubernetes' own schemas, hardened, and lead to each other."""

from typing import Any

import kubernetes_validate
import pytest

from telegraphql.gateway.config.settings import GatewaySettings
from telegraphql.gateway.http.app import create_app
from telegraphql.gateway.runtime import Runtime
from tests.deploy.manifests import KUBERNETES, manifests, named, read

# The oldest that has all of it, and the newest whose schema is known.
VERSIONS = ("1.30", "1.37")
KUSTOMIZATION = read("kubernetes/kustomization.yaml")


def title(each: Any) -> str:
    return f"{each['kind']}-{each['metadata']['name']}"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manifest", manifests(), ids=title)
def test_each_object_is_one_by_kubernetes_own_schema(manifest: Any, version: str) -> None:
    assert kubernetes_validate.validate(manifest, version, strict=True) == version


def test_the_kustomization_names_what_is_there_and_leaves_out_only_the_secret() -> None:
    generated = [name for each in KUSTOMIZATION["configMapGenerator"] for name in each["files"]]
    there = {file.name for file in KUBERNETES.iterdir()} - {"kustomization.yaml"}
    assert {*KUSTOMIZATION["resources"], *generated} == there - {"secret.example.yaml"}


def pods() -> list[Any]:
    """The templates of all pods."""
    return [each["spec"]["template"] for each in manifests() if "template" in each.get("spec", {})]


def test_pods_fit_the_restricted_standard() -> None:
    assert named("Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert len(pods()) == 2
    for pod in pods():
        security = pod["spec"]["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["spec"]["automountServiceAccountToken"] is False
        for container in pod["spec"]["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "memory" in container["resources"]["limits"]


def test_probes_ask_real_routes() -> None:
    (container,) = named("Deployment")["spec"]["template"]["spec"]["containers"]
    paths = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    routes = {getattr(route, "path", "") for route in create_app(Runtime.build(GatewaySettings())).routes}
    assert set(paths.values()) <= routes
    (rule,) = named("Ingress")["spec"]["rules"]
    assert {each["path"] for each in rule["http"]["paths"]} == {"/graphql", "/media/"}
    assert {"/graphql", "/media/{token}"} <= routes


def test_selectors_find_the_pods_and_names_their_targets() -> None:
    labels = named("Deployment")["spec"]["template"]["metadata"]["labels"]
    selectors = [
        named("Deployment")["spec"]["selector"]["matchLabels"],
        named("Service")["spec"]["selector"],
        named("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        named("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
    ]
    assert selectors == [labels] * 4
    assert named("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "telegraphql",
    }
    volumes = {each["name"]: each for each in named("Deployment")["spec"]["template"]["spec"]["volumes"]}
    (generator,) = KUSTOMIZATION["configMapGenerator"]
    assert volumes["config"]["configMap"]["name"] == generator["name"]
    assert volumes["secrets"]["secret"]["secretName"] == named("Secret")["metadata"]["name"]
    assert "replicas" not in named("Deployment")["spec"]


def test_a_replica_can_always_be_taken_away() -> None:
    least = named("HorizontalPodAutoscaler")["spec"]["minReplicas"]
    assert named("PodDisruptionBudget")["spec"]["maxUnavailable"] < least
