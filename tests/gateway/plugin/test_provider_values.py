"""What a mapping reads from the provider exists, or the provider is not built: the error names the mapping's line."""

import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.plugin.columns import Column, provider
from telegraphql.gateway.plugin.mapping import Mapping
from telegraphql.gateway.plugin.mapping_errors import MappingError
from telegraphql.gateway.plugin.readers import ident, text
from telegraphql.gateway.plugin.registry import Plugins
from telegraphql.gateway.runtime import Runtime, create_provider
from telegraphql.schema.queue import Queue
from tests.support.memory_provider import Memory

HERE = Path(__file__)


class Row(msgspec.Struct):
    id: int
    name: str


class Desk(Memory):
    """A provider whose mapping stands in this module."""

    plugin = "desk"

    @property
    def label(self) -> str:
        """A property is an attribute like any other."""
        return "desk"


def queues(path: str) -> Mapping[Queue]:
    return Mapping(Queue, Row, native_id=ident("id"), name=Column("{}{}".format, text("name"), provider(path)))


QUEUE: Any = None


@pytest.mark.parametrize("path", ["label", "settings.currency", "name", "numbering.region"])
def test_what_exists_is_right(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "QUEUE", queues(path))
    assert create_provider("d", {}, Desk).name == "d"


WRONG = {
    "settings.curency": "Offline has no attribute 'curency'; did you mean 'currency'?",
    "zone": "Desk has no attribute 'zone'; add it to the class Desk",
    "lable": "Desk has no attribute 'lable'; did you mean 'label'?",
}


@pytest.mark.parametrize("path", WRONG)
async def test_what_does_not_exist_disables_the_provider(
    path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(globals(), "QUEUE", queues(path))
    with pytest.raises(MappingError) as caught:
        create_provider("d", {}, Desk)
    assert str(caught.value).startswith(f"{HERE}:")
    assert str(caught.value).endswith(f": provider({path!r}): {WRONG[path]}")
    with caplog.at_level(logging.ERROR):
        made = Runtime.build(
            build_config({"providers": {"d": {"plugin": "desk"}, "m": {"plugin": "memory"}}}, Path()),
            Plugins({"desk": Desk, "memory": Memory}, {}),
        )
    assert list(made.providers) == ["m"]
    assert made.broken == {"d": f"its plugin desk is broken: {caught.value}"}
    await made.aclose()
