"""Where statements stand in a policy's text: AWS's own samples, and what holds for any text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.sandbox.served.positions import Position, spans_of

DATA = json.loads(Path(__file__).with_name("simulations.json").read_text("utf-8"))


@pytest.mark.parametrize("case", DATA["spans"], ids=lambda case: case["policy"])
def test_statements_stand_where_aws_says(case: dict[str, Any]) -> None:
    text = DATA["policies"][case["policy"]]["text"]
    assert [[list(start), list(end)] for start, end in spans_of(text)] == case["spans"]


def test_a_text_that_looks_like_json_inside_a_value_changes_nothing() -> None:
    text = (
        '{"Statement":[{"Sid":"\\"}]{[","Resource":"{\\"Statement\\":[{}]}"},{"Sid":"b"}],"Id":"Statement"}'
    )
    json.loads(text)
    assert [text[start:end] for start, end in map(_offsets, [text] * 2, spans_of(text))] == [
        '{"Sid":"\\"}]{[","Resource":"{\\"Statement\\":[{}]}"}',
        ',{"Sid":"b"}',
    ]


def _offsets(text: str, span: tuple[Position, Position]) -> tuple[int, int]:
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    (first, column), (last, end) = span
    return starts[first - 1] + column - 1, starts[last - 1] + end - 1


VALUES = st.text(alphabet='ab{}[]":,\\\n é', max_size=6)
STATEMENTS = st.dictionaries(
    st.sampled_from(["Sid", "Effect", "Action", "Condition"]),
    st.one_of(VALUES, st.lists(VALUES, max_size=2), st.dictionaries(VALUES, VALUES, max_size=2)),
    max_size=3,
)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    statements=st.lists(STATEMENTS, min_size=1, max_size=3),
    before=st.dictionaries(st.sampled_from(["Version", "Id"]), VALUES, max_size=2),
    indent=st.sampled_from([None, 0, 2]),
)
def test_each_span_holds_its_statement(
    statements: list[dict[str, Any]], before: dict[str, str], indent: int | None
) -> None:
    text = json.dumps({**before, "Statement": statements}, indent=indent, ensure_ascii=False)
    spans = spans_of(text)
    assert len(spans) == len(statements)
    for span, statement in zip(spans, statements, strict=True):
        start, end = _offsets(text, span)
        assert json.loads(text[start:end].lstrip(", \n")) == statement
