"""A folder opens its own plain files, and nothing else, whatever a client makes up as a name."""

import os
from pathlib import Path

import pytest

from telegraphql.gateway.errors import NotFound
from telegraphql.gateway.plugin.local_files import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "secret").write_bytes(b"secret")
    inside = tmp_path / "inside"
    (inside / "2026/11").mkdir(parents=True)
    (inside / "2026/11/a b é.wav").write_bytes(b"sound")
    (inside / "out.wav").symlink_to(tmp_path / "secret")
    (inside / "in.wav").symlink_to(inside / "2026/11/a b é.wav")
    (inside / "up").symlink_to(tmp_path)
    (inside / "2025").symlink_to(inside / "2026")
    os.mkfifo(inside / "pipe.wav")
    return Folder(inside)


def test_a_file_is_opened_by_its_path_from_the_folder(folder: Folder) -> None:
    with folder.open("2026/11/a b é.wav") as file:
        assert file.read() == b"sound"


def test_the_folder_itself_may_be_a_link(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder.path)
    with Folder(tmp_path / "link").open("2026/11/a b é.wav") as file:
        assert file.read() == b"sound"


OUTSIDE = [
    *("../secret", "2026/../../secret", "/etc/passwd", "//etc/passwd", "out.wav", "in.wav", "up/secret", "2025/11/a b é.wav"),
    *("", ".", "..", "2026", "2026/11/", "./2026/11/a b é.wav", "2026//11/a b é.wav", "pipe.wav", "nothing", "2026/11/a b é.wav/x"),
    *("a\0b", "x" * 5000, "\udcff", "..\\secret", "%2e%2e/secret"),
]


@pytest.mark.parametrize("name", OUTSIDE, ids=[repr(name[:20]) for name in OUTSIDE])
def test_nothing_else_is_opened(folder: Folder, name: str) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(NotFound, match="has no such file"):
        folder.open(name)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_folder_that_is_missing_is_not_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Folder(tmp_path / "gone").open("a.wav")
