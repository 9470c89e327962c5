"""A FreePBX with a million calls in PostgreSQL: a page costs the same wherever it is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sql

from telegraphql.plugins.asterisk.database import Database
from telegraphql.plugins.asterisk.engines import server_engine
from telegraphql.plugins.asterisk.legs import CdrQuery
from telegraphql.plugins.asterisk.settings import AsteriskSettings
from telegraphql.plugins.asterisk.table_walk import Connections
from tests.plugins.asterisk import cdr_database
from tests.support.database_servers import PASSWORD, server_of

pytestmark = pytest.mark.slow
ROWS, PAGE = 1_000_000, 100
FIRST, APART = datetime(2020, 1, 1, tzinfo=ZoneInfo("UTC")), timedelta(seconds=150)
MOST_MILLISECONDS = 15
FILL = f"""
INSERT INTO cdr (calldate, clid, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, disposition, accountcode, uniqueid, userfield,
                 did, recordingfile, linkedid, cnum, cnam, outbound_cnum, outbound_cnam, dst_cnam, peeraccount,
                 amaflags, billsec, duration, sequence)
SELECT timestamp '2020-01-01' + n * interval '150 seconds', '"Ada" <0445556677>', '0445556677', '104', 'from-trunk',
       'PJSIP/uplink-0000001a', 'PJSIP/104-0000001b',
       'Dial', 'PJSIP/104,30', 'ANSWERED', '', (1577836800 + n * 150) || '.' || n, '', '0445550000', '',
       (1577836800 + n * 150) || '.' || n, '0445556677', 'Ada', '', '', '', '', 3, mod(n, 300), mod(n, 300) + 9, n
FROM generate_series(0, {ROWS - 1}) AS n
"""


@pytest.fixture(scope="module")
def writer() -> sql.Engine:
    engine = server_of("postgresql").engine()
    cdr_database.keep(engine, [])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(FILL)
        connection.exec_driver_sql("VACUUM ANALYZE cdr")
    return engine


@pytest.mark.parametrize("number", [1, 10_000])
def test_a_page_takes_a_few_milliseconds_wherever_it_is(writer: sql.Engine, number: int) -> None:
    server = server_of("postgresql")
    database = Database(
        Connections(server_engine(AsteriskSettings(database_url=server.url, database_password=PASSWORD))), "cdr", ZoneInfo("UTC")
    )  # type: ignore[arg-type]
    newest = ROWS - 1 - (number - 1) * PAGE
    page = CdrQuery(until=FIRST + newest * APART, most=PAGE)
    (found,) = database.legs([page])
    assert [leg.cdr.told["sequence"] for leg in found.placed] == list(range(newest, newest - PAGE, -1))
    with database._opened() as (connection, columns):
        query = database.walk(connection, columns, page).statement().compile(connection, compile_kwargs={"literal_binds": True})
        ((report,),) = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".replace("%", "%%"))
    database.close()
    milliseconds = report[0]["Planning Time"] + report[0]["Execution Time"]
    print(f"page {number:,} of {ROWS:,} rows: {milliseconds:.2f} ms of database time")
    assert milliseconds < MOST_MILLISECONDS
