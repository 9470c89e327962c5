"""Declaring: what a plugin says of itself is true to the contract, and so are its settings."""

import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

from pydantic import SecretStr

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import need, promise, whole_plugin
from telegraphql.gateway.conformance.simulation import ACCOUNT
from telegraphql.gateway.conformance.walks import fields_of
from telegraphql.gateway.errors import SettingsError
from telegraphql.gateway.plugin.capabilities import schema_name
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.registry import GROUP
from telegraphql.gateway.runtime import create_provider
from telegraphql.schema.kinds import KINDS, RELATIONS
from telegraphql.schema.mutation import Mutation
from telegraphql.schema.query import Query

NAME = re.compile(r"[a-z][a-z0-9_-]*")
SECRET_WORDS = frozenset({"password", "secret", "token", "key", "pin", "passphrase"})


@promise(whole_plugin)
async def has_a_name(harness: Harness, plugin: type[Provider]) -> None:
    """The plugin's name is a lower-case identifier, and the same at its entry point and its sandbox."""
    name = getattr(plugin, "plugin", "")
    need(NAME.fullmatch(name), f"the plugin's name is {name!r}: set `plugin` to a lower-case identifier")
    need(harness.sandbox.plugin == name, f"the sandbox calls itself {harness.sandbox.plugin!r}: set its `plugin` to {name!r}")
    points = {point.value: point.name for point in entry_points(group=GROUP)}
    found = points.get(f"{plugin.__module__}:{plugin.__qualname__}", name)
    need(found == name, f"its entry point is named {found!r}: name it {name!r}, as the class does")


@promise(whole_plugin)
async def declares_what_the_schema_has(harness: Harness, plugin: type[Provider]) -> None:
    """Every kind, filter, detail, key, file and command that is declared is one of the schema."""
    try:
        found = harness.declared
    except SettingsError as error:
        raise AssertionError(f"{error}: correct the declaration") from None
    wrong = [*_keys(harness), *_files(harness), *_commands(harness)]
    need(not wrong, f"the schema does not have {'; '.join(wrong)}: correct the declaration")
    for kind in found.derivations:
        need(kind not in found.listings, f"{kind.__name__} is listed and derived: drop one of the two marks")


def _keys(harness: Harness) -> Iterator[str]:
    known = {(relation.kind, relation.by) for relation in RELATIONS.values()} | {(kind, "id") for kind in KINDS.values()}
    for kind, by in harness.declared.getters:
        if (kind, by) not in known:
            yield f'a relation to {kind.__name__} for gets(by="{by}")'
    for kind, listing in harness.declared.listings.items():
        yield from (f'a relation to {kind.__name__} for joins={{"{by}"}}' for by in listing.joins if (kind, by) not in known)
    for deriving in harness.declared.derivations.values():
        if (deriving.of, deriving.by) not in known:
            yield f'a relation to {deriving.of.__name__} for derives(by="{deriving.by}")'


def _files(harness: Harness) -> Iterator[str]:
    for name in harness.declared.files:
        kind, _, field = name.partition(".")
        shown = {schema_name(each.python_name) for each in fields_of(KINDS[kind])} if field else _roots()
        if (field or kind) not in shown:
            yield f'the file "{name}"'


def _commands(harness: Harness) -> Iterator[str]:
    for name, command in harness.declared.commands.items():
        if name not in _roots():
            yield f'the command "{name}"'
        if command.at_most < 1:
            yield f'at_most below 1 for the command "{name}"'


def _roots() -> set[str]:
    return {schema_name(field.python_name) for root in (Query, Mutation) for field in fields_of(root)}


@promise(whole_plugin)
async def describes_its_settings(harness: Harness, plugin: type[Provider]) -> None:
    """Every setting has a description that starts with a capital and ends with a period."""
    for name, setting in plugin.settings_type.model_fields.items():
        text = setting.description or ""
        need(text[:1].isupper() and text.endswith("."), f"the setting {name} has no description: give it Field(description='A sentence.')")


@promise(whole_plugin)
async def names_a_missing_setting(harness: Harness, plugin: type[Provider]) -> None:
    """Without a required setting the plugin is refused at start, by the setting's name."""
    table = harness.simulation.table
    for name, setting in plugin.settings_type.model_fields.items():
        if setting.is_required():
            complaint = await _complaint(plugin, {key: value for key, value in table.items() if key != name})
            need(
                f".{name}:" in complaint, f"without the setting {name} the complaint is {complaint!r}: leave the check to pydantic's fields"
            )


@promise(whole_plugin)
async def names_an_unknown_setting(harness: Harness, plugin: type[Provider]) -> None:
    """A setting that does not exist is refused at start, by its name."""
    complaint = await _complaint(plugin, harness.simulation.table | {"no_such_setting": 1})
    need(".no_such_setting:" in complaint, 'an unknown setting is accepted: derive the settings from Settings and keep extra="forbid"')


async def _complaint(plugin: type[Provider], table: dict[str, Any]) -> str:
    try:
        provider = create_provider(ACCOUNT, table, plugin)
    except SettingsError as error:
        return str(error)
    await provider.upstream.aclose()
    return ""


@promise(whole_plugin)
async def keeps_secrets_out_of_its_settings_text(harness: Harness, plugin: type[Provider]) -> None:
    """Secrets are SecretStr, so that no text of the settings or the provider shows them."""
    given = harness.provider.settings
    for name in plugin.settings_type.model_fields:
        value = getattr(given, name)
        secret = name.rpartition("_")[2] in SECRET_WORDS
        need(not secret or value is None or isinstance(value, SecretStr), f"the setting {name} is plain text: make it a SecretStr")
    shown = f"{given!r} {given!s} {harness.provider!r} {harness.provider!s}"
    need(harness.hides(shown), "the text of the settings or the provider shows a secret: keep it in a SecretStr, and out of __repr__")
