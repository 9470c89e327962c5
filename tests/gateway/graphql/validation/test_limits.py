"""The limits' settings."""

from pathlib import Path

import pytest

from telegraphql.gateway.config.settings import build_config
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.graphql.validation.limits import Limits


def test_every_limit_has_a_default() -> None:
    assert build_config({}, Path()).limits == Limits()


@pytest.mark.parametrize(
    "given", [{"aliases": -1}, {"cost": 0}, {"page_size": 1001}, {"body_bytes": 10}, {"unknown": 1}, {"tokens": "many"}]
)
def test_a_limit_that_cannot_be_is_refused_at_the_start(given: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=f"limits.{next(iter(given))}"):
        build_config({"limits": given}, Path())


@pytest.mark.parametrize(
    ("server", "callers", "production", "page"),
    [
        ({}, {}, False, True),
        ({}, {"anonymous": ["read"]}, True, True),
        ({"production": True}, {}, True, False),
        ({"production": True, "graphiql": True}, {}, True, True),
        ({"production": False, "graphiql": False}, {"anonymous": ["read"]}, False, False),
    ],
)
def test_production_is_where_callers_are_configured_unless_it_is_set(
    server: dict[str, bool], callers: dict[str, object], production: bool, page: bool
) -> None:
    settings = build_config({"server": server, "callers": callers}, Path())
    assert (settings.production, settings.serves_graphiql) == (production, page)
