"""A kind is added by one file in schema/ and its place in schema/__init__.py, and by nothing in gateway/."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.repository import ROOT

TOY = Path(__file__).parent / "new_kind"
ADDED = "\nfrom telegraphql.schema.fax import Fax, FaxFilter\n\nRECORD_KINDS = (*RECORD_KINDS, Fax)\n"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a gateway says whose schema has one kind more."""
    source = tmp_path_factory.mktemp("added") / "src"
    package = source / "telegraphql"
    shutil.copytree(ROOT / "src/telegraphql", package, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("gateway", "plugins", "schema"):
        (package / name).unlink()
    for name in ("gateway", "plugins"):
        (package / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "schema", package / "schema", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TOY / "fax.py", package / "schema/fax.py")
    init = package / "schema/__init__.py"
    init.write_text(init.read_text("utf-8") + ADDED, "utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.schema.new_kind.answers"], env=environment, cwd=source, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def nodes(*found: Any) -> Any:
    return {"faxes": {"nodes": list(found)}}


def test_it_is_listed_with_its_relation(told: Any) -> None:
    second = {"nativeId": "2", "pageCount": 3, "resolution": "FINE", "call": {"nativeId": "c1"}}
    assert told["list"] == nodes(second, {"nativeId": "1", "pageCount": 1, "resolution": "STANDARD", "call": None})


def test_it_is_filtered_as_its_filter_declares(told: Any) -> None:
    first, second = {"nativeId": "1"}, {"nativeId": "2"}
    assert told["by number"] == nodes(second, first)
    assert told["by pages"] == told["by enum"] == told["by call"] == nodes(second)
    assert told["with call"] == nodes(first)
    problem = {"message": "cannot tell `isColor` of a Fax; leave this filter out or this provider"}
    assert told["by marker"] == {"faxes": {"nodes": [], "problems": [problem]}}


def test_it_is_a_node(told: Any) -> None:
    assert {**told["node"]["node"], "id": None} == {"__typename": "Fax", "id": None, "sentAt": "2024-03-01T12:00:02+00:00"}


def test_it_is_in_timelines(told: Any) -> None:
    assert told["timeline"] == {
        "timeline": {
            "nodes": [
                {"__typename": "Fax", "nativeId": "2"},
                {"__typename": "Call", "nativeId": "c1"},
                {"__typename": "Fax", "nativeId": "1"},
            ]
        }
    }


def test_providers_tell_that_they_have_it(told: Any) -> None:
    (found,) = (each for each in told["capabilities"]["provider"]["capabilities"] if each["kind"] == "Fax")
    support = {"sentAt": "GATEWAY", "number": "GATEWAY", "pageCount": "GATEWAY", "resolution": "GATEWAY", "callId": "GATEWAY"}
    filters = [{"name": name, "support": each} for name, each in {**support, "hasCall": "GATEWAY", "isColor": "UNSUPPORTED"}.items()]
    assert found == {"kind": "Fax", "lists": True, "gets": True, "filters": filters}


def test_it_needs_its_scope(told: Any) -> None:
    assert told["scope"] == [{"code": "FORBIDDEN", "scope": "admin"}]


def test_it_can_be_exported_referred_to_by_other_graphs_and_read_by_replicas(told: Any) -> None:
    assert (told["export"], told["federation"], told["replica"]) == ("sentAt", "id", True)
