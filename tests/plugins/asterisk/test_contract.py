"""The plugin keeps every promise of the contract, over Master.csv and over the tables of each database."""

import pytest

from telegraphql.plugin.testing import Contract
from telegraphql.plugins.asterisk import Asterisk
from tests.plugins.asterisk.cdr_database import stored_in


class TestAsterisk(Contract):
    plugin = Asterisk
    records = 60


class TestAsteriskInSqlite(TestAsterisk):
    plugin = stored_in(None)


@pytest.mark.slow
class TestAsteriskInPostgres(TestAsterisk):
    plugin = stored_in("postgresql")


@pytest.mark.slow
class TestAsteriskInMariadb(TestAsterisk):
    plugin = stored_in("mariadb")
