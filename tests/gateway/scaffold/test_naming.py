"""The names of a new plugin: one makes all, and a bad or a taken one is refused before anything is written."""

from pathlib import Path

import pytest

from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.scaffold import naming
from telegraphql.gateway.scaffold.naming import PluginNames
from telegraphql.gateway.scaffold.project import PluginProject


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("my-pbx", PluginNames("telegraphql-my-pbx", "my-pbx", "telegraphql_my_pbx", "MyPbx")),
        ("Acme2", PluginNames("telegraphql-acme2", "acme2", "telegraphql_acme2", "Acme2")),
        ("Old.PBX_two", PluginNames("telegraphql-old-pbx-two", "old-pbx-two", "telegraphql_old_pbx_two", "OldPBXTwo")),
        ("telegraphql-my-pbx", PluginNames("telegraphql-my-pbx", "my-pbx", "telegraphql_my_pbx", "MyPbx")),
        ("telegraphql-2", PluginNames("telegraphql-2", "telegraphql-2", "telegraphql_2", "Telegraphql2")),
        ("q", PluginNames("telegraphql-q", "q", "telegraphql_q", "Q")),
        # The class would have the name of something that the templates use.
        ("call", PluginNames("telegraphql-call", "call", "telegraphql_call", "CallPlugin")),
        ("none", PluginNames("telegraphql-none", "none", "telegraphql_none", "NonePlugin")),
    ],
)
def test_all_names_are_made_of_one(name: str, names: PluginNames) -> None:
    assert PluginProject(name).names == names
    assert 10 <= names.port < 95


@pytest.mark.parametrize("name", ["", "2pbx", "-pbx", "pbx-", "my pbx", "my/pbx", "../pbx", "pbx;", "Über", "a" * 61, "pbx\n"])
def test_a_name_that_no_distribution_can_have_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="is not a valid plugin name: use 1 to 60 letters"):
        PluginProject(name)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("voximplant", "a plugin 'voximplant' is installed by telegraphql; choose another name"),
        ("telegraphql-Boxis", "a plugin 'boxis' is installed by telegraphql; choose another name"),
    ],
)
def test_a_name_that_is_taken_is_refused_and_nothing_is_written(tmp_path: Path, name: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as refused:
        PluginProject(name).write(tmp_path)
    assert str(refused.value) == complaint
    assert list(tmp_path.iterdir()) == []


def test_a_distribution_that_is_installed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "_is_installed", lambda name: name == "telegraphql-my-pbx")
    with pytest.raises(SettingsError, match="'telegraphql-my-pbx' is the name of an installed distribution or package"):
        PluginProject("my-pbx").write(tmp_path)


def test_a_plugin_named_after_a_vendor_replaces_none_of_its_packages(tmp_path: Path) -> None:
    for name in ("PyJWT", "msgspec", "json", "class", "tests"):
        folder = PluginProject(name).write(tmp_path)
        assert folder.name == f"telegraphql-{name.lower()}"
        assert (folder / f"telegraphql_{name.lower()}" / "provider.py").is_file()


def test_what_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "telegraphql-my-pbx").mkdir()
    (tmp_path / "telegraphql-my-pbx" / "README.md").write_text("mine")
    with pytest.raises(SettingsError, match="my-pbx exists and was not changed; remove it, or choose another name or --into"):
        PluginProject("my-pbx").write(tmp_path)
    assert [file.read_text() for file in (tmp_path / "telegraphql-my-pbx").iterdir()] == ["mine"]


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for into in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(SettingsError, match="choose another"):
            PluginProject("my-pbx").write(into)


def test_it_is_written_into_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert PluginProject("my-pbx").write(tmp_path / "a" / "b") == tmp_path / "a" / "b" / "telegraphql-my-pbx"
