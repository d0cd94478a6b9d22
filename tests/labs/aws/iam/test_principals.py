from __future__ import annotations

import pytest

from labs.aws.iam import Principal, PrincipalKind, Request
from labs.errors import ArnError, InputError

ROLE = "arn:aws:iam::111111111111:role/team/app"


@pytest.mark.parametrize(
    ("text", "kind", "account", "name"),
    [
        ("arn:aws:iam::111111111111:root", PrincipalKind.ROOT, "111111111111", "root"),
        ("111111111111", PrincipalKind.ROOT, "111111111111", "root"),
        ("arn:aws:iam::111111111111:user/team/ada", PrincipalKind.USER, "111111111111", "ada"),
        ("arn:aws:sts::111111111111:assumed-role/app/s", PrincipalKind.SESSION, "111111111111", "app"),
        (ROLE, PrincipalKind.SESSION, "111111111111", "app"),
        ("arn:aws:sts::111111111111:federated-user/fay", PrincipalKind.FEDERATED, "111111111111", "fay"),
        ("ec2.amazonaws.com", PrincipalKind.SERVICE, None, "ec2.amazonaws.com"),
        ("accounts.google.com", PrincipalKind.PROVIDER, None, "accounts.google.com"),
        ("cognito-identity.amazonaws.com", PrincipalKind.PROVIDER, None, "cognito-identity.amazonaws.com"),
        ("arn:aws:iam::111111111111:saml-provider/idp", PrincipalKind.PROVIDER, "111111111111", "idp"),
        ("anonymous", PrincipalKind.ANONYMOUS, None, "anonymous"),
    ],
)
def test_a_principal_is_read_by_its_form(
    text: str, kind: PrincipalKind, account: str | None, name: str
) -> None:
    read = Principal.parse(text)
    assert (read.kind, read.account, read.name) == (kind, account, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "arn:aws:s3:::b",
        "arn:aws:iam::111111111111:group/staff",
        "arn:aws:iam::111111111111:user/",
        "arn:aws:iam:::user/ada",
        "arn:aws:sts::111111111111:assumed-role/app",
        "arn:aws:sts::111111111111:assumed-role/team/app/s",
    ],
)
def test_what_cannot_sign_a_request_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Principal.parse(text)
    assert caught.value.hint


def test_a_broken_arn_is_explained_as_an_arn() -> None:
    with pytest.raises(ArnError, match="five colons"):
        Principal.parse("arn:aws:iam:user/ada")


def test_a_session_knows_its_role_and_its_arn_leaves_out_the_path() -> None:
    session = Principal.session(ROLE, "s1")
    assert session.arn == "arn:aws:sts::111111111111:assumed-role/app/s1"
    assert session.role_arn == ROLE
    assert session.is_session_of(ROLE)
    assert not session.is_session_of("arn:aws:iam::111111111111:role/app")


def test_a_session_without_a_known_role_goes_by_account_and_name() -> None:
    session = Principal.parse("arn:aws:sts::111111111111:assumed-role/app/s1")
    assert session.role_arn is None
    assert session.is_session_of(ROLE)
    assert not session.is_session_of("arn:aws:iam::222222222222:role/app")
    assert not session.is_session_of("arn:aws:iam::111111111111:role/app2")


@pytest.mark.parametrize(
    ("principal", "keys"),
    [
        (
            Principal.session(ROLE, "s1"),
            {"aws:PrincipalArn": ROLE, "aws:PrincipalType": "AssumedRole", "aws:username": None},
        ),
        (
            Principal.parse("arn:aws:iam::111111111111:user/team/ada"),
            {"aws:username": "ada", "aws:PrincipalType": "User", "aws:PrincipalAccount": "111111111111"},
        ),
        (
            Principal.parse("111111111111"),
            {"aws:PrincipalType": "Account", "aws:userid": "111111111111", "aws:username": None},
        ),
        (
            Principal.federated("arn:aws:iam::111111111111:user/ada", "fay"),
            {"aws:PrincipalType": "FederatedUser", "aws:userid": "111111111111:fay"},
        ),
        (Principal.anonymous(), {"aws:PrincipalType": "Anonymous", "aws:PrincipalArn": None}),
        (
            Principal.parse("ec2.amazonaws.com"),
            {"aws:PrincipalIsAWSService": "true", "aws:PrincipalArn": None},
        ),
    ],
)
def test_condition_keys_that_follow_from_the_caller(
    principal: Principal, keys: dict[str, str | None]
) -> None:
    request = Request(principal, "s3:GetObject", "arn:aws:s3:::b/k")
    assert {key: request.value(key.lower()) for key in keys} == keys


def test_a_given_key_wins_over_a_derived_one() -> None:
    request = Request(Principal.parse("111111111111"), "s3:GetObject", "*", context={"AWS:PrincipalArn": "x"})
    assert request.value("aws:principalarn") == "x"


def test_values_become_texts_and_lists_stay_multivalued() -> None:
    request = Request(
        Principal.anonymous(), "x:Y", "*", context={"a:b": True, "a:n": 5, "a:l": [1, "x"], "a:e": []}
    )
    assert [request.value(key) for key in ("a:b", "a:n", "a:l", "a:e")] == ["true", "5", ("1", "x"), ()]


@pytest.mark.parametrize(
    ("resource", "given", "owner"),
    [
        ("arn:aws:s3:::b", None, "111111111111"),
        ("arn:aws:s3:::b", "222222222222", "222222222222"),
        ("arn:aws:sqs:us-east-1:333333333333:q", None, "333333333333"),
        ("*", None, "111111111111"),
    ],
)
def test_the_owner_is_given_or_in_the_arn_or_the_caller(resource: str, given: str | None, owner: str) -> None:
    request = Request(Principal.parse("111111111111"), "sqs:SendMessage", resource, given)
    assert request.owner == owner
    assert request.crosses_accounts is (owner != "111111111111")
