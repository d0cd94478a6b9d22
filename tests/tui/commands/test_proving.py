"""`skylab prove`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from labs.aws.iam import case_from_json, evaluate

Skylab = Callable[..., Result]
PolicyFile = Callable[..., Path]

DATA: dict[str, Any] = {"Sid": "Read", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::training/data/*"}
ALL: dict[str, Any] = {**DATA, "Resource": "arn:aws:s3:::training/*"}


def document(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


def lines_of(*documents: Any) -> str:
    return "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in documents)


def answers_in(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def told(result: Result) -> str:
    """What was printed, as one line."""
    return " ".join(result.stdout.split())


@pytest.fixture
def pair(policy_file: PolicyFile) -> tuple[Path, Path]:
    return policy_file("data.json", **DATA), policy_file("all.json", **ALL)


def test_a_wider_candidate_is_a_no_with_the_request_that_shows_it(
    skylab: Skylab, pair: tuple[Path, Path]
) -> None:
    result = skylab("prove", *pair)

    assert result.exit_code == 1
    assert "✗ wider" in result.stdout
    assert "all.json against data.json" in result.stdout
    assert "it allows s3:GetObject on arn:aws:s3:::training/x, which the reference does not" in told(result)
    assert "allowed by all.json statement Read" in told(result)
    assert "✓ allowed all.json statement Read" in told(result)
    assert "✗ denied No identity-based policy allows" in told(result)


def test_a_narrower_candidate_is_a_yes_that_says_what_is_missing(
    skylab: Skylab, pair: tuple[Path, Path]
) -> None:
    result = skylab("prove", *reversed(pair))

    assert result.exit_code == 0
    assert "✓ narrower" in result.stdout
    assert "Allowed by the reference, not by the candidate" in result.stdout


def test_the_same_policy_is_a_yes(skylab: Skylab, pair: tuple[Path, Path]) -> None:
    result = skylab("prove", pair[0], pair[0])

    assert result.exit_code == 0
    assert "✓ equivalent" in result.stdout
    assert "Both policies allow the same requests." in result.stdout


def test_policies_that_each_allow_something_else_are_a_no(skylab: Skylab, policy_file: PolicyFile) -> None:
    reads = policy_file("reads.json", **DATA)
    writes = policy_file("writes.json", **{**DATA, "Action": "s3:PutObject"})
    result = skylab("prove", reads, writes)

    assert result.exit_code == 1
    assert "✗ incomparable" in result.stdout
    assert result.stdout.index("not by the reference") < result.stdout.index("not by the candidate")


def test_context_keys_and_consent_are_shown(skylab: Skylab, policy_file: PolicyFile) -> None:
    reference = policy_file(
        "own.json", Action="sts:AssumeRole", Resource="arn:aws:iam::111111111111:role/own"
    )
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    candidate = policy_file("any.json", Action="sts:AssumeRole", Resource="*", Condition=tagged)
    result = skylab("prove", reference, candidate)

    assert "with aws:PrincipalTag/team = red" in told(result)
    assert "assuming that the resource's own policy lets the caller's account decide" in told(result)


def test_the_statement_is_named_even_where_another_side_decides(
    skylab: Skylab, policy_file: PolicyFile
) -> None:
    trust = {"Action": "sts:AssumeRole", "Principal": {"AWS": "222222222222"}}
    careful = policy_file("careful.json", **trust, Condition={"StringEquals": {"sts:ExternalId": "x"}})
    result = skylab("prove", careful, policy_file("open.json", **trust), "--kind", "resource")

    assert "allowed by open.json statement 1" in told(result)
    assert "assuming that the caller's own policies allow it" in told(result)


def test_bucket_policies_have_a_kind_of_their_own(skylab: Skylab, policy_file: PolicyFile) -> None:
    alice = policy_file("alice.json", **DATA, Principal={"AWS": "arn:aws:iam::111111111111:user/alice"})
    public = policy_file("public.json", **DATA, Principal="*")
    result = skylab("prove", alice, public, "--kind", "resource")

    assert result.exit_code == 1
    assert "caller anonymous" in told(result)


def test_a_proof_that_reaches_its_bound_is_no_yes(skylab: Skylab, policy_file: PolicyFile) -> None:
    mixed = {"NumericLessThan": {"custom:key": "10"}, "StringLike": {"custom:key": "9*"}}
    plain = policy_file("plain.json", **DATA, Condition=mixed)
    more = policy_file("more.json", **DATA, Condition={**mixed, "Null": {"custom:key": "false"}})
    result = skylab("prove", plain, more)

    assert result.exit_code == 1
    assert "? unknown" in result.stdout
    assert "custom:key" in result.stdout


def test_as_json_the_answer_has_the_documented_keys(skylab: Skylab, pair: tuple[Path, Path]) -> None:
    [answer] = answers_in(skylab("prove", *pair, "--json"))

    assert answer["verdict"] == "wider"
    assert answer["narrower"] is None
    assert answer["wider"] == {
        "principal": "arn:aws:iam::123456789012:user/x",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::training/x",
    }


def test_lines_are_answered_in_order_and_a_bad_one_costs_only_itself(skylab: Skylab) -> None:
    good = {"reference": document(**DATA), "candidate": document(**ALL)}
    questions = lines_of(
        {"id": "wider", **good},
        "{not json\n",
        {"id": "narrower", "reference": good["candidate"], "candidate": good["reference"]},
        "\n",
        {"id": 3, "reference": good["reference"]},
        {"id": "broken", **good, "candidate": document(Action="s3:GetObject", Effect="Permit")},
        {"id": "kind", **good, "kind": "bucket"},
        {"id": "principal", **good, "candidate": document(**DATA, Principal="*")},
        {"id": "key", **good, "policies": []},
        {"id": "text", **good, "reference": "s3:*"},
        '{"id": "deep", "reference": ' + "[" * 50_000 + "\n",
        {"id": "resource", "reference": document(**DATA, Principal="*"),
         "candidate": document(**DATA, Principal="*"), "kind": "resource"},
    )  # fmt: skip

    result = skylab("prove", "--jsonl", stdin=questions)

    answers = answers_in(result)
    assert result.exit_code == 0
    assert [answer.get("verdict") for answer in answers] == [
        "wider", None, "narrower", None, None, None, None, None, None, None, "equivalent",
    ]  # fmt: skip
    assert [answer["id"] for answer in answers if "error" in answer] == [
        None, 3, "broken", "kind", "principal", "key", "text", None,
    ]  # fmt: skip
    assert all({"title", "detail", "hint"} <= each["error"].keys() for each in answers if "error" in each)
    assert "In the candidate" in answers[4]["error"]["detail"]


def test_a_witness_replays_through_explain(skylab: Skylab) -> None:
    trust = {"Action": "sts:AssumeRole", "Principal": {"AWS": "222222222222"}}
    asked = {
        "id": 1,
        "reference": document(**trust, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
        "candidate": document(**trust),
        "kind": "resource",
    }
    [answer] = answers_in(skylab("prove", "--jsonl", stdin=lines_of(asked)))

    for name, allowed in (("reference", False), ("candidate", True)):
        case = {"request": answer["wider"], "resourcePolicy": asked[name], **answer["assuming"]["wider"]}
        assert evaluate(*case_from_json(case)).allowed is allowed


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "Both files are missing"),
        (("data.json",), "The candidate is missing"),
        (("absent.json", "absent.json"), "absent.json: No such file"),
    ],
)
def test_wrong_use_is_explained_on_stderr_with_status_2(
    words: tuple[str, ...], complaint: str, skylab: Skylab
) -> None:
    result = skylab("prove", *words)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert complaint in " ".join(result.stderr.split())


def test_a_kind_that_there_is_not_is_refused(skylab: Skylab, pair: tuple[Path, Path]) -> None:
    result = skylab("prove", *pair, "--kind", "bucket")

    assert result.exit_code == 2
    assert "No such kind of policy" in result.stderr


def test_a_policy_that_aws_would_refuse_is_named(
    skylab: Skylab, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"Version": "2012-10-17", "Statement": [{"Effect": "Permit"}]}')
    result = skylab("prove", pair[0], broken)

    assert result.exit_code == 2
    assert "broken.json" in "".join(result.stderr.split())


def test_policies_cannot_play_with_the_terminal(skylab: Skylab, policy_file: PolicyFile) -> None:
    reference = policy_file("none.json", **DATA)
    candidate = policy_file("trick.json", **{**DATA, "Resource": "arn:aws:s3:::b/\x1b[31m[bold]\u202e"})
    result = skylab("prove", reference, candidate)

    assert result.exit_code == 1
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
