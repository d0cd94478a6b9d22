"""Shapes of ARNs, and the texts that patterns tell apart along them."""

from __future__ import annotations

from typing import Any

import pytest

from labs.aws import reference
from labs.aws.iam import parse_policy
from labs.aws.iam.prover.automaton import ANY, ONE, Automaton, Pattern, Symbol
from labs.aws.iam.prover.budget import Budget, Exhausted
from labs.aws.iam.prover.rules import Rules
from labs.aws.iam.prover.shapes import Shape, Slot, Vocabulary, shape
from labs.aws.iam.prover.vocabulary import vocabulary
from labs.aws.iam.prover.walks import account_numbers, texts_of, words_from

WORDS = Vocabulary(("aws",), ("us-east-1", "eu-west-1"), ("111111111111", "999999999999"))
OBJECT = shape("arn:${Partition}:s3:::${BucketName}/${ObjectName}")
QUEUE = shape("arn:${Partition}:sqs:${Region}:${Account}:${QueueName}")


def found(form: Shape, *patterns: str, words: Vocabulary = WORDS) -> dict[tuple[bool, ...], str]:
    """For each combination of patterns that match the text that a walk found."""
    machine = Automaton([Pattern(tuple(_symbols(each))) for each in patterns])
    texts: dict[tuple[bool, ...], str] = {}
    for state, text in texts_of(machine, form, words, Budget()).items():
        texts.setdefault(tuple(bool(state & bit) for bit in machine.bits), text)
    return texts


def _symbols(text: str) -> list[Symbol]:
    first, *others = text.split("*")
    return [first, *(symbol for piece in others for symbol in (ANY, piece))]


def test_a_form_is_cut_at_the_fifth_colon() -> None:
    assert QUEUE.head == ("arn:", Slot.PARTITION, ":sqs:", Slot.REGION, ":", Slot.ACCOUNT, ":")
    assert QUEUE.tail == (Slot.NAME,)
    assert OBJECT.head == ("arn:", Slot.PARTITION, ":s3:::")
    assert OBJECT.tail == (Slot.NAME, "/", Slot.TEXT)
    assert (OBJECT.service, OBJECT.plain) == ("s3", "x/x")


@pytest.mark.parametrize(
    ("form", "tail"),
    [
        ("arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}", ("role/", Slot.PATH)),
        ("arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}", ("log-group:", Slot.PATH)),
        ("arn:${Partition}:dms:${Region}:${Account}:cert:*", ("cert:", Slot.TEXT)),
        ("arn:${Partition}:sts::${Account}:self", ("self",)),
    ],
)
def test_what_a_slot_admits_follows_from_its_name(form: str, tail: tuple[object, ...]) -> None:
    assert shape(form).tail == tail


def test_every_form_of_the_reference_has_its_five_colons_in_the_head() -> None:
    for prefix in reference.services():
        known = reference.service(prefix)
        assert known is not None
        for action in known.actions.values():
            for kind in action.types:
                head = "".join(part for part in shape(kind.form).head if isinstance(part, str))
                assert head.count(":") == 5, kind.form


def test_a_walk_finds_one_short_text_for_each_combination() -> None:
    assert found(OBJECT, "arn:aws:s3:::b/*", "arn:aws:s3:::*/k") == {
        (False, False): "arn:aws:s3:::x/x",
        (True, False): "arn:aws:s3:::b/x",
        (False, True): "arn:aws:s3:::x/k",
        (True, True): "arn:aws:s3:::b/k",
    }


def test_a_name_holds_no_slash_but_the_key_of_an_object_does() -> None:
    assert (True,) not in found(QUEUE, "arn:aws:sqs:*/*")
    assert found(OBJECT, "arn:aws:s3:::b/a/c")[(True,)] == "arn:aws:s3:::b/a/c"


def test_regions_and_accounts_are_those_that_there_are() -> None:
    texts = found(QUEUE, "arn:aws:sqs:eu-*", "*:999999999999:*")

    assert texts == {
        (False, False): "arn:aws:sqs:us-east-1:111111111111:x",
        (True, False): "arn:aws:sqs:eu-west-1:111111111111:x",
        (False, True): "arn:aws:sqs:us-east-1:999999999999:x",
        (True, True): "arn:aws:sqs:eu-west-1:999999999999:x",
    }


def test_account_numbers_are_made_up_where_patterns_ask_for_it() -> None:
    machine = Automaton([Pattern(("12", ANY)), Pattern((ANY, "7"))])
    numbers = account_numbers(machine, {machine.start: ""}, Budget())

    assert all(len(number) == 12 and number.isdigit() for number in numbers.values())
    assert {state & machine.accept for state in numbers} == {
        0,
        machine.bits[0],
        machine.bits[1],
        machine.bits[0] | machine.bits[1],
    }


def test_a_walk_through_too_many_states_is_given_up() -> None:
    machine = Automaton([Pattern((ANY, "a", *[ONE] * 30, ANY))])

    with pytest.raises(Exhausted, match="more than 50,000 states"):
        words_from(machine, {machine.start: ""}, "", Budget())


def test_the_vocabulary_is_what_the_policies_write_and_a_stranger() -> None:
    document: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:eu-north-1:222222222222:q"},
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:222222222222:q"},
        ],
    }
    policy = parse_policy(document)
    words = vocabulary(Rules.of(policy, policy, "identity"), Budget())

    assert words.partitions == ("aws",)
    assert words.regions[:2] == ("us-east-1", "eu-north-1")
    assert words.numbers == ("222222222222", "999999999999")
    assert not words.odd_regions
    assert not words.odd_accounts
