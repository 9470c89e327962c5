"""Tables of providers: each is checked by the settings of its plugin."""

import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from telegraphql.gateway.config.mistakes import Mistake, mistakes_of
from telegraphql.gateway.plugin.provider import Provider
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.plugin.settings import NAME, LocalSettings

# They say nothing about which account it is.
NOT_THE_ACCOUNT = {"id", "region", "currency", "session_span", "limits", "proxy", "ca_file", "client_cert_file", "file_hosts"}


def table_mistakes(tables: Mapping[str, Any]) -> Iterator[Mistake]:
    """Yield what is wrong with the tables of `[providers]` whatever their plugins: names, and keys without a plugin."""
    owners: dict[str, str] = {}
    for name, table in tables.items():
        key = ("providers", name)
        id = str(table.get("id", name)) if isinstance(table, dict) else name
        if id in owners:
            yield Mistake((*key, "id"), f"providers.{owners[id]} has the id {id!r} too: write another id into one of them")
        owners[id] = name
        if not NAME.fullmatch(name):
            yield Mistake(key, "name a provider with letters, digits, '.', '_' and '-', and begin with a letter or digit")
        if not isinstance(table, dict):
            yield Mistake(key, f'write a table: [providers.{name}] with plugin = "..."')
        elif not isinstance(table.get("plugin"), str):
            yield Mistake((*key, "plugin"), f"is missing: write one of {', '.join(sorted(plugins().found))}")


def provider_mistakes(tables: Mapping[str, Any], unusable: Iterable[str]) -> Iterator[Mistake]:
    """Yield the mistakes in the tables of installed plugins, except of providers that cannot be used."""
    for name, table in tables.items():
        if isinstance(table, dict) and table.get("plugin") in plugins().found and name not in unusable:
            try:
                read_settings(plugins().found[table["plugin"]], table)
            except ValidationError as error:
                yield from mistakes_of(error, plugins().found[table["plugin"]].settings_type, ("providers", name))


def read_settings(plugin: type[Provider], table: Mapping[str, Any]) -> LocalSettings:
    """Return the settings of a provider's table.

    Raises:
        ValidationError: The table is wrong.
    """
    return plugin.settings_type(**{key: value for key, value in table.items() if key != "plugin"})


def readable_secrets(values: Mapping[str, Any], path: Path | None) -> Iterator[str]:
    """Yield a warning if other users of this machine can read a file that holds secrets as text."""
    if path is None or not path.stat().st_mode & stat.S_IROTH:
        return
    found = sorted(
        f"providers.{name}.{key}"
        for name, table in values.get("providers", {}).items()
        if isinstance(table, dict) and table.get("plugin") in plugins().found
        for key, field in plugins().found[table["plugin"]].settings_type.model_fields.items()
        if isinstance(table.get(key), str) and SecretStr in (field.annotation, *get_args(field.annotation))
    )
    if found:
        advice = "chmod 600, or move the secrets elsewhere with { file = ... } or { env = ... }"
        yield f"every user of this machine can read {path}, which holds {', '.join(found)}: {advice}"


def twins(settings: Mapping[str, tuple[str, LocalSettings]]) -> Iterator[str]:
    """Yield a warning for each account that two tables name. Its records would come twice.

    `settings` has the plugin's name and the settings of each provider.
    """
    accounts: dict[str, str] = {}
    for name, (plugin, values) in settings.items():
        account = repr((plugin, sorted(_identity(values).items())))
        if account in accounts:
            yield f"providers.{accounts[account]} and providers.{name} are the same account: each of its records comes twice; remove one"
        accounts.setdefault(account, name)


def _identity(settings: BaseModel) -> dict[str, str]:
    """Return what tells one account from another: its address and its credentials."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields if name not in NOT_THE_ACCOUNT}
    return {name: value.get_secret_value() if isinstance(value, SecretStr) else repr(value) for name, value in values.items()}
