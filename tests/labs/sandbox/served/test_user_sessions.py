"""Sessions of users and of federated users, end to end.

Source: AWS STS API Reference, "GetSessionToken", "GetFederationToken"; IAM User Guide, "Compare AWS STS
credentials".
"""

from __future__ import annotations

from labs.sandbox import mfa, principals
from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement
from tests.labs.sandbox.served.sts import ANN, MFA, READ, allowed_buckets, tags, with_device

# -- users and federated users -----------------------------------------------------------------------


def test_a_federated_user_has_what_the_user_and_the_session_policy_allow(house: House) -> None:
    house.user("ann", READ, statement("sts:GetFederationToken", "*"))
    sts = house.client("sts", "ann")
    made = sts.get_federation_token(Name="bob", Policy=policy(READ))
    keys = made["Credentials"]
    assert made["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    whoami = house.client("sts", keys).get_caller_identity()
    assert (whoami["Arn"], whoami["UserId"]) == (made["FederatedUser"]["Arn"], f"{ACCOUNT}:bob")
    assert allowed_buckets(house, keys)
    assert not allowed_buckets(house, sts.get_federation_token(Name="bob")["Credentials"])
    wider = sts.get_federation_token(Name="bob", Policy=policy(statement("*", "*")))["Credentials"]
    assert code(house.client("sqs", wider).list_queues) == "AccessDenied"


def test_root_may_vouch_for_a_federated_user(house: House) -> None:
    keys = house.client("sts", "root").get_federation_token(Name="bob", Policy=policy(READ))["Credentials"]
    assert allowed_buckets(house, keys)
    assert code(house.client("sqs", keys).list_queues) == "AccessDenied"


def test_a_federated_user_is_tagged(house: House) -> None:
    red = statement("s3:*", "*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    house.user("ann", red, statement(["sts:GetFederationToken", "sts:TagSession"], "*"))
    sts = house.client("sts", "ann")
    everything = policy(statement("*", "*"))
    tagged = sts.get_federation_token(Name="bob", Policy=everything, Tags=tags(team="red"))["Credentials"]
    plain = sts.get_federation_token(Name="bob", Policy=everything)["Credentials"]
    assert (allowed_buckets(house, tagged), allowed_buckets(house, plain)) == (True, False)


def test_a_users_session_is_the_user_and_may_not_use_iam_without_a_code(house: House) -> None:
    house.user("ann", statement("*", "*"))
    seed = with_device(house)
    sts = house.client("sts", "ann")
    plain = sts.get_session_token()["Credentials"]
    right = mfa.code_at(seed, house.state.clock.now())
    proved = sts.get_session_token(SerialNumber=MFA, TokenCode=right)["Credentials"]
    assert house.client("sts", plain).get_caller_identity()["Arn"] == ANN
    assert allowed_buckets(house, plain)
    assert denied(house.client("iam", plain).list_users)[:2] == ("InvalidClientTokenId", 403)
    assert code(house.client("iam", proved).list_users) == ""
    assert denied(house.client("sts", proved).get_session_token)[2] == (
        "Cannot call GetSessionToken with session credentials"
    )
    role = house.role("app", {"AWS": ACCOUNT})
    assert code(house.client("sts", plain).assume_role, RoleArn=role, RoleSessionName="one") == ""


def test_a_federated_user_may_use_neither_iam_nor_sts(house: House) -> None:
    house.user("ann", statement("*", "*"))
    everything = policy(statement("*", "*"))
    made = house.client("sts", "ann").get_federation_token(Name="bob", Policy=everything)
    keys = made["Credentials"]
    role = house.role("app", {"AWS": ACCOUNT})
    assert code(house.client("iam", keys).list_users) == "InvalidClientTokenId"
    assert code(house.client("sts", keys).assume_role, RoleArn=role, RoleSessionName="one") == "AccessDenied"
    assert code(house.client("sts", keys).get_caller_identity) == ""


def test_a_role_session_may_not_ask_for_a_users_session(house: House) -> None:
    role = house.role("app", {"AWS": ACCOUNT}, statement("*", "*"))
    keys = house.assume("admin", role)
    assert code(house.client("sts", keys).get_session_token) == "AccessDenied"
    assert code(house.client("sts", keys).get_federation_token, Name="bob") == "AccessDenied"


def test_the_services_own_sessions_are_unlimited(house: House) -> None:
    house.role("app", {"Service": "ec2.amazonaws.com"}, READ)
    session = principals.session_for_role("app", "i-1").session
    assert session is not None
    assert not session.has_policy
    assert allowed_buckets(house, "role/app")
