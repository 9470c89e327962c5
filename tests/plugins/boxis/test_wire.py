"""The getCDR answer: both formats, every way to be empty, and what is never shown."""

import json
from typing import Any

import msgspec
import pytest

from telegraphql.plugins.boxis.wire import HEADS, ROWS, is_set

EMPTY = [{"cdr": []}, {"cdr": {}}, {"cdr": None}, {"cdr": ""}, {}, [], "", None, False]
XML = b"<return><result>1</result><resulttxt>success</resulttxt><params><cdr>%s</cdr></params><timestamp>1518091850</timestamp></return>"


def body(params: Any, **more: Any) -> bytes:
    return json.dumps({"result": "1", "resulttxt": "success", "params": params, "timestamp": 1518091850, **more}).encode()


def read(answer: bytes) -> list[Any]:
    return [json.loads(bytes(row)) for row in ROWS.decode(answer)]


def test_rows_come_in_the_order_of_their_numbers() -> None:
    assert read(body({"cdr": {"call_10": {"n": 10}, "call_2": {"n": 2}, "call_1": {"n": 1}}})) == [{"n": 1}, {"n": 2}, {"n": 10}]
    assert read(XML % b"<call_10><n>10</n></call_10><call_2><n>2</n></call_2>") == [{"n": "2"}, {"n": "10"}]


def test_rows_in_an_array_are_read_too() -> None:
    assert read(body({"cdr": [{"n": 2}, {"n": 1}]})) == [{"n": 2}, {"n": 1}]


@pytest.mark.parametrize("params", EMPTY)
def test_every_way_to_be_empty_is_no_rows(params: Any) -> None:
    assert read(body(params)) == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b" {}",
        b"[]\n",
        b'{"result":1}',
        XML % b"",
        b"<return><result>1</result><params/></return>",
        b"<return><result>1</result></return>",
    ],
)
def test_an_answer_without_rows_is_no_rows(answer: bytes) -> None:
    assert read(answer) == []


@pytest.mark.parametrize(
    "answer",
    [
        b'"none"',
        b'{"params": {"cdr": {}}}',
        b'{"result": "1", "params": {"cdr": "none"}}',
        b'{"result": "1", "params": [{"cdr": {}}]}',
        b'{"result": "1", "params": {"cdr": {"call_1": {',
        b"<html><body>Maintenance</body></html>",
        b"<return><result>1</result><params><cdr>",
        b'<!DOCTYPE r [<!ENTITY a "b">]><return><result>&a;</result></return>',
    ],
)
def test_anything_else_is_not_the_documented_format(answer: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        ROWS.decode(answer)


def test_the_pincode_is_never_shown_and_everything_else_is() -> None:
    row = {"uniqueid": "a", "pincode": "4711", "prevsequence": None, "lastdata": "SIP/1", "new": {"pin": [1]}}
    shown = row | {"pincode": "(hidden)"}
    assert read(body({"cdr": {"call_1": row}})) == [shown]
    assert read(body({"cdr": [row]})) == [shown]
    assert read(XML % b"<call_1><uniqueid>a</uniqueid><pincode>4711</pincode><prevsequence/></call_1>") == [
        {"uniqueid": "a", "pincode": "(hidden)", "prevsequence": ""}
    ]


def test_a_head_is_read_from_both_formats() -> None:
    wrong = HEADS.decode(b'{"result":"0","resulttxt":"Error: x","timestamperror":1,"timestamp":1335777400}')
    assert (wrong.result, wrong.resulttxt, wrong.timestamperror, wrong.timestamp) == ("0", "Error: x", 1, 1335777400)
    wrong = HEADS.decode(
        b"<return><result>0</result><resulttxt>Error: x</resulttxt><timestamperror>1</timestamperror><timestamp>5</timestamp></return>"
    )
    assert (wrong.result, wrong.resulttxt, wrong.timestamperror, wrong.timestamp) == ("0", "Error: x", "1", "5")


def test_a_head_is_read_no_further_than_to_the_first_row() -> None:
    cut = (XML % b"<call_1><uniqueid>a</uniqueid></call_1>").partition(b"</uniqueid>")[0]
    assert HEADS.decode(cut).result == "1"


@pytest.mark.parametrize(
    ("flag", "on"), [(1, True), ("1", True), (True, True), ("yes", True), (0, False), ("0", False), ("", False), (False, False)]
)
def test_flags_are_understood_as_php_writes_them(flag: str | int | bool, on: bool) -> None:
    assert is_set(flag) is on
    assert is_set(None) is False
