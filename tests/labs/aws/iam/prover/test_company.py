"""What an Allow must be to count, and in whose company."""

from __future__ import annotations

import pytest

from labs.aws.iam import Principal, Request, parse_policy
from labs.aws.iam.elements import Grant
from labs.aws.iam.prover import Kind
from labs.aws.iam.prover.catalogue import COMMON, PLAIN, all_services, service
from labs.aws.iam.prover.company import Circumstances, allowed, another_side, sufficient

ALICE = Principal.parse("arn:aws:iam::111111111111:user/alice")
SESSION = Principal.parse("arn:aws:sts::111111111111:assumed-role/app/s")
ROOT = Principal.parse("111111111111")
NOBODY = Principal.anonymous()
NONE, ACCOUNT, ISSUER, CALLER = Grant


@pytest.mark.parametrize(
    ("kind", "caller", "trial", "crosses", "alone", "with_consent"),
    [
        ("identity", ALICE, PLAIN, False, {CALLER}, {CALLER}),
        ("identity", ALICE, PLAIN, True, set(), {CALLER}),
        ("identity", ALICE, "sts:AssumeRole", False, set(), {CALLER}),
        ("identity", ALICE, "kms:Decrypt", False, set(), {CALLER}),
        ("resource", ALICE, PLAIN, False, {CALLER}, {NONE, ACCOUNT, CALLER}),
        ("resource", ALICE, PLAIN, True, set(), {ACCOUNT, CALLER}),
        ("resource", ALICE, "kms:Decrypt", False, {CALLER}, {ACCOUNT, CALLER}),
        ("resource", SESSION, PLAIN, False, {ISSUER, CALLER}, {NONE, ACCOUNT, ISSUER, CALLER}),
        ("resource", ROOT, PLAIN, False, {NONE, ACCOUNT, CALLER}, {NONE, ACCOUNT, CALLER}),
        ("resource", ROOT, PLAIN, True, {ACCOUNT, CALLER}, {ACCOUNT, CALLER}),
        ("resource", NOBODY, PLAIN, False, {CALLER}, {CALLER}),
    ],
)
def test_which_grants_are_enough(
    kind: Kind,
    caller: Principal,
    trial: str,
    crosses: bool,
    alone: set[Grant],
    with_consent: set[Grant],
) -> None:
    circumstances = Circumstances(trial, crosses)

    assert sufficient(kind, caller, circumstances, False) == alone
    assert sufficient(kind, caller, circumstances, True) == with_consent


def test_another_side_is_asked_across_accounts_and_for_roles_and_keys() -> None:
    assert not another_side(Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k"))
    assert another_side(Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k", "222222222222"))
    assert another_side(Request(ALICE, "sts:AssumeRole", "arn:aws:iam::111111111111:role/app"))
    assert another_side(Request(ALICE, "kms:Decrypt", "arn:aws:kms:us-east-1:111111111111:key/k"))


def test_consent_lifts_no_deny() -> None:
    policy = parse_policy({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
    request = Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k", "222222222222")

    assert not allowed(policy, "identity", request, consenting=True)


def test_the_common_actions_are_real_and_come_first() -> None:
    for prefix, names in COMMON.items():
        found = service(prefix)
        assert found is not None
        assert found.actions[: len(names)] == tuple(f"{prefix}:{name}" for name in names)


def test_every_action_of_every_service_has_a_form() -> None:
    assert len(all_services()) > 400
    for prefix in all_services():
        found = service(prefix)
        assert found is not None
        taken = 0
        for form in found.forms:
            taken |= form.actions
        assert taken == found.every


def test_a_service_that_aws_does_not_have_is_none() -> None:
    assert service("s4") is None


@pytest.mark.parametrize(
    ("action", "form", "key", "known"),
    [
        ("s3:ListBucket", "arn:${Partition}:s3:::${BucketName}", "s3:prefix", True),
        ("s3:GetObject", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", "s3:prefix", False),
        ("s3:GetObject", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", "aws:SourceIp", True),
        (
            "ec2:RunInstances",
            "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
            "ec2:InstanceType",
            True,
        ),
        ("ec2:RunInstances", "arn:${Partition}:ec2:${Region}::image/${ImageId}", "ec2:InstanceType", False),
    ],
)
def test_which_keys_a_request_can_have(action: str, form: str, key: str, known: bool) -> None:
    found = service(action.partition(":")[0])
    assert found is not None
    [taken] = [each for each in found.forms if each.shape and each.shape.form == form]

    assert found.knows(action, taken, key) is known
