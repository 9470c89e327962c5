"""Promises about declarations and settings: they match the schema and the contract."""

import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

from pydantic import SecretStr

from telegraphql.gateway.conformance.harness import Harness
from telegraphql.gateway.conformance.promises import promise, require, whole_plugin
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
    """Use one lower-case identifier as the name of the plugin, its entry point and its sandbox."""
    name = getattr(plugin, "plugin", "")
    require(NAME.fullmatch(name), f"the plugin's name is {name!r}: set `plugin` to a lower-case identifier")
    require(harness.sandbox.plugin == name, f"the sandbox has plugin = {harness.sandbox.plugin!r}: set it to {name!r}")
    names = {point.value: point.name for point in entry_points(group=GROUP)}
    entry_point_name = names.get(f"{plugin.__module__}:{plugin.__qualname__}", name)
    require(entry_point_name == name, f"its entry point is named {entry_point_name!r}: rename it to {name!r}, the class's `plugin`")


@promise(whole_plugin)
async def declares_what_the_schema_has(harness: Harness, plugin: type[Provider]) -> None:
    """Declare only kinds, filters, detail fields, keys, files and commands that the schema has."""
    try:
        declarations = harness.declared
    except SettingsError as error:
        raise AssertionError(f"{error}: correct the declaration") from None
    unknown = [*_keys(harness), *_files(harness), *_commands(harness)]
    require(not unknown, f"the schema does not have {'; '.join(unknown)}: correct the declaration")
    for kind in declarations.derivations:
        require(kind not in declarations.listings, f"{kind.__name__} has both @lists and @derives: remove one")


def _keys(harness: Harness) -> Iterator[str]:
    known = {(relation.kind, relation.by) for relation in RELATIONS.values()} | {(kind, "id") for kind in KINDS.values()}
    for kind, by in harness.declared.getters:
        if (kind, by) not in known:
            yield f'a relation to {kind.__name__} for gets(by="{by}")'
    for kind, listing in harness.declared.listings.items():
        yield from (f'a relation to {kind.__name__} for joins={{"{by}"}}' for by in listing.joins if (kind, by) not in known)
    for derivation in harness.declared.derivations.values():
        if (derivation.of, derivation.by) not in known:
            yield f'a relation to {derivation.of.__name__} for derives(by="{derivation.by}")'


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
    """Describe every setting in a sentence that starts with a capital and ends with a period."""
    for name, setting in plugin.settings_type.model_fields.items():
        text = setting.description or ""
        require(text[:1].isupper() and text.endswith("."), f"the setting {name} has no description: write Field(description='A sentence.')")


@promise(whole_plugin)
async def names_a_missing_setting(harness: Harness, plugin: type[Provider]) -> None:
    """Reject a configuration without a required setting at start, by the setting's name."""
    table = harness.simulation.table
    for name, setting in plugin.settings_type.model_fields.items():
        if setting.is_required():
            message = await _settings_error(plugin, {key: value for key, value in table.items() if key != name})
            require(f".{name}:" in message, f"without the setting {name} the error is {message!r}: leave the check to pydantic's fields")


@promise(whole_plugin)
async def names_an_unknown_setting(harness: Harness, plugin: type[Provider]) -> None:
    """Reject a setting that does not exist at start, by its name."""
    message = await _settings_error(plugin, harness.simulation.table | {"no_such_setting": 1})
    require(
        ".no_such_setting:" in message, 'an unknown setting is accepted: derive the settings class from Settings and keep extra="forbid"'
    )


async def _settings_error(plugin: type[Provider], table: dict[str, Any]) -> str:
    try:
        provider = create_provider(ACCOUNT, table, plugin)
    except SettingsError as error:
        return str(error)
    await provider.upstream.aclose()
    return ""


@promise(whole_plugin)
async def keeps_secrets_out_of_its_settings_text(harness: Harness, plugin: type[Provider]) -> None:
    """Keep secrets in SecretStr, so that no text of the settings or the provider contains them."""
    settings = harness.provider.settings
    for name in plugin.settings_type.model_fields:
        value = getattr(settings, name)
        is_secret = name.rpartition("_")[2] in SECRET_WORDS
        require(not is_secret or value is None or isinstance(value, SecretStr), f"the setting {name} is a plain str: make it a SecretStr")
    texts = f"{settings!r} {settings!s} {harness.provider!r} {harness.provider!s}"
    require(
        harness.is_free_of_secrets(texts),
        "repr() or str() of the settings or the provider contains a secret: keep it in a SecretStr, and out of __repr__",
    )
