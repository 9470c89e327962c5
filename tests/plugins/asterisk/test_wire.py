"""What cdr_csv writes, whatever of its columns are switched on."""

import pytest

from telegraphql.plugins.asterisk import sandbox, wire
from telegraphql.plugins.asterisk.wire import FIXED, NEWER, UNIQUEID, USERFIELD
from tests.plugins.asterisk.asterisk_records import cdr

ROW = cdr(uniqueid="pbx1-1793610000.7", userfield="paid", linkedid="1793610000.1", peeraccount="9", sequence=12)
LAYOUTS = [
    [],
    [UNIQUEID],
    [USERFIELD],
    [UNIQUEID, USERFIELD],
    NEWER,
    [UNIQUEID, *NEWER],
    [USERFIELD, *NEWER],
    [UNIQUEID, USERFIELD, *NEWER],
]


def read(line: str) -> wire.AsteriskCdr:
    columns = wire.fields(line)
    assert columns is not None
    return wire.from_line(columns, line)


@pytest.mark.parametrize("more", LAYOUTS, ids=["-".join(each) or "none" for each in LAYOUTS])
def test_columns_are_told_by_their_number(more: list[str]) -> None:
    columns = [*FIXED, *more]
    found = read(sandbox.line(ROW, columns).removesuffix("\n"))
    assert found.told == {name: str(ROW[name]) for name in columns}
    shown = (found.uniqueid, found.userfield, found.linkedid)
    assert shown == tuple(ROW[name] if name in more else "" for name in (UNIQUEID, USERFIELD, "linkedid"))


def test_a_line_as_asterisk_writes_it_is_understood() -> None:
    found = read(
        '"4","+4144","104","from-trunk","""Ada, ""the count"" L."" <+4144>","PJSIP/up-1","","Dial","PJSIP/1,30,""tT""",'
        '"2026-11-02 10:00:00",,"2026-11-02 10:00:09",9,0,"NO ANSWER","DOCUMENTATION","1793610000.7",""'
    )
    assert (found.clid, found.lastdata, found.dstchannel) == ('"Ada, "the count" L." <+4144>', 'PJSIP/1,30,"tT"', "")
    assert (found.start, found.answer, found.end, found.duration, found.billsec) == ("2026-11-02 10:00:00", "", "2026-11-02 10:00:09", 9, 0)


def test_what_tells_records_of_one_channel_apart_is_their_sequence_or_the_whole_line() -> None:
    assert read(sandbox.line(ROW)).mark == "12"
    one, other = (read(sandbox.line(ROW | {"dst": dst}, [*FIXED, UNIQUEID])) for dst in ("1", "2"))
    assert len({one.mark, other.mark}) == 2
    assert len(one.mark) == 12
    assert one.mark == read(sandbox.line(ROW | {"dst": "1"}, [*FIXED, UNIQUEID])).mark


@pytest.mark.parametrize("line", ['"a","b', '"a"b,"c"', '"a","b"c"'])
def test_quotes_that_do_not_close_make_no_columns(line: str) -> None:
    assert wire.fields(line) is None


WRONG = [("duration", "nine"), ("billsec", "-"), ("duration", "1.5")]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_number_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}`"):
        read(sandbox.line(ROW | {name: value}))


def test_too_few_and_too_many_columns_are_told() -> None:
    for columns in (FIXED[:-1], [*sandbox.COLUMNS, "src"]):
        with pytest.raises(ValueError, match=f"{len(columns)} columns are not"):
            read(sandbox.line(ROW, columns))


UNIQUEIDS = {
    "1793610000.7": True,
    "pbx-1-1793610000.7": True,
    "999999999.1": True,
    "": False,
    "paid": False,
    "1.2": False,
    "1793610000": False,
}


@pytest.mark.parametrize("text", UNIQUEIDS)
def test_a_uniqueid_is_known_by_its_shape(text: str) -> None:
    assert wire.is_uniqueid(text) is UNIQUEIDS[text]
