"""Documents: what stands in deploy/, read, and the settings of the gateway that is started there."""

import tomllib
from pathlib import Path
from typing import Any

import yaml

from telegraphql.gateway.config.settings import GatewaySettings, read_config
from tests.support.repository import ROOT

DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
SECRETS = "/run/secrets/"
# An example of each secret, long enough for whoever checks.
VALUE = "an example that is long enough for everybody"


def read(name: str) -> Any:
    """The one document of a file."""
    return yaml.safe_load((DEPLOY / name).read_text())


def manifests() -> list[Any]:
    """All objects of Kubernetes that kustomization.yaml names, and the example of a Secret."""
    names = [*read("kubernetes/kustomization.yaml")["resources"], "secret.example.yaml"]
    return [each for name in names for each in yaml.safe_load_all((KUBERNETES / name).read_text())]


def named(kind: str, name: str = "telegraphql") -> Any:
    """One of them."""
    (found,) = [each for each in manifests() if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def configuration() -> str:
    """The configuration of all replicas."""
    return (KUBERNETES / "telegraphql.toml").read_text()


def secrets() -> set[str]:
    """The files under /run/secrets that it names."""

    def found(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set().union(*map(found, value.values()))
        return {value.removeprefix(SECRETS)} if isinstance(value, str) and value.startswith(SECRETS) else set()

    return found(tomllib.loads(configuration()))


def loaded(folder: Path) -> GatewaySettings:
    """The settings, as the gateway reads them, with an example of each secret."""
    for name in secrets():
        (folder / name).write_text(VALUE)
    written = folder / "telegraphql.toml"
    written.write_text(configuration().replace(SECRETS, f"{folder}/"))
    return read_config(written)
