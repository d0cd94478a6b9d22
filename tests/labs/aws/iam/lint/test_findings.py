"""What the lint finds: policies that have each kind of finding, and policies of which nothing is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labs.aws.iam.lint import CODES, KINDS, Finding, Severity, lint
from labs.errors import InputError

HERE = Path(__file__).parent
FOUND: list[dict[str, Any]] = json.loads((HERE / "found.json").read_text(encoding="utf-8"))
CLEAN: list[dict[str, Any]] = json.loads((HERE / "clean.json").read_text(encoding="utf-8"))


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any = "s3:GetObject", resource: Any = "arn:aws:s3:::b/*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize("example", FOUND, ids=lambda each: f"{each['code']}: {each['says']}")
def test_a_finding_says_what_where_and_how_to_repair(example: dict[str, Any]) -> None:
    place = (example["code"], example["path"])
    [found, *_] = [
        each for each in lint(example["policy"], example["for"]) if (each.code, each.path) == place
    ]

    assert example["says"] in f"{found.sentence} {found.repair}"
    assert found.sentence.endswith(".")
    assert found.repair.endswith((".", "?"))
    assert found.source.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize(("times", "kind", "most"), [(500, "managed", "6,144"), (3000, None, "32,768")])
def test_a_policy_that_is_too_large_is_told_the_limit(times: int, kind: str | None, most: str) -> None:
    [found] = lint(policy(allow(["s3:GetObject"] * times)), kind)

    assert (found.code, found.path) == ("too-large", "")
    assert most in found.sentence


def test_every_kind_of_finding_has_an_example() -> None:
    assert {each["code"] for each in FOUND} | {"too-large"} == set(CODES)


@pytest.mark.parametrize("example", CLEAN, ids=lambda each: json.dumps(each["policy"])[:80])
def test_nothing_is_said_of_a_policy_that_is_as_it_should_be(example: dict[str, Any]) -> None:
    assert lint(example["policy"], example["for"]) == ()


def test_a_fault_in_one_statement_does_not_hide_those_in_the_others() -> None:
    found = lint(policy(allow(Effect="allow"), allow("s3:GetObjcet"), allow(Actions="s3:GetObject")))

    assert [(each.code, each.path) for each in found] == [
        ("syntax", "Statement[0].Effect"),
        ("syntax", "Statement[2].Actions"),
        ("unknown-action", "Statement[1].Action"),
    ]
    assert [each.statement for each in found] == [1, 3, 2]


def test_a_single_statement_has_no_number_in_its_paths() -> None:
    [found] = lint({"Version": "2012-10-17", "Statement": allow("s3:GetObjcet")})

    assert found.path == "Statement.Action"


def test_text_and_value_have_the_same_findings() -> None:
    document = policy(allow(["s3:GetObject", "s3:ListBucket"]), allow("iam:PassRole", "*"))

    assert lint(json.dumps(document)) == lint(document)


def test_the_worst_comes_first() -> None:
    document: dict[str, Any] = {
        "Statement": [
            allow("iam:PassRole", "*"),
            allow(Condition={"StringEquals": {"aws:SourceIp": "10.0.0.1"}}),
            allow("s3:Nix"),
        ]
    }
    severities = [each.severity for each in lint(document)]

    assert severities == sorted(severities, key=list(Severity).index)
    assert severities[0] is Severity.ERROR
    assert severities[-1] is Severity.SUGGESTION


def test_of_two_equal_statements_the_second_is_one_too_many() -> None:
    assert [each.path for each in lint(policy(allow(), allow()))] == ["Statement[1]"]


def test_a_deny_that_is_narrower_in_one_respect_does_not_undo_an_allow() -> None:
    denial = allow("s3:*", "*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})

    assert "denied-allow" not in {each.code for each in lint(policy(allow(), denial))}


def test_where_everything_is_misspelt_only_the_first_get_a_guess() -> None:
    found = lint(policy(allow([f"ec2:DescribeInstance{number}" for number in range(60)], "*")))

    assert len(found) == 60
    assert sum("Did you mean" in each.repair for each in found) == 20


def test_there_is_no_other_kind_of_policy() -> None:
    with pytest.raises(InputError, match="No such kind"):
        lint(policy(allow()), "hat")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_policy_can_be_looked_at(kind: str) -> None:
    assert all(
        isinstance(each, Finding) for each in lint(policy(allow(), {**allow(), "Principal": "*"}), kind)
    )


def test_a_finding_as_json_has_all_that_a_program_needs() -> None:
    [found] = lint(policy(allow("s3:GetObjcet")))

    assert found.as_json() == {
        "code": "unknown-action",
        "severity": "error",
        "path": "Statement[0].Action",
        "sentence": "s3:GetObjcet is no action of AWS.",
        "repair": "Did you mean s3:GetObject?",
        "statement": 1,
        "source": "https://docs.aws.amazon.com/service-authorization/latest/reference/"
        "reference_policies_actions-resources-contextkeys.html",
    }
