"""The plugin keeps every promise of the contract, over Master.csv and over SQLite."""

from typing import ClassVar

from telegraphql_asterisk import Asterisk

from telegraphql.plugin.testing import Contract


class TestAsterisk(Contract):
    plugin = Asterisk
    records = 60


class TestAsteriskInSqlite(TestAsterisk):
    settings: ClassVar = {"database": "master.db"}
