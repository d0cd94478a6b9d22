"""Sessions of roles out of STS, end to end: who gets one, and how long it lasts.

Source: AWS STS API Reference, "AssumeRole"; IAM User Guide, "Access to AWS accounts owned by third parties"
(ExternalId), "Secure API access with MFA", "Methods to assume a role" (role chaining).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from labs.sandbox import mfa
from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement, trust
from tests.labs.sandbox.served.sts import ANN, MFA, READ, allowed_buckets, with_device

# -- who may assume a role ---------------------------------------------------------------------------


def test_a_stranger_with_the_wrong_external_id_is_turned_away(house: House) -> None:
    house.user("ann", statement("sts:AssumeRole", "*"))
    condition = {"StringEquals": {"sts:ExternalId": "12345"}}
    role = house.role("partner", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Condition=condition), READ)
    sts = house.client("sts", "ann")
    refused = denied(sts.assume_role, RoleArn=role, RoleSessionName="one", ExternalId="99999")
    assert refused[:2] == ("AccessDenied", 403)
    assert refused[2] == (
        f"User: {ANN} is not authorized to perform: sts:AssumeRole on resource: {role} "
        "because no role trust policy allows the sts:AssumeRole action"
    )
    assert code(sts.assume_role, RoleArn=role, RoleSessionName="one") == "AccessDenied"
    assert allowed_buckets(house, house.assume("ann", role, ExternalId="12345"))


def test_a_trust_policy_that_names_the_user_is_enough_and_one_that_names_the_account_is_not(
    house: House,
) -> None:
    house.user("ann")
    by_name = house.role("named", {"AWS": ANN})
    by_account = house.role("delegated", {"AWS": ACCOUNT})
    sts = house.client("sts", "ann")
    assert code(sts.assume_role, RoleArn=by_name, RoleSessionName="one") == ""
    code_, _, message = denied(sts.assume_role, RoleArn=by_account, RoleSessionName="one")
    assert (code_, message.endswith("because no identity-based policy allows the sts:AssumeRole action")) == (
        "AccessDenied",
        True,
    )


def test_a_role_that_is_not_there_is_refused_without_a_reason(house: House) -> None:
    house.user("ann", statement("*", "*"))
    arn = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    assert denied(house.client("sts", "ann").assume_role, RoleArn=arn, RoleSessionName="one") == (
        "AccessDenied",
        403,
        f"User: {ANN} is not authorized to perform: sts:AssumeRole on resource: {arn}",
    )


@pytest.mark.parametrize(
    "arn", ["app", f"arn:aws:iam::{ACCOUNT}:user/app", "arn:aws:iam::12:role/app" + "x" * 9]
)
def test_what_is_no_role_is_not_valid(house: House, arn: str) -> None:
    sts = house.client("sts", parameter_validation=False)
    assert denied(sts.assume_role, RoleArn=arn, RoleSessionName="one") == (
        "ValidationError",
        400,
        f"{arn} is invalid",
    )


def test_a_trust_policy_may_deny(house: House) -> None:
    house.user("ann", statement("*", "*"))
    everyone = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    not_ann = {"Effect": "Deny", "Principal": {"AWS": ANN}, "Action": "sts:AssumeRole"}
    role = house.role("app", policy(everyone, not_ann))
    _, _, message = denied(house.client("sts", "ann").assume_role, RoleArn=role, RoleSessionName="one")
    assert message.endswith("with an explicit deny in the role trust policy")


def test_a_trust_policy_may_look_at_the_name_of_the_session(house: House) -> None:
    house.user("ann", statement("sts:AssumeRole", "*"))
    own_name = {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}
    role = house.role("app", trust({"AWS": "*"}, Condition=own_name))
    sts = house.client("sts", "ann")
    assert code(sts.assume_role, RoleArn=role, RoleSessionName="bob") == "AccessDenied"
    assert code(sts.assume_role, RoleArn=role, RoleSessionName="ann") == ""


def test_root_may_not_become_a_role(house: House) -> None:
    role = house.role("app", {"AWS": "*"})
    assert denied(house.client("sts", "root").assume_role, RoleArn=role, RoleSessionName="one") == (
        "AccessDenied",
        403,
        "Roles may not be assumed by root accounts.",
    )


def test_a_change_of_a_trust_policy_is_obeyed_by_the_next_request(house: House) -> None:
    house.user("ann", statement("sts:AssumeRole", "*"))
    role = house.role("app", {"AWS": ACCOUNT})
    sts, iam = house.client("sts", "ann"), house.client("iam")
    seen = [code(sts.assume_role, RoleArn=role, RoleSessionName="one")]
    for principal in ({"Service": "ec2.amazonaws.com"}, {"AWS": ANN}):
        iam.update_assume_role_policy(RoleName="app", PolicyDocument=trust(principal))
        seen.append(code(sts.assume_role, RoleArn=role, RoleSessionName="one"))
    assert seen == ["", "AccessDenied", ""]


# -- one-time codes ----------------------------------------------------------------------------------


def test_a_role_may_want_a_one_time_code(house: House) -> None:
    house.user("ann", statement("sts:AssumeRole", "*"))
    seed = with_device(house)
    role = house.role(
        "app", trust({"AWS": ACCOUNT}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    )
    sts = house.client("sts", "ann")
    asked = {"RoleArn": role, "RoleSessionName": "one"}
    right = mfa.code_at(seed, house.state.clock.now())
    wrong = f"{(int(right) + 1) % 10**6:06}"
    assert code(sts.assume_role, **asked) == "AccessDenied"
    assert code(sts.assume_role, **asked, SerialNumber=MFA, TokenCode=right) == ""
    assert denied(sts.assume_role, **asked, SerialNumber=MFA, TokenCode=wrong)[2] == (
        "MultiFactorAuthentication failed with invalid MFA one time pass code. "
    )
    assert (
        "unable to validate MFA code"
        in denied(sts.assume_role, **asked, SerialNumber=f"{MFA}2", TokenCode=right)[2]
    )


def test_a_code_is_good_by_the_clients_clock_after_the_worlds_has_been_moved(house: House) -> None:
    house.user("ann")
    seed = with_device(house)
    sts = house.client("sts", "ann")
    house.state.clock.jump(timedelta(days=40))
    for moment in (house.state.clock.now(), house.state.clock.client_now()):
        assert code(sts.get_session_token, SerialNumber=MFA, TokenCode=mfa.code_at(seed, moment)) == ""


@pytest.mark.parametrize("operator", ["Bool", "BoolIfExists"])
def test_a_session_with_a_code_has_it_and_a_long_term_key_does_not_even_lack_it(
    house: House, operator: str
) -> None:
    deny = statement("s3:*", "*", "Deny", Condition={operator: {"aws:MultiFactorAuthPresent": "false"}})
    house.user("ann", READ, deny)
    seed = with_device(house)
    sts = house.client("sts", "ann")
    plain = sts.get_session_token()["Credentials"]
    right = mfa.code_at(seed, house.state.clock.now())
    proved = sts.get_session_token(SerialNumber=MFA, TokenCode=right)["Credentials"]
    # A key that lasts has no such key at all, which only …IfExists takes for false.
    assert allowed_buckets(house, "ann") is (operator == "Bool")
    assert not allowed_buckets(house, plain)
    assert allowed_buckets(house, proved)


def test_the_age_of_a_code_grows(house: House) -> None:
    young = statement("s3:*", "*", Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})
    house.user("ann", young)
    seed = with_device(house)
    right = mfa.code_at(seed, house.state.clock.now())
    proved = house.client("sts", "ann").get_session_token(SerialNumber=MFA, TokenCode=right)["Credentials"]
    assert allowed_buckets(house, proved)
    house.state.clock.jump(timedelta(hours=2))
    assert not allowed_buckets(house, proved)


# -- how long ----------------------------------------------------------------------------------------


def left(house: House, credentials: dict[str, Any]) -> float:
    expires: Any = credentials["Expiration"]
    assert isinstance(expires, datetime)
    return round((expires - house.state.clock.now()).total_seconds() / 60)


def test_a_session_lasts_an_hour_or_as_long_as_asked_and_no_longer_than_the_role_lets_it(
    house: House,
) -> None:
    house.user("ann", statement("sts:AssumeRole", "*"))
    role = house.role("app", {"AWS": ACCOUNT}, MaxSessionDuration=7200)
    assert left(house, house.assume("ann", role)) == 60
    assert left(house, house.assume("ann", role, DurationSeconds=7200)) == 120
    sts = house.client("sts", "ann")
    asked = {"RoleArn": role, "RoleSessionName": "one"}
    assert denied(sts.assume_role, **asked, DurationSeconds=7201) == (
        "ValidationError",
        400,
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    unchecked = house.client("sts", "ann", parameter_validation=False)
    assert "greater than or equal to 900" in denied(unchecked.assume_role, **asked, DurationSeconds=899)[2]
    assert "less than or equal to 43200" in denied(sts.assume_role, **asked, DurationSeconds=43201)[2]


def test_a_chain_of_roles_lasts_an_hour(house: House) -> None:
    first = house.role("first", {"AWS": ACCOUNT}, statement("sts:AssumeRole", "*"))
    second = house.role("second", {"AWS": ACCOUNT}, MaxSessionDuration=43_200)
    keys = house.assume("admin", first)
    assert left(house, house.assume(keys, second, DurationSeconds=3600)) == 60
    asked = {"RoleArn": second, "RoleSessionName": "one", "DurationSeconds": 3601}
    assert denied(house.client("sts", keys).assume_role, **asked) == (
        "ValidationError",
        400,
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    )


def test_a_session_ends(house: House) -> None:
    role = house.role("app", {"AWS": ACCOUNT}, READ)
    keys = house.assume("admin", role, DurationSeconds=900)
    assert allowed_buckets(house, keys)
    house.state.clock.jump(timedelta(minutes=15, seconds=1))
    assert code(house.client("s3", keys).list_buckets) == "ExpiredToken"


@pytest.mark.parametrize(
    ("operation", "params", "minutes"),
    [
        ("get_session_token", {}, {"ann": 720, "root": 60}),
        ("get_session_token", {"DurationSeconds": 129_600}, {"ann": 2160, "root": 60}),
        ("get_federation_token", {"Name": "bob"}, {"ann": 720, "root": 60}),
    ],
)
def test_sessions_of_users_last_half_a_day_and_those_of_root_an_hour(
    house: House, operation: str, params: dict[str, Any], minutes: dict[str, int]
) -> None:
    house.user("ann", statement("sts:GetFederationToken", "*"))
    for who, expected in minutes.items():
        made = getattr(house.client("sts", who), operation)(**params)
        assert left(house, made["Credentials"]) == expected
    too_long = {**params, "DurationSeconds": 129_601}
    assert code(getattr(house.client("sts", "ann"), operation), **too_long) == "ValidationError"


def test_a_users_session_ends_with_the_user(house: House) -> None:
    house.user("ann", READ)
    keys = house.client("sts", "ann").get_session_token()["Credentials"]
    iam = house.client("iam")
    key = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["AccessKeyId"]
    iam.delete_access_key(UserName="ann", AccessKeyId=key)
    iam.delete_user_policy(UserName="ann", PolicyName="p")
    iam.delete_user(UserName="ann")
    assert code(house.client("s3", keys).list_buckets) == "InvalidAccessKeyId"
