"""`skylab arn`, `skylab explain` and `skylab lint`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

Skylab = Callable[..., Result]
PolicyFile = Callable[..., Path]

OBJECTS = {"Sid": "Read", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::training/*"}
ASK = ("--action", "s3:GetObject", "--resource", "arn:aws:s3:::training/a.csv")
LIST = ("--action", "s3:ListBucket", "--resource", "arn:aws:s3:::training")


def case(**parts: Any) -> dict[str, Any]:
    request = {
        "principal": "arn:aws:iam::111111111111:user/alice",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::training/a.csv",
    }
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **OBJECTS}]}
    return {"id": "x1", "request": request, "identityPolicies": [policy], **parts}


def lines_of(*documents: Any) -> str:
    return "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in documents)


def answers_in(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_good_arn_is_a_yes_with_the_meaning_of_each_part(skylab: Skylab) -> None:
    result = skylab("arn", "arn:aws:iam::123456789012:role/ops/deploy")

    assert result.exit_code == 0
    assert "the role deploy, under the path /ops/" in " ".join(result.stdout.split())


def test_a_bad_arn_is_a_no_that_says_what_was_probably_meant(skylab: Skylab) -> None:
    result = skylab("arn", "arn:aws:iam:123456789012:user/bob")

    assert result.exit_code == 1
    assert "five colons" in result.stdout
    assert "Perhaps you meant  arn:aws:iam::123456789012:user/bob" in result.stdout


def test_an_arn_as_json_names_the_part_that_is_wrong(skylab: Skylab) -> None:
    result = skylab("arn", "arn:aws:s3:us-east-1::training/a.csv", "--json")

    [answer] = answers_in(result)
    assert answer["ok"] is False
    assert [problem["part"] for problem in answer["problems"]] == ["region"]
    assert answer["suggestion"] == "arn:aws:s3:::training/a.csv"


def test_an_arn_cannot_play_with_the_terminal(skylab: Skylab) -> None:
    result = skylab("arn", "arn:aws:s3:::\x1b[31m[bold]red\u202e")

    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert "[bold]" in result.stdout


def test_arns_come_as_lines_too(skylab: Skylab) -> None:
    questions = lines_of(
        {"id": 1, "arn": "arn:aws:s3:::b"}, {"id": 2, "arn": "arn:aws:s3:b"}, {"id": 3, "ARN": ""}
    )

    result = skylab("arn", "--jsonl", stdin=questions)

    good, bad, none = answers_in(result)
    assert result.exit_code == 0
    assert (good["id"], good["ok"], good["suggestion"]) == (1, True, None)
    assert (bad["id"], bad["ok"], bad["suggestion"]) == (2, False, "arn:aws:s3:::b")
    assert none["error"]["hint"]


def test_no_arn_is_wrong_use(skylab: Skylab) -> None:
    assert skylab("arn").exit_code == 2


def test_an_allowed_request_is_a_yes(skylab: Skylab, policy_file: PolicyFile) -> None:
    result = skylab("explain", "--policy", policy_file(**OBJECTS), *ASK)

    assert result.exit_code == 0
    assert "✓ allowed" in result.stdout


def test_a_denied_request_is_a_no_that_shows_the_element_at_fault(
    skylab: Skylab, policy_file: PolicyFile
) -> None:
    result = skylab("explain", "--policy", policy_file(**OBJECTS), *LIST)

    assert result.exit_code == 1
    assert "✗ denied: nothing allows it" in result.stdout
    assert "✗ Resource           arn:aws:s3:::training/*" in result.stdout


def test_an_explicit_deny_names_the_policy_and_the_statement(skylab: Skylab, policy_file: PolicyFile) -> None:
    allow = policy_file(**OBJECTS)
    deny = policy_file("guard.json", Effect="Deny", Sid="NoSecrets", Action="s3:*", Resource="*")

    result = skylab("explain", "--policy", allow, "--policy", deny, *ASK)

    assert "✗ explicitly denied" in result.stdout
    assert "guard.json / NoSecrets" in result.stdout


def test_as_json_the_answer_has_the_documented_keys(skylab: Skylab, policy_file: PolicyFile) -> None:
    [answer] = answers_in(skylab("explain", "--policy", policy_file(**OBJECTS), *ASK, "--json"))

    assert answer["decision"] == "Allowed"
    assert answer["reason"].startswith("reader.json statement Read")
    assert "trace" not in answer


def test_with_trace_the_answer_has_every_stage(skylab: Skylab, policy_file: PolicyFile) -> None:
    [answer] = answers_in(skylab("explain", "--policy", policy_file(**OBJECTS), *ASK, "--json", "--trace"))

    assert "identity-based policy" in [stage["stage"] for stage in answer["trace"]]


def test_condition_keys_may_have_one_value_or_several(skylab: Skylab, policy_file: PolicyFile) -> None:
    guarded = policy_file(
        Action="*",
        Resource="*",
        Condition={
            "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]},
            "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
        },
    )
    keys = ("-c", "aws:SourceIp=10.1.2.3", "-c", "aws:TagKeys=team", "-c", "aws:TagKeys=stage")

    assert skylab("explain", "--policy", guarded, *ASK, *keys).exit_code == 0
    assert skylab("explain", "--policy", guarded, *ASK, *keys, "-c", "aws:TagKeys=other").exit_code == 1


def test_every_type_of_policy_has_its_option(skylab: Skylab, policy_file: PolicyFile) -> None:
    everything = policy_file(Action="*", Resource="*")
    reads = policy_file("reads.json", Action="s3:Get*", Resource="*")
    writes = policy_file("writes.json", Action="s3:Put*", Resource="*")
    allowing = ("explain", "--policy", everything, *ASK)

    for option in ("--boundary", "--session-policy", "--scp"):
        assert skylab(*allowing, option, reads).exit_code == 0
        assert skylab(*allowing, option, writes).exit_code == 1


def test_an_endpoint_policy_limits_and_a_management_account_is_free(
    skylab: Skylab, policy_file: PolicyFile
) -> None:
    everything = policy_file(Action="*", Resource="*")
    reads = policy_file("reads.json", Principal="*", Action="s3:Get*", Resource="*")
    writes = policy_file("writes.json", Principal="*", Action="s3:Put*", Resource="*")
    scp = policy_file("scp.json", Action="s3:Put*", Resource="*")
    allowing = ("explain", "--policy", everything, *ASK)

    assert skylab(*allowing, "--endpoint-policy", reads).exit_code == 0
    assert skylab(*allowing, "--endpoint-policy", writes).exit_code == 1
    assert skylab(*allowing, "--scp", scp).exit_code == 1
    assert skylab(*allowing, "--scp", scp, "--management-account", "123456789012").exit_code == 0


def test_a_key_that_aws_defines_as_multivalued_is_so_with_one_value(
    skylab: Skylab, policy_file: PolicyFile
) -> None:
    bare = policy_file(Action="*", Resource="*", Condition={"StringEquals": {"aws:TagKeys": "team"}})

    assert skylab("explain", "--policy", bare, *ASK, "-c", "aws:TagKeys=team").exit_code == 1


@pytest.mark.parametrize(
    ("option", "statement"),
    [
        ("--policy", {"Principal": "*", "Action": "*", "Resource": "*"}),
        ("--resource-policy", {"Action": "*", "Resource": "*"}),
        ("--session-policy", {"Action": "*", "Resource": "arn:aws:sqs"}),
    ],
)
def test_a_policy_of_the_wrong_type_is_refused(
    option: str, statement: dict[str, Any], skylab: Skylab, policy_file: PolicyFile
) -> None:
    assert skylab("explain", option, policy_file(**statement), *ASK).exit_code == 2


def test_beside_an_answer_stand_the_findings_that_explain_it(skylab: Skylab, policy_file: PolicyFile) -> None:
    policy = policy_file(**OBJECTS)

    drawn = skylab("explain", "--policy", policy, *LIST)
    [answer] = answers_in(skylab("explain", "--policy", policy, *LIST, "--json"))

    assert "Perhaps this is why" in drawn.stdout
    assert "Add arn:aws:s3:::training, or give s3:ListBucket" in " ".join(drawn.stdout.split())
    assert [each["code"] for each in answer["findings"]] == ["action-resource-mismatch"]


def test_a_lint_that_finds_something_is_a_no(skylab: Skylab, policy_file: PolicyFile) -> None:
    file = policy_file(**OBJECTS)

    drawn = skylab("lint", file)
    [answer] = answers_in(skylab("lint", file, "--json"))

    assert drawn.exit_code == 1
    assert "✗ error  Statement[0].Action[1]" in drawn.stdout
    assert answer["ok"] is False
    assert [each["path"] for each in answer["files"][0]["findings"]] == ["Statement[0].Action[1]"]


def test_a_lint_that_finds_nothing_but_suggestions_is_a_yes(skylab: Skylab, tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    file.write_text('{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}')

    result = skylab("lint", file)

    assert result.exit_code == 0
    assert "suggestion" in result.stdout


def test_what_a_policy_is_for_decides_what_is_right(skylab: Skylab, policy_file: PolicyFile) -> None:
    shared = policy_file(
        Principal={"AWS": "123456789012"}, Action="s3:GetObject", Resource="arn:aws:s3:::b/*"
    )

    assert skylab("lint", shared, "--as", "bucket").exit_code == 0
    assert skylab("lint", shared, "--as", "managed").exit_code == 1
    assert skylab("lint", shared, "--as", "hat").exit_code == 2


def test_a_document_that_is_no_json_is_a_finding(skylab: Skylab) -> None:
    result = skylab("lint", "-", "--json", stdin="{")

    [answer] = answers_in(result)
    assert result.exit_code == 1
    assert answer["files"][0]["file"] == "stdin"
    assert answer["files"][0]["findings"][0]["code"] == "syntax"


def test_policies_come_as_lines_too(skylab: Skylab) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **OBJECTS}]}
    questions = lines_of(
        {"id": 1, "policy": policy}, {"id": 2, "policy": json.dumps(policy), "as": "managed"}, {"id": 3}
    )

    one, two, none = answers_in(skylab("lint", "--jsonl", stdin=questions))

    assert one["findings"] == two["findings"] != []
    assert (one["ok"], two["ok"], "error" in none) == (False, False, True)


def test_nothing_to_look_at_is_wrong_use(skylab: Skylab) -> None:
    assert skylab("lint").exit_code == 2
    assert skylab("lint", "absent.json").exit_code == 2


def test_a_bucket_policy_alone_can_allow(skylab: Skylab, policy_file: PolicyFile) -> None:
    public = policy_file(
        "bucket.json", Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::training/*"
    )

    assert skylab("explain", "--resource-policy", public, *ASK, "--principal", "anonymous").exit_code == 0


def test_a_whole_case_comes_from_a_file_or_from_stdin(skylab: Skylab, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case()))

    assert skylab("explain", "--case", file).exit_code == 0
    assert skylab("explain", "--case", "-", stdin=json.dumps(case(identityPolicies=[]))).exit_code == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--policy", "absent.json", *ASK), "absent.json: No such file"),
        (("--action", "s3:GetObject"), "--resource is missing"),
        (("--resource", "arn:aws:s3:::b"), "--action is missing"),
        ((*ASK, "--principal", "somebody"), "somebody cannot make a request"),
        ((*ASK, "--context", "aws:SourceIp"), "'aws:SourceIp'"),
        (("--action", "GetObject", "--resource", "*"), "a service, a colon and a name"),
        (("--case", "absent.json"), "absent.json: No such file"),
    ],
)
def test_wrong_use_is_explained_on_stderr_with_status_2(
    words: tuple[str, ...], complaint: str, skylab: Skylab
) -> None:
    result = skylab("explain", *words)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert complaint in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_a_policy_that_aws_would_refuse_is_named(skylab: Skylab, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"Version": "2012-10-17", "Statement": [{"Effect": "Permit"}]}')

    result = skylab("explain", "--policy", broken, *ASK)

    assert result.exit_code == 2
    assert "broken.json" in "".join(result.stderr.split())


def test_a_file_that_is_not_text_is_refused(skylab: Skylab, tmp_path: Path) -> None:
    binary = tmp_path / "policy.json"
    binary.write_bytes(b'{"Version": "\xff"}')

    result = skylab("explain", "--policy", binary, *ASK)

    assert result.exit_code == 2
    assert "not UTF-8" in result.stderr


def test_lines_are_answered_in_order_and_a_bad_one_costs_only_itself(skylab: Skylab) -> None:
    questions = lines_of(
        case(id="a"),
        "{not json\n",
        "[1, 2]\n",
        case(id=7, identityPolicies=[]),
        "\n",
        case(id="bad", request={"principal": "nobody"}),
        case(id=None, identityPolicies="*"),
        '{"id": "deep", "request": ' + "[" * 50_000 + "\n",
        case(id="z"),
    )

    result = skylab("explain", "--jsonl", stdin=questions)

    answers = answers_in(result)
    assert result.exit_code == 0
    assert [answer["id"] for answer in answers] == ["a", None, None, 7, "bad", None, None, "z"]
    assert [answer.get("decision") for answer in answers] == [
        "Allowed",
        None,
        None,
        "ImplicitlyDenied",
        None,
        None,
        None,
        "Allowed",
    ]
    assert all({"title", "detail", "hint"} <= each["error"].keys() for each in answers if "error" in each)


def test_a_line_that_is_not_utf_8_is_answered_with_an_error(skylab: Skylab) -> None:
    result = skylab("explain", "--jsonl", stdin=b'{"id": "\xff"}\n' + lines_of(case()).encode())

    assert ["error" in answer for answer in answers_in(result)] == [True, False]


def test_lines_carry_a_trace_when_asked(skylab: Skylab) -> None:
    [short] = answers_in(skylab("explain", "--jsonl", stdin=lines_of(case())))
    [long] = answers_in(skylab("explain", "--jsonl", "--trace", stdin=lines_of(case())))

    assert "trace" not in short
    assert long["trace"]
    assert (short["decision"], short["reason"]) == (long["decision"], long["reason"])
