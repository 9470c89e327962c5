"""Database errors: what a database says, as errors of the gateway, without its words, which hold names and values."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, NoSuchTableError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from telegraphql.plugin import BadAnswer, Forbidden, Unauthorized, Unavailable

# PostgreSQL's SQLSTATEs, and the numbers of MySQL and MariaDB.
SIGN_IN = frozenset({"28P01", "28000", 1045, 1698})
FORBIDDEN = frozenset({"42501", 1044, 1142, 1143})
MISSING = frozenset({"42P01", "3D000", "42703", 1049, 1054, 1146})
SLOW = frozenset({"57014", 1969, 3024})
# PostgreSQL has no SQLSTATE for the client where the sign-in fails, and SQLite has none at all.
SIGN_IN_WORDS = ("authentication failed", "no password supplied", "no pg_hba.conf entry")
MISSING_WORDS = ("no such", "does not exist")


@contextmanager
def told_as_ours(table: str) -> Iterator[None]:
    """Turn errors of SQLAlchemy and of its drivers into UpstreamErrors.

    Raises:
        UpstreamError: The database refuses, or cannot be reached.
        TimeoutError: A query took longer than the database was told to wait.
    """
    try:
        yield
    except PoolTimeout:
        raise TimeoutError from None
    except NoSuchTableError:
        raise _missing(table) from None
    except DBAPIError as error:
        raise _ours(error, table) from None


def _ours(error: DBAPIError, table: str) -> Exception:
    code, words = _code(error), str(error.orig)
    if code in SLOW:
        return TimeoutError()
    if code in SIGN_IN or any(each in words for each in SIGN_IN_WORDS):
        return Unauthorized("the database refuses the user; check the user in `database_url`, and `database_password`")
    if code in FORBIDDEN:
        return Forbidden(f"the database user may not read the table {table}; grant it SELECT")
    if code in MISSING or any(each in words for each in MISSING_WORDS):
        return _missing(table)
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable("the database is locked, or cannot be opened or reached; try again later")
    if "not a database" in words:
        return BadAnswer("the file is not a SQLite database; check `database_file`")
    return BadAnswer(f"the database refuses to read the table {table}; check that it is one that Asterisk writes")


def _missing(table: str) -> BadAnswer:
    return BadAnswer(f"the database has no table {table} as Asterisk makes it; check the settings of the database")


def _code(error: DBAPIError) -> object:
    number = next(iter(getattr(error.orig, "args", ())), None)
    return number if isinstance(number, int) else getattr(error.orig, "sqlstate", None)
