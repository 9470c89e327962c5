"""The form of the answer to getCDR, for faults that change rows. The action has no pages, totals, order or filters."""

from collections.abc import Mapping

from telegraphql.plugin import AnswerShape

ANSWER_SHAPES: Mapping[str, AnswerShape] = {
    "getCDR": AnswerShape(
        kind="calls",
        rows=("params", "cdr"),
        id="uniqueid",
        time="start",
        times=("answer", "end"),
        lengths=("duration", "billsec"),
        texts=("clid",),
    )
}
