"""AWS's managed policies: one by one or all at once, they are the same, and those that moto has."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from labs.sandbox import moto_policies, moto_setup
from labs.sandbox.moto_policies import Policies, _Shared
from labs.sandbox.values import ACCOUNT

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
IN_A_PATH = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def shared() -> _Shared:
    moto_setup.dispatcher()
    return _Shared(ACCOUNT, "aws")


def told(policy: Any) -> tuple[Any, ...]:
    version = policy.versions[0]
    return policy.arn, policy.id, policy.path, policy.create_date, version.version_id, version.document


def test_each_is_found_by_its_arn_as_it_is_among_all() -> None:
    alone, all_at_once = shared(), shared()
    every = all_at_once.by_arn

    assert len(every) > 1500
    assert [told(alone.get(arn)) for arn in every] == [told(policy) for policy in every.values()]
    assert len({policy.id for policy in every.values()}) == len(every)
    assert all(policy.id.startswith("ANPA") and len(policy.id) == 21 for policy in every.values())


def test_they_are_motos() -> None:
    moto_setup.dispatcher()
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    data = json.loads(aws_managed_policies_data)
    found = shared().get(IN_A_PATH)

    assert [policy.name for policy in shared().policies] == list(data)
    assert json.loads(found.versions[0].document) == data[found.name]["Document"]


def test_one_that_was_asked_for_first_is_the_one_among_all() -> None:
    policies = shared()
    first = policies.get(ADMINISTRATOR)

    assert policies.by_arn[ADMINISTRATOR] is first
    assert policies.get(ADMINISTRATOR) is first


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::aws:policy/Statement",  # a key in each of the documents
        "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",  # it lies in a path
        "arn:aws-cn:iam::aws:policy/AdministratorAccess",
        f"arn:aws:iam::{ACCOUNT}:policy/AdministratorAccess",
        'arn:aws:iam::aws:policy/"',
        "",
    ],
)
def test_what_aws_has_not_is_not_there(arn: str) -> None:
    policies = Policies(shared())

    assert arn not in policies
    assert policies.get(arn, "none") == "none"
    with pytest.raises(KeyError):
        policies[arn]
    with pytest.raises(KeyError):
        moto_policies.shared_policy(ACCOUNT, "aws", arn)


def test_a_fresh_world_has_made_only_the_one_that_it_needs() -> None:
    code = (
        "from labs.sandbox import moto_policies, moto_setup\n"
        "moto_setup.reset_state(0)\n"
        "print([list(each._made) for each in moto_policies._shared.values()])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == str([[ADMINISTRATOR]])


def test_how_often_each_is_attached_is_kept_without_the_others() -> None:
    policies = shared()
    policies.set_counts({ADMINISTRATOR: 2})
    assert policies.counts() == {ADMINISTRATOR: 2}

    policies.set_counts({IN_A_PATH: 1})
    assert policies.counts() == {IN_A_PATH: 1}
    assert policies.get(ADMINISTRATOR).attachment_count == 0
    assert "policies" not in vars(policies)
    assert moto_policies.shared_policy(ACCOUNT, "aws", IN_A_PATH).arn == IN_A_PATH
