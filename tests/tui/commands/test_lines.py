"""Streams of questions: answered in order, at once when the other side waits, whatever a line holds."""

from __future__ import annotations

import io
import json
import select
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam import policies_from_json
from labs.errors import InputError
from tui.commands.cases import CaseStream
from tui.commands.documents import answer_arn, answer_lint
from tui.commands.lines import answers, lines_as_they_come

PATIENCE = 60
POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}],
}
CASE: dict[str, Any] = {
    "request": {
        "principal": "arn:aws:iam::111111111111:user/alice",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
    },
    "identityPolicies": [POLICY],
}


def line(**parts: Any) -> bytes:
    return json.dumps({**CASE, **parts}).encode() + b"\n"


@pytest.fixture
def explaining() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A running `skylab explain --jsonl`: where to write, and where to read."""
    command = [sys.executable, "-m", "tui", "explain", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def heard(stdout: IO[bytes]) -> Any:
    ready, _, _ = select.select([stdout], [], [], PATIENCE)
    assert ready, "no answer came"
    return json.loads(stdout.readline())


def test_a_partner_that_waits_for_each_answer_gets_it(explaining: tuple[IO[bytes], IO[bytes]]) -> None:
    stdin, stdout = explaining
    for number in range(3):
        stdin.write(line(id=number))
        assert heard(stdout)["id"] == number


def test_a_line_that_comes_in_pieces_is_one_question(explaining: tuple[IO[bytes], IO[bytes]]) -> None:
    stdin, stdout = explaining
    whole = line(id="a") + line(id="b")
    stdin.write(whole[:20])
    stdin.write(whole[20:-5])
    assert heard(stdout)["id"] == "a"
    stdin.write(whole[-5:])
    assert heard(stdout)["id"] == "b"


def test_many_questions_at_once_are_answered_in_order_to_the_last_line_without_an_end() -> None:
    asked = b"".join(line(id=number) for number in range(3000)).rstrip(b"\n")

    done = subprocess.run(
        [sys.executable, "-m", "tui", "explain", "--jsonl"],
        input=asked,
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )

    assert [json.loads(each)["id"] for each in done.stdout.splitlines()] == list(range(3000))
    assert done.stderr == b""


class Pieces(io.RawIOBase):
    """A stream that gives its bytes in pieces of its own choice."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = [piece for piece in pieces if piece]

    def read1(self, size: int) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.text("ab\n", max_size=6).map(str.encode), max_size=8))
def test_lines_are_the_same_however_they_come(pieces: list[bytes]) -> None:
    stream: Any = Pieces(pieces)
    lines = [each for block in lines_as_they_come(stream) for each in block if each]

    assert lines == [each for each in b"".join(pieces).split(b"\n") if each]


# Any line at all


def one(text: bytes, answer: Any = None) -> Any:
    stream = CaseStream(trace=True)
    [answered] = answers([text], answer) if answer else answers([text], stream.answer, stream.read)
    assert answered.endswith("\n")
    assert answered.count("\n") == 1
    return json.loads(answered, parse_constant=pytest.fail)


def test_an_answer_has_the_id_of_its_question() -> None:
    for given_id in ("x", 7, 1.5, None, True, ["a"], {"b": 1}, "\ud800"):
        assert one(line(id=given_id))["id"] == given_id


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "Expecting"),
        (b"[]", "list"),
        (b'{"id": 1, "id": 2}', "given twice"),
        (b'{"request": {"action": "a:b", "action": "c:d"}}', "'action' is given twice"),
        (line(identityPolicies=[POLICY]).replace(b'"Effect"', b'"Effect": "Deny", "Effect"'), "'Effect'"),
        (b'{"id": NaN}', "NaN"),
        (b'{"id": 1e999}', "too large"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "thousands of digits"),
        (b'{"id": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "deeply"),
        (b'{"id": ' + b"[" * 100_000, "deeply"),
        (b'{"id": ' + b"[" * 900 + b"]" * 900 + b"}", ""),
        (line(request={**CASE["request"], "resource": "x" * 1_000_000}), "1,000,000"),
        (line(identityPolicies=[{"Statement": "x" * 1_000_000}]), "identityPolicies[0]"),
        (line(identityPolicies=[{**POLICY, "Id": "x" * 1_000_000}]), "1,000,000"),
        (line(identityPolicies=json.loads("[" * 500 + "]" * 500)), "identityPolicies[0]"),
        (b'{"requst": {}}', "'requst'"),
    ],
    ids=range(17),
)  # fmt: skip
def test_a_bad_line_is_answered_with_what_is_wrong(text: bytes, said: str) -> None:
    answer = one(text)

    assert set(answer) == {"id", "error"}
    assert answer["error"]["title"]
    assert answer["error"]["hint"]
    assert said in "".join(answer["error"].values())


def test_a_megabyte_of_names_in_one_object_is_no_trouble() -> None:
    names = ",".join(f'"k{number}":1' for number in range(90_000))

    assert "Unknown key" in one(f"{{{names}}}".encode())["error"]["title"]
    assert "given twice" in one(f'{{{names},"k89999":2}}'.encode())["error"]["detail"]


words = ["*", "s3:*", "arn:aws:s3:::b", "arn:aws:iam::111111111111:root", "\ud800"]
names = [*CASE, *CASE["request"], *POLICY, "scps", "boundary", "context", "sessionIssuer", "arn", "as"]
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from([*words, POLICY, CASE["request"]]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=4),
    max_leaves=10,
)
anything = settings(max_examples=150, deadline=None, derandomize=True)


@anything
@given(
    st.dictionaries(
        st.sampled_from([*CASE, "id", "scps", "rcps", "boundary", "names", "resourcePolicy"]), values
    )
)
def test_any_case_has_one_answer(parts: dict[str, Any]) -> None:
    answer = one(json.dumps({**CASE, **parts}).encode())

    assert ("decision" in answer) is not ("error" in answer)


@anything
@given(st.binary(max_size=200).map(lambda each: each.replace(b"\n", b"") or b"x"))
def test_any_bytes_have_one_answer(text: bytes) -> None:
    for answer in (None, answer_arn, answer_lint):
        if text.strip():
            assert "error" in one(text, answer)


@anything
@given(st.dictionaries(st.sampled_from(["id", "arn", "policy", "as"]), values))
def test_any_arn_or_policy_has_one_answer(parts: dict[str, Any]) -> None:
    for answer in (answer_arn, answer_lint):
        found = one(json.dumps(parts).encode(), answer)
        assert ("ok" in found) is not ("error" in found)


# Policies that were seen before


def texts_of(stream: CaseStream, policy: Any, **parts: Any) -> tuple[str, ...]:
    """The values of the condition in a policy, as the stream reads it from a line."""
    asked = stream.read(line(identityPolicies=[policy], **parts), "the line")
    return policies_from_json(asked).identity[0].statements[0].conditions[0].texts


def limited(value: object) -> dict[str, Any]:
    statement = {**POLICY["Statement"][0], "Condition": {"StringEquals": {"a:b": value}}}
    return {**POLICY, "Statement": [statement]}


def test_what_only_looks_alike_is_told_apart() -> None:
    stream = CaseStream(trace=False)

    assert [texts_of(stream, limited(value)) for value in (1, "1", True, 1)] == [
        ("1",),
        ("1",),
        ("true",),
        ("1",),
    ]


orders = st.permutations(["id", "request", "identityPolicies", "names", "boundary"])


@anything
@given(
    st.lists(
        st.tuples(orders, st.integers(0, 2), st.sampled_from(["s3:GetObject", "s3:PutObject"])), max_size=5
    )
)
def test_lines_are_answered_as_if_each_stood_alone(asked: list[tuple[list[str], int, str]]) -> None:
    lines = []
    for order, number, action in asked:
        parts = {
            "id": number,
            "request": {**CASE["request"], "action": action},
            "identityPolicies": [POLICY, {**POLICY, "Id": str(number)}],
            "names": {"identityPolicies": [f"p{number}"]},
            "boundary": POLICY,
        }
        lines.append(json.dumps({key: parts[key] for key in order}).encode())
    together = CaseStream(trace=False)

    assert list(answers(lines, together.answer, together.read)) == [
        text
        for each in lines
        for alone in [CaseStream(trace=False)]
        for text in answers([each], alone.answer, alone.read)
    ]


@pytest.mark.parametrize("most", [1, 2, 1_000])
def test_it_makes_no_difference_how_many_policies_are_kept(most: int) -> None:
    stream = CaseStream(trace=False, most=most)
    lines = [line(id=place, boundary={**POLICY, "Id": str(place % 3)}) for place in range(9)]

    found = [json.loads(each) for each in answers(lines, stream.answer, stream.read)]

    assert [each["id"] for each in found] == list(range(9))
    assert {each["decision"] for each in found} == {"Allowed"}


def test_a_malformed_policy_is_refused_each_time() -> None:
    stream = CaseStream(trace=False)
    bad = line(id=1, identityPolicies=[{"Statement": {"Effect": "allow"}}])

    one, two = (json.loads(each) for each in answers([bad, bad], stream.answer, stream.read))

    assert one == two
    assert "Effect" in one["error"]["title"]


def test_policies_too_large_to_keep_are_still_read() -> None:
    stream = CaseStream(trace=False, largest=10)

    assert all("Allowed" in each for each in answers([line(), line()], stream.answer, stream.read))


@pytest.mark.parametrize(
    "text",
    [
        b'{"id": 1, "request": {}, "request": {}, "boundary": {}}',
        b'{"id": 1, "request": {}, "id": 2}',
        b'{"request": {}, "boundary": {}, "boundary": {}}',
        b'{"request": {},}',
        b'{"request": {}, "boundary": {}',
        b'{"request" {}, "boundary": {}}',
        b'{"request": {}, "boundary": {}} x',
        b'{1: 2, "request": {}}',
        b'{"request": {}, ',
        b'{"request": ',
        b"{",
    ],
)
def test_a_line_that_is_no_object_is_refused_as_such(text: bytes) -> None:
    stream = CaseStream(trace=False)

    with pytest.raises(InputError, match="not JSON"):
        stream.read(text, "the line")
