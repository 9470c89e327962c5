"""Wrong configurations, each with its one line: place, key, what was found, and what to write instead."""

from pathlib import Path

import pytest

from telegraphql.gateway.config.mistakes import ConfigError
from telegraphql.gateway.config.settings import read_config
from telegraphql.gateway.plugin.registry import plugins
from telegraphql.gateway.runtime import Runtime

SECRET = "s3cr3t"
INSTALLED = ", ".join(sorted(plugins().found))
DESK = '[providers.desk]\nplugin = "voipstudio"\napi_token = "abcdefgh"\n'
PBX = '[providers.pbx]\nplugin = "portsip"\nbase_url = "https://pbx.example.com/api"\ntoken = "abcdefgh"\n'
TENANT = '[providers.old]\nplugin = "boxis"\nusername = "a@example.com"\nuser_key = "abcdefgh"\ntenant = "VOICE-1"\n'
CLOUD = '[providers.cloud]\nplugin = "voximplant"\naccount_id = 1\napi_key = "abcdefgh"\n'
LIMITS = (
    "breaker_failures, breaker_reset_timeout, burst, connect_timeout, keep_alive, max_attempts, max_concurrency, max_queue, read_timeout, "
    "requests_per_second, retry_budget, retry_wait"
)
DURATION = 'write a duration as text with its unit, such as "500ms", "10s", "5m", "2h" or "30d"'
URL = "write a URL with scheme and host and without credentials or query, such as https://api.example.com"

WRONG = {
    "a table": ("[serve]\nport = 1", "1: serve: unknown key; did you mean server?"),
    "a key": ("[server]\nprt = 1", "2: server.prt: unknown key; did you mean port?"),
    "a key without a table": ("port = 1", "1: port: this key belongs into the table [server]"),
    "a number in quotes": ("[server]\nport = 'http'", "2: server.port: write a whole number; this is text"),
    "too large": ("[server]\nport = 70000", "2: server.port: write at most 65535"),
    "negative": ("[server]\nport = -1", "2: server.port: write at least 0"),
    "too small": ("[limits]\nscan_requests = 1", "2: limits.scan_requests: write at least 2"),
    "a fraction": ("[server]\nport = 1.5", "2: server.port: write a whole number; this is a number"),
    "a word for a boolean": ("[server]\ncompress = 'maybe'", "2: server.compress: write true or false; this is text"),
    "text for a list": (
        "[server]\ncors_origins = 'https://x.example'",
        '2: server.cors_origins: write a list, such as ["a", "b"]; this is text',
    ),
    "a number for text": ("[server]\nhost = 1", '2: server.host: write text in quotes, such as "text"; this is a whole number'),
    "a value for a table": ("server = 1", "1: server: write a table; this is a whole number"),
    "a duration without unit": ("[server]\nrequest_timeout = 20", f"2: server.request_timeout: {DURATION}"),
    "a duration in words": ("[media]\nlink_lifetime = '1 hour'", f"2: media.link_lifetime: {DURATION}"),
    "no time": ("[server]\nidle_check = '0s'", "2: server.idle_check: write more than 0 seconds"),
    "an old word": ("[server]\npatience = '20s'", "2: server.patience: this key is now called request_timeout"),
    "another old word": ("[server]\ngrace = '20s'", "2: server.grace: this key is now called shutdown_timeout"),
    "an old limit": (
        f"{DESK}limits = {{ per_second = 5 }}",
        "4: providers.desk.limits.per_second: this key is now called requests_per_second",
    ),
    "another format": (
        "config_version = 7",
        "1: config_version: this gateway reads config_version = 1; see the changelog for what changed",
    ),
    "no origin": (
        "[server]\ncors_origins = ['desk.example.com']",
        "2: server.cors_origins: 'desk.example.com' is not an origin: write scheme, host and port, such as https://desk.example.com, or *",
    ),
    "a variable that is not set": ('[media]\nsecret = { env = "NOT_SET" }', "2: media.secret: the environment variable NOT_SET is not set"),
    "an empty variable": ('[media]\nsecret = { env = "EMPTY" }', "2: media.secret: the environment variable EMPTY is empty"),
    "no such file": ('[media]\nsecret = { file = "gone" }', "2: media.secret: cannot read gone (No such file or directory)"),
    "a placeholder": (
        '[media]\nsecret = "${MEDIA_SECRET}"',
        '2: media.secret: is a placeholder, which nothing replaces: write { env = "NAME" } or { file = "PATH" }',
    ),
    "a short secret": (
        '[media]\nsecret = "abc"',
        "2: media.secret: write at least 16 characters, such as those of `openssl rand -base64 32`",
    ),
    "no table of providers": ("providers = 5", "1: providers: write a table; this is a whole number"),
    "no table of a provider": ("[providers]\nacme = 5", "2: providers.acme: write a table; this is a whole number"),
    "no plugin": ("[providers.acme]\nx = 1", f"1: providers.acme.plugin: is missing: write one of {INSTALLED}"),
    "a plugin that is a number": (
        "[providers.acme]\nplugin = 1",
        f"2: providers.acme.plugin: is missing: write one of {INSTALLED}",
    ),
    "a wrong plugin": (
        "[providers.acme]\nplugin = 'voipstudo'",
        "2: providers.acme.plugin: no plugin 'voipstudo' is installed; did you mean voipstudio?",
    ),
    "an unknown plugin": (
        "[providers.acme]\nplugin = 'zzz'",
        f"2: providers.acme.plugin: no plugin 'zzz' is installed; installed: {INSTALLED}",
    ),
    "a blank in a name": (
        '[providers."a b"]\nplugin = "boxis"',
        "1: providers.a b: name a provider with letters, digits, '.', '_' and '-', and begin with a letter or digit",
    ),
    "a colon in a name": (
        '[providers."a:b"]\nplugin = "boxis"',
        "1: providers.a:b: name a provider with letters, digits, '.', '_' and '-', and begin with a letter or digit",
    ),
    "a key of a provider": (f"{DESK}api_tokn = 1", "4: providers.desk.api_tokn: unknown key; did you mean api_token?"),
    "a limit": (f"{DESK}limits = {{ zzz = 1 }}", f"4: providers.desk.limits.zzz: unknown key; the keys here are {LIMITS}"),
    "a limit in a table of its own": (
        f"{DESK}[providers.desk.limits]\n\nmax_attemps = 1",
        "6: providers.desk.limits.max_attemps: unknown key; did you mean max_attempts?",
    ),
    "a limit that is zero": (f"{DESK}limits = {{ max_attempts = 0 }}", "4: providers.desk.limits.max_attempts: write at least 1"),
    "a rate that is zero": (
        f"{DESK}limits = {{ requests_per_second = 0 }}",
        "4: providers.desk.limits.requests_per_second: write more than 0",
    ),
    "a region in words": (
        f"{DESK}region = 'Switzerland'",
        "4: providers.desk.region: write the two capital letters of an ISO 3166 country, such as CH",
    ),
    "a region in small letters": (
        f"{DESK}region = 'ch'",
        "4: providers.desk.region: write the two capital letters of an ISO 3166 country, such as CH",
    ),
    "no such region": (
        f"{DESK}region = 'XX'",
        "4: providers.desk.region: write the two capital letters of an ISO 3166 country, such as CH",
    ),
    "a sign for a currency": (
        f"{DESK}currency = '€'",
        "4: providers.desk.currency: write the three capital letters of an ISO 4217 currency, such as CHF",
    ),
    "no scheme": (f"{DESK}base_url = 'l7api.com'", f"4: providers.desk.base_url: {URL}"),
    "a query": (f"{DESK}base_url = 'https://l7api.com/?key={SECRET}'", f"4: providers.desk.base_url: {URL}"),
    "credentials in a URL": (f"{DESK}base_url = 'https://me:{SECRET}@l7api.com'", f"4: providers.desk.base_url: {URL}"),
    "an empty secret": ('[providers.desk]\nplugin = "voipstudio"\napi_token = ""', "3: providers.desk.api_token: is empty"),
    "an empty secret of blanks": ('[providers.desk]\nplugin = "voipstudio"\napi_token = "  "', "3: providers.desk.api_token: is empty"),
    "no credentials": ('[providers.desk]\nplugin = "voipstudio"', "1: providers.desk: set either `api_token`, or `email` and `password`"),
    "half a login": (
        '[providers.desk]\nplugin = "voipstudio"\nemail = "a@example.com"',
        "1: providers.desk: set both `email` and `password`",
    ),
    "both credentials": (
        f"{DESK}email = 'a@example.com'\npassword = '{SECRET}'",
        "1: providers.desk: set either `api_token`, or `email` and `password`",
    ),
    "not one of two": (f"{DESK}version = 'v2'", "4: providers.desk.version: write one of 'v1.1' or 'v1.2'"),
    "a page that is too long": (f"{DESK}page_size = 5001", "4: providers.desk.page_size: write at most 5000"),
    "a missing address": (
        '[providers.pbx]\nplugin = "portsip"\ntoken = "abcdefgh"',
        "1: providers.pbx.base_url: is missing: URL of the PBX's API, such as https://pbx.example.com:8887/api.",
    ),
    "a token and a login": (
        f"{PBX}username = 'a'\npassword = '{SECRET}'",
        "1: providers.pbx: set either `token`, or `username` and `password`",
    ),
    "a missing tenant": (
        '[providers.old]\nplugin = "boxis"\nusername = "a@example.com"\nuser_key = "abcdefgh"',
        "1: providers.old.tenant: is missing: The tenant whose calls are read, such as VOICE-12001-1.",
    ),
    "no such zone": (f"{TENANT}timezone = 'Zurich'", "6: providers.old.timezone: timezone is not an IANA name such as Europe/Zurich"),
    "no date": (
        f"{TENANT}history_start = 'yesterday'",
        "6: providers.old.history_start: write a date or time, such as 2024-01-31T00:00:00Z",
    ),
    "a key without an account": (
        '[providers.cloud]\nplugin = "voximplant"\napi_key = "abcdefgh"',
        "1: providers.cloud: `api_key` also needs `account_id`",
    ),
    "children of nobody": (f"{CLOUD}children_only = true", "1: providers.cloud: `children_only` also needs `child_account_id`"),
    "no certificates": (f'{DESK}ca_file = "gone.pem"', "4: providers.desk.ca_file: cannot be read as a PEM file of certificates"),
    "no proxy": (
        f'{DESK}proxy = "proxy.example"',
        "4: providers.desk.proxy: write scheme, host and port of an HTTP proxy, such as http://proxy.example:3128",
    ),
    "a caller's key itself": (
        f"[callers.keys.crm]\nhash = '{SECRET}'",
        "2: callers.keys.crm.hash: write sha256: and 64 hexadecimal digits, as printed by `telegraphql key new`; never the key itself",
    ),
    "a caller's key": ("[callers.keys.crm]\nhsh = 'x'", "2: callers.keys.crm.hsh: unknown key; did you mean hash?"),
}


def mistakes(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what `telegraphql check` prints of a wrong configuration."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("EMPTY", "")
    path = Path("telegraphql.toml")
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as wrong:
        Runtime.build(read_config(path))
    assert SECRET not in str(wrong.value)
    assert wrong.value.__suppress_context__ or wrong.value.__context__ is None
    return str(wrong.value)


@pytest.mark.parametrize(("text", "line"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_one_helpful_line(tmp_path: Path, text: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = mistakes(tmp_path, text, monkeypatch).splitlines()
    assert any(each.startswith(f"telegraphql.toml:{line}") for each in told), told


def test_all_mistakes_are_told_in_one_run_in_the_order_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"""config_version = 2
[server]
port = "x"
prt = 1
{DESK}region = "ch"
[media]
secret = {{ env = "NOT_SET" }}
[providers.old]
plugin = "boxis"
"""
    told = [line.split(": ")[:2] for line in mistakes(tmp_path, text, monkeypatch).splitlines()]
    assert told == [
        ["telegraphql.toml:1", "config_version"],
        ["telegraphql.toml:3", "server.port"],
        ["telegraphql.toml:4", "server.prt"],
        ["telegraphql.toml:8", "providers.desk.region"],
        ["telegraphql.toml:10", "media.secret"],
        ["telegraphql.toml:11", "providers.old.tenant"],
        ["telegraphql.toml:11", "providers.old.user_key"],
        ["telegraphql.toml:11", "providers.old.username"],
    ]


def test_one_account_in_two_tables_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "telegraphql.toml"
    path.write_text(
        DESK + DESK.replace("desk", "again") + 'limits = { max_attempts = 1 }\n[providers.other]\nplugin = "voipstudio"\napi_token = "x"\n'
    )
    path.chmod(0o600)
    assert Runtime.build(read_config(path)).warnings == (
        "providers.desk and providers.again are the same account: each of its records comes twice; remove one",
    )
