"""New plugins in a fresh environment, beside the package of a vendor with the same name: their tests pass as they are written."""

import json
import re
from pathlib import Path

import pytest

from telegraphql.gateway.scaffold.project import PageStyleName, SchemeName
from tests.support.installation import PIP, Installed, output
from tests.support.repository import ROOT

pytestmark = pytest.mark.slow
# A vendor's package that is installed with the gateway: its import name and its distribution are the plugin's name.
VENDOR = "redis"
SHOW = """import json, sys
from importlib import import_module
from importlib.metadata import version
from telegraphql.gateway.plugin.registry import plugins
vendor, plugin = (import_module(name).__name__ for name in sys.argv[1:])
print(json.dumps({
    "vendor": hasattr(import_module(vendor), "Redis"), "versions": [bool(version(vendor)), version(plugin.replace("_", "-"))],
    "plugin": plugins().found[vendor].__module__, "broken": dict(plugins().broken),
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    fresh = Installed(tmp_path_factory.mktemp("fresh"))
    fresh.install(ROOT)
    return fresh


@pytest.mark.parametrize("auth", SchemeName)
@pytest.mark.parametrize("pages", PageStyleName)
def test_the_tests_of_each_page_style_and_credential_scheme_pass_as_they_are(
    installed: Installed, pages: str, auth: str, tmp_path: Path
) -> None:
    installed.run("-m", "telegraphql", "plugin", "new", VENDOR, "--pages", pages, "--auth", auth, folder=tmp_path)
    (project,) = tmp_path.iterdir()
    assert project.name == f"telegraphql-{VENDOR}"
    installed.install(project)
    try:
        said = installed.run("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=project)
        assert re.search(r"^1\d\d passed, \d+ skipped in", said, re.MULTILINE), said
        shown = json.loads(installed.run("-c", SHOW, VENDOR, f"telegraphql_{VENDOR}"))
        expected = {"vendor": True, "versions": [True, "0.1.0"], "plugin": f"telegraphql_{VENDOR}.provider", "broken": {}}
        assert shown == expected
    finally:
        output(*PIP, "--python", installed.python, "uninstall", "--yes", project.name)


def test_a_plugin_that_is_included_is_not_written_again(installed: Installed, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="a plugin 'twilio' is installed by telegraphql; choose another name"):
        installed.run("-m", "telegraphql", "plugin", "new", "twilio", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
