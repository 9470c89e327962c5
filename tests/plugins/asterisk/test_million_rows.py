"""A FreePBX with a million calls in PostgreSQL, and in MariaDB: a page costs the same wherever it is."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from telegraphql.plugins.asterisk.database import Database
from telegraphql.plugins.asterisk.engines import server_engine
from telegraphql.plugins.asterisk.legs import CdrQuery
from telegraphql.plugins.asterisk.settings import AsteriskSettings
from telegraphql.plugins.asterisk.table_walk import Connections
from tests.plugins.asterisk import cdr_database
from tests.support.database_servers import PASSWORD, DatabaseServer, server_of

pytestmark = pytest.mark.slow
ROWS, PAGE = 1_000_000, 100
FIRST, APART = datetime(2020, 1, 1, tzinfo=ZoneInfo("UTC")), timedelta(seconds=150)
MOST_MILLISECONDS = 15
FILL = """
INSERT INTO cdr (calldate, clid, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, disposition, accountcode, uniqueid, userfield,
                 did, recordingfile, linkedid, cnum, cnam, outbound_cnum, outbound_cnam, dst_cnam, peeraccount,
                 amaflags, billsec, duration, sequence)
SELECT {time}, '"Ada" <0445556677>', '0445556677', '104', 'from-trunk',
       'PJSIP/uplink-0000001a', 'PJSIP/104-0000001b',
       'Dial', 'PJSIP/104,30', 'ANSWERED', '', CONCAT(1577836800 + n * 150, '.', n), '', '0445550000', '',
       CONCAT(1577836800 + n * 150, '.', n), '0445556677', 'Ada', '', '', '', '', 3, MOD(n, 300), MOD(n, 300) + 9, n
FROM {numbers}
"""


@dataclass(frozen=True)
class Dialect:
    """The words in which the servers differ."""

    time: str
    numbers: str
    analyze: str
    explain: str

    def milliseconds(self, report: Any) -> float:
        """Return how long a query was planned and carried out."""
        if isinstance(report, str):
            told = json.loads(report)
            parts = told["query_optimization"]["r_total_time_ms"], told["query_block"]["r_total_time_ms"]
        else:
            parts = report[0]["Planning Time"], report[0]["Execution Time"]
        return float(sum(parts))


DIALECTS = {
    "postgresql": Dialect(
        "timestamp '2020-01-01' + n * interval '150 seconds'",
        f"generate_series(0, {ROWS - 1}) AS n",
        "VACUUM ANALYZE cdr",
        "EXPLAIN (ANALYZE, FORMAT JSON)",
    ),
    "mariadb": Dialect(
        "TIMESTAMP('2020-01-01') + INTERVAL n * 150 SECOND",
        f"(SELECT seq AS n FROM seq_0_to_{ROWS - 1}) AS numbers",
        "ANALYZE TABLE cdr",
        "ANALYZE FORMAT=JSON",
    ),
}


@pytest.fixture(scope="module", params=DIALECTS)
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    server, dialect = server_of(request.param), DIALECTS[request.param]
    engine = server.engine()
    cdr_database.keep(engine, [])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(FILL.format(time=dialect.time, numbers=dialect.numbers))
        connection.exec_driver_sql(dialect.analyze)
    return server


@pytest.mark.parametrize("number", [1, 10_000])
def test_a_page_takes_a_few_milliseconds_wherever_it_is(server: DatabaseServer, number: int) -> None:
    settings = AsteriskSettings.model_validate({"database_url": server.url, "database_password": PASSWORD})
    database, dialect = Database(Connections(server_engine(settings)), "cdr", ZoneInfo("UTC")), DIALECTS[server.scheme]
    newest = ROWS - 1 - (number - 1) * PAGE
    page = CdrQuery(until=FIRST + newest * APART, most=PAGE)
    (found,) = database.legs([page])
    assert [leg.cdr.told["sequence"] for leg in found.placed] == list(range(newest, newest - PAGE, -1))
    with database._opened() as (connection, columns):
        query = database.walk(connection, columns, page).statement().compile(connection, compile_kwargs={"literal_binds": True})
        ((report,),) = connection.exec_driver_sql(f"{dialect.explain} {query}".replace("%", "%%"))
    database.close()
    milliseconds = dialect.milliseconds(report)
    print(f"{server.scheme}, page {number:,} of {ROWS:,} rows: {milliseconds:.2f} ms of database time")
    assert milliseconds < MOST_MILLISECONDS
