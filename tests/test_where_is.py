"""The quiz about the names of files (`where_is.toml`): every answer is a file that is there."""

import tomllib
from pathlib import Path

from tests.support.repository import files, text

QUIZ = {question["asks"]: Path(question["answer"]) for question in tomllib.loads(text(Path("tests/where_is.toml")))["question"]}


def test_every_answer_is_a_file() -> None:
    there = set(files("gateway", "schema", "plugins"))
    assert {asks: str(file) for asks, file in QUIZ.items() if file not in there} == {}


def test_there_are_two_dozen_questions_with_an_answer_each() -> None:
    assert len(QUIZ) >= 24
    assert len(set(QUIZ.values())) == len(QUIZ)
