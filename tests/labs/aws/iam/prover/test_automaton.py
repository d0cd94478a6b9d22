"""Many patterns at once must mean what each of them means to the evaluator."""

from __future__ import annotations

from typing import Any

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from labs.aws.iam import PolicyError, Principal, Request, Statement, parse_policy
from labs.aws.iam.elements import ConditionElement
from labs.aws.iam.prover.automaton import ANY, ANY_IN_PART, ONE, Automaton, Pattern
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.texts import condition_pattern, filled, resource_tokens
from labs.aws.iam.prover.walks import words_from

laws = settings(max_examples=150, deadline=None, derandomize=True)
ALICE = Principal.parse("arn:aws:iam::111111111111:user/alice")
pieces = st.sampled_from(["*", "?", "a", "b", "ab", "/", ":", "x"])
tails = st.lists(pieces, max_size=6).map("".join)
texts = st.lists(st.sampled_from(["a", "b", "ab", "/", ":", "x"]), max_size=6).map("".join)
heads = st.sampled_from(
    ["arn:aws:s3:::", "arn:aws:sqs:*:1:", "arn:aws:sqs:us-*:1:", "arn:*:sqs:us-east-1:1:", "arn:aws:"]
)
arns = st.sampled_from(["arn:aws:s3:::", "arn:aws:sqs:us-east-1:1:", "arn:aws-cn:sqs:us-east-1:1:"])


def accepted(machine: Automaton, text: str) -> list[bool]:
    state = machine.read(machine.start, text)
    return [bool(state & bit) for bit in machine.bits]


def statement(**elements: Any) -> Statement:
    base: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}
    return parse_policy({"Version": "2012-10-17", "Statement": [base]}).statements[0]


@laws
@given(st.lists(st.tuples(heads, tails), min_size=1, max_size=4), arns, texts)
def test_resource_patterns_agree_with_the_evaluator(
    written: list[tuple[str, str]], head: str, tail: str
) -> None:
    patterns = [head + tail for head, tail in written]
    try:
        statements = [statement(Resource=each) for each in patterns]
    except PolicyError:
        reject()
    elements = [each.resource for each in statements]
    machine = Automaton(
        [Pattern(filled(resource_tokens(each.texts[0], True), {}) or ()) for each in elements if each]
    )
    request = Request(ALICE, "s3:GetObject", head + tail)

    assert accepted(machine, request.resource) == [each.applies(request) for each in statements]


CONDITIONS = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike", "Bool")


@laws
@given(
    st.lists(
        st.tuples(st.sampled_from(CONDITIONS), tails | heads.flatmap(lambda head: tails.map(head.__add__)))
    ),
    texts | arns.flatmap(lambda arn: texts.map(arn.__add__)) | st.sampled_from(["TRUE", "false", "AB"]),
)
def test_condition_patterns_agree_with_the_evaluator(written: list[tuple[str, str]], value: str) -> None:
    conditions: list[ConditionElement] = [
        statement(Condition={operator: {"custom:key": text}}).conditions[0] for operator, text in written
    ]
    patterns = [condition_pattern(each, each.texts[0], {}) for each in conditions]
    machine = Automaton([pattern for pattern in patterns if pattern])
    request = Request(ALICE, "s3:GetObject", "*", context={"custom:key": value})

    found = iter(accepted(machine, value))
    assert [next(found) if pattern else False for pattern in patterns] == [
        condition.matches(request) for condition in conditions
    ]


@laws
@given(st.lists(tails, min_size=1, max_size=3), texts)
def test_a_walk_meets_every_combination_of_patterns(written: list[str], text: str) -> None:
    machine = Automaton(
        [Pattern(filled(resource_tokens(f"arn:a:b:c:d:{each}", True), {}) or ()) for each in written]
    )
    start = machine.read(machine.start, "arn:a:b:c:d:")
    walked = {state & machine.accept for state in words_from(machine, {start: ""}, "", Budget())}

    assert not text or machine.read(start, text) & machine.accept in walked


def test_a_state_is_settled_when_nothing_can_change_any_more() -> None:
    machine = Automaton([Pattern(("ab", ANY)), Pattern(("cd",))])

    assert not machine.settled(machine.start)
    assert not machine.settled(machine.read(machine.start, "a"))
    assert machine.settled(machine.read(machine.start, "ab"))
    assert machine.settled(machine.read(machine.start, "zz"))


def test_wildcards_may_stop_at_a_colon() -> None:
    machine = Automaton([Pattern((ANY_IN_PART, "x")), Pattern((ANY, "x")), Pattern((ONE, "x"))])

    assert accepted(machine, "a:x") == [False, True, False]
    assert accepted(machine, ":x") == [False, True, True]
    assert accepted(machine, "aax") == [True, True, False]


def test_letter_case_can_be_set_aside() -> None:
    machine = Automaton([Pattern(("Straße",), fold=True), Pattern(("Straße",))])

    assert accepted(machine, "STRAßE") == [True, False]
    assert accepted(machine, "Straße") == [True, True]
    assert accepted(machine, "STRASSE") == [False, False]
