"""The book of rules: each can be read, is about operations that there are, and has a test that shows it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

import botocore.session
import pytest
from botocore.exceptions import ClientError

from labs.sandbox import strict
from labs.sandbox.strict import considering
from labs.sandbox.strict.book import rules_for
from labs.sandbox.strict.rules import Rule, clause
from labs.sandbox.values import Event
from tests.labs.sandbox.houses import House, denied
from tests.labs.sandbox.strict.cases import client

HERE = Path(__file__).parent
ELSEWHERE = {
    "iam.key-is-active": "test_gate.py::test_bad_keys_get_the_codes_of_aws_and_show_in_the_ledger",
    "iam.policies-decide": "test_gate.py::test_root_may_do_everything_and_a_new_user_nothing",
    "iam.other-account-wants-its-policy": "test_authorize.py::"
    "test_naming_the_account_or_everyone_leaves_it_to_the_account",
    "sts.role-trusts": "served/test_sessions.py::"
    "test_a_change_of_a_trust_policy_is_obeyed_by_the_next_request",
    "sts.session-duration": "served/test_sessions.py::test_a_chain_of_roles_lasts_an_hour",
    "ec2.launch-names-what-exists": "test_moto_setup.py::test_what_does_not_exist_is_refused",
    "ec2.launch-time": "test_lifecycle.py::test_a_start_leads_through_pending_and_is_a_new_launch",
    "ec2.states-take-time": "test_lifecycle.py::test_stopping_and_terminating_take_time_as_well",
    "ec2.profile-without-role": "test_metadata.py::test_a_profile_without_a_role_has_no_credentials",
    "ec2.cpu-credits": "test_cpu_credits.py::"
    "test_an_idle_instance_earns_twelve_credits_an_hour_up_to_a_days_worth",
    "lambda.cold-start": "functions/test_running.py::test_a_function_stays_warm_until_it_is_changed",
    "lambda.function-error": "functions/test_running.py::test_a_failure_is_an_answer_and_stands_in_the_log",
    "lambda.recursive-loop": "functions/test_running.py::test_a_function_that_sets_itself_off_is_stopped",
    "lambda.log-permitted": "functions/test_running.py::"
    "test_the_log_is_lost_where_the_role_does_not_permit_it",
}
"""Where the tests are of what other parts of the sandbox hold to."""


def test_each_rule_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(each.id for each in strict.RULES).items() if times > 1] == []


@pytest.mark.parametrize("rule", strict.RULES, ids=lambda rule: rule.id)
def test_a_rule_can_be_read(rule: Rule) -> None:
    assert re.fullmatch(r"(ec2|events|iam|sts|s3|sns|lambda|ssm)\.[a-z0-9-]+", rule.id)
    for sentence in (rule.says, rule.moto):
        assert re.fullmatch(r"[A-Z].*[^.]\.", sentence), sentence
    assert rule.source.url.startswith("https://docs.aws.amazon.com/")
    assert rule.source.page.endswith('"')
    assert rule.as_json()["rule"] == rule.id
    assert bool(rule.code) or rule.effect != "refuses"
    assert bool(rule.where) == (rule.effect == "met elsewhere")


@pytest.mark.parametrize("rule", strict.RULES, ids=lambda rule: rule.id)
def test_a_rule_is_about_operations_that_there_are(rule: Rule) -> None:
    for service, _, operation in (each.partition(":") for each in rule.operations):
        assert operation == "*" or operation in _operations(service)


@cache
def _operations(service: str) -> frozenset[str]:
    """All operations of a service; botocore takes a second to read the larger models."""
    return frozenset(botocore.session.get_session().get_service_model(service).operation_names)


@pytest.mark.parametrize("rule", strict.RULES, ids=lambda rule: rule.id)
def test_a_rule_has_a_test_that_shows_it(rule: Rule) -> None:
    """With the rule AWS's answer, without it moto's; or, of what is met elsewhere, the test that is there."""
    if rule.where:
        import_module(rule.where)
        name, _, test = ELSEWHERE[rule.id].partition("::")
        assert f"def {test}(" in (HERE.parent / name).read_text("utf-8")
        return
    shown = "".join(each.read_text("utf-8") for each in HERE.glob("test_*.py") if each != Path(__file__))
    assert re.search(rf'(refused|repaired|Refusal|Repair|without)\(\s*"{re.escape(rule.id)}"', shown)


def test_repairs_come_before_refusals() -> None:
    found = rules_for("ec2", "CreateSubnet")
    assert [each.amend is not None for each in found] == sorted(
        (each.amend is not None for each in found), reverse=True
    )
    assert {"ec2.cidr-host-bits", "ec2.subnet-range", "ec2.client-token"} <= {each.id for each in found}
    assert rules_for("sqs", "SendMessage") == ()


def test_a_rule_that_aws_does_not_document_holds_and_explains_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsourced = [replace(each, sourced=False) for each in rules_for("ec2", "CreateVpc")]
    monkeypatch.setattr(considering, "rules_for", lambda service, operation: unsourced)
    code, _, _ = denied(client(house, "ec2").create_vpc, CidrBlock="169.254.0.0/16")
    client(house, "ec2").create_vpc(CidrBlock="10.9.0.1/16")
    assert code == "InvalidVpc.Range"
    assert [each.explanations for each in house.state.ledger.since()[-2:]] == [(), ()]


def test_an_event_with_explanations_survives_its_journey_as_json(house: House) -> None:
    with pytest.raises(ClientError):
        client(house, "ec2").create_vpc(CidrBlock="169.254.0.0/16")
    event = house.last
    assert [each.rule for each in event.explanations] == ["ec2.vpc-range"]
    assert Event.from_json(event.to_json()) == event
    before = {key: value for key, value in event.to_json().items() if key != "explanations"}
    assert Event.from_json(before).explanations == ()


@pytest.mark.parametrize(
    ("sentence", "continued"),
    [
        ("A volume lies in one zone.", "a volume lies in one zone"),
        ("AWS keeps five addresses.", "AWS keeps five addresses"),
        ("10.0.0.0/8 is private.", "10.0.0.0/8 is private"),
    ],
)
def test_a_sentence_goes_on_from_because(sentence: str, continued: str) -> None:
    assert clause(sentence) == continued
