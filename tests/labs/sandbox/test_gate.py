from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.sandbox import moto_setup, principals
from labs.sandbox.gate import Gate
from labs.sandbox.journal import JournalEntry
from labs.sandbox.principals import Credential
from labs.sandbox.raw import RawRequest
from labs.sandbox.state import WorldState
from tests.labs.sandbox.houses import ACCOUNT, House, denied, policy, statement

UNKNOWN = ("AKIAUNKNOWNUNKNOWN12", "secret")


# -- who is it -------------------------------------------------------------------------------------------


def test_everybody_learns_who_they_are(house: House) -> None:
    house.user("ann")
    house.role("app", {"Service": "ec2.amazonaws.com"}, path="/svc/")
    whoami = {
        who: house.client("sts", who).get_caller_identity() for who in ("root", "admin", "ann", "role/app")
    }
    assert {who: answer["Arn"] for who, answer in whoami.items()} == {
        "root": f"arn:aws:iam::{ACCOUNT}:root",
        "admin": f"arn:aws:iam::{ACCOUNT}:user/admin",
        "ann": f"arn:aws:iam::{ACCOUNT}:user/ann",
        "role/app": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/test",
    }
    assert {answer["Account"] for answer in whoami.values()} == {ACCOUNT}
    assert whoami["root"]["UserId"] == ACCOUNT
    iam = house.client("iam")
    assert whoami["ann"]["UserId"] == iam.get_user(UserName="ann")["User"]["UserId"]
    assert whoami["role/app"]["UserId"] == f"{iam.get_role(RoleName='app')['Role']['RoleId']}:test"


def test_root_may_do_everything_and_a_new_user_nothing(house: House) -> None:
    house.user("ann")
    house.client("s3", "root").create_bucket(Bucket="basket")
    assert denied(house.client("s3", "ann").list_buckets)[0] == "AccessDenied"
    assert denied(house.client("iam", "ann").list_users)[:2] == ("AccessDenied", 403)


CALLS = {
    "s3": "list_buckets",
    "sts": "get_caller_identity",
    "iam": "list_users",
    "ec2": "describe_vpcs",
    "dynamodb": "list_tables",
    "kms": "list_keys",
    "sqs": "list_queues",
    "lambda": "list_functions",
}
NO_SUCH_KEY = {
    "s3": ("InvalidAccessKeyId", 403),
    "sts": ("InvalidClientTokenId", 403),
    "iam": ("InvalidClientTokenId", 403),
    "ec2": ("AuthFailure", 401),
    "dynamodb": ("UnrecognizedClientException", 400),
    "kms": ("UnrecognizedClientException", 400),
    "sqs": ("InvalidClientTokenId", 403),
    "lambda": ("UnrecognizedClientException", 403),
}
WRONG_SECRET = {
    "s3": ("SignatureDoesNotMatch", 403),
    "sts": ("SignatureDoesNotMatch", 403),
    "iam": ("SignatureDoesNotMatch", 403),
    "ec2": ("AuthFailure", 401),
    "dynamodb": ("InvalidSignatureException", 400),
    "kms": ("InvalidSignatureException", 400),
    "sqs": ("SignatureDoesNotMatch", 403),
    "lambda": ("InvalidSignatureException", 403),
}


@pytest.mark.parametrize("service", CALLS)
def test_bad_keys_get_the_codes_of_aws_and_show_in_the_ledger(house: House, service: str) -> None:
    def code(key: tuple[str, str]) -> tuple[str, int]:
        found = denied(getattr(house.wires.client(service, *key), CALLS[service]))[:2]
        assert (house.last.error, house.last.status) == found
        assert house.last.service == service
        return found

    house.user("ann", statement("*", "*"))
    iam = house.client("iam")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    good = key["AccessKeyId"], key["SecretAccessKey"]
    getattr(house.wires.client(service, *good), CALLS[service])()
    assert code(UNKNOWN) == NO_SUCH_KEY[service]
    assert code((good[0], "wrong")) == WRONG_SECRET[service]
    iam.update_access_key(UserName="ann", AccessKeyId=good[0], Status="Inactive")
    assert code(good) == NO_SUCH_KEY[service]
    iam.update_access_key(UserName="ann", AccessKeyId=good[0], Status="Active")
    getattr(house.wires.client(service, *good), CALLS[service])()
    iam.delete_access_key(UserName="ann", AccessKeyId=good[0])
    assert code(good) == NO_SUCH_KEY[service]


@pytest.mark.parametrize(
    ("service", "expired", "invalid"),
    [
        ("s3", ("ExpiredToken", 400), ("InvalidToken", 400)),
        ("sts", ("ExpiredToken", 403), ("InvalidClientTokenId", 403)),
        ("ec2", ("RequestExpired", 400), ("AuthFailure", 401)),
        ("dynamodb", ("ExpiredTokenException", 400), ("UnrecognizedClientException", 400)),
        ("sqs", ("ExpiredToken", 403), ("InvalidClientTokenId", 403)),
        ("lambda", ("ExpiredTokenException", 403), ("UnrecognizedClientException", 403)),
    ],
)
def test_session_tokens_must_be_right_and_fresh(
    house: House, monkeypatch: pytest.MonkeyPatch, service: str, expired: Any, invalid: Any
) -> None:
    house.role("app", {"AWS": "*"}, statement("*", "*"))
    key, secret, token = house.keys("role/app")
    assert token is not None
    call = CALLS[service]
    getattr(house.wires.client(service, key, secret, token), call)()
    for wrong in (None, token[:-1] + ("a" if token[-1] != "a" else "b")):
        assert denied(getattr(house.wires.client(service, key, secret, wrong), call))[:2] == invalid
    admin = house.keys("admin")
    assert denied(getattr(house.wires.client(service, *admin[:2], "a-token"), call))[:2] == invalid
    found = principals.find_credential(key)
    assert found is not None
    ended = replace(found, expires=datetime.now(UTC))
    monkeypatch.setattr(principals, "find_credential", lambda _: ended)
    assert denied(getattr(house.wires.client(service, key, secret, token), call))[:2] == expired


# -- what may they do ------------------------------------------------------------------------------------


def test_reading_an_object_is_not_listing_its_bucket(house: House) -> None:
    house.user("ann", statement("s3:GetObject", "arn:aws:s3:::basket/*"))
    admin, ann = house.client("s3"), house.client("s3", "ann")
    admin.create_bucket(Bucket="basket")
    admin.put_object(Bucket="basket", Key="k", Body=b"fruit")
    assert ann.get_object(Bucket="basket", Key="k")["Body"].read() == b"fruit"
    assert house.last.checks[0].decision == "Allowed"
    assert denied(ann.list_objects_v2, Bucket="basket") == (
        "AccessDenied",
        403,
        (
            f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: s3:ListBucket on resource: "
            '"arn:aws:s3:::basket" because no identity-based policy allows the s3:ListBucket action'
        ),
    )
    event = house.last
    assert (event.principal, event.operation) == (f"arn:aws:iam::{ACCOUNT}:user/ann", "ListObjectsV2")
    assert event.checks[0].decision == "ImplicitlyDenied"
    assert "s3:ListBucket" in event.checks[0].reason
    assert house.state.ledger.case(event.checks[0].id) is not None


def test_a_changed_policy_counts_at_once(house: House) -> None:
    house.user("ann")
    iam, ann = house.client("iam"), house.client("sqs", "ann")
    assert denied(ann.list_queues)[0] == "AccessDenied"
    document = policy(statement("sqs:ListQueues", "*"))
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)
    ann.list_queues()
    iam.delete_user_policy(UserName="ann", PolicyName="p")
    assert denied(ann.list_queues)[0] == "AccessDenied"


def test_an_explicit_deny_is_named_with_its_kind_of_policy(house: House) -> None:
    house.user("ann", statement("*", "*"), statement("s3:PutObject", "*", "Deny"))
    admin, ann = house.client("s3"), house.client("s3", "ann")
    admin.create_bucket(Bucket="basket")
    assert denied(ann.put_object, Bucket="basket", Key="k")[2].endswith(
        "with an explicit deny in an identity-based policy"
    )
    deny = statement("s3:GetObject", "arn:aws:s3:::basket/*", "Deny", Principal="*")
    admin.put_object(Bucket="basket", Key="k", Body=b"x")
    admin.put_bucket_policy(Bucket="basket", Policy=policy(deny))
    assert denied(ann.get_object, Bucket="basket", Key="k")[2].endswith(
        "with an explicit deny in a resource-based policy"
    )


def test_a_refused_head_is_a_bare_403(house: House) -> None:
    house.user("ann")
    house.client("s3").create_bucket(Bucket="basket")
    assert denied(house.client("s3", "ann").head_bucket, Bucket="basket") == ("403", 403, "Forbidden")


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"StringEquals": {"aws:username": "ann", "aws:PrincipalTag/team": "blue"}}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({"Null": {"aws:TokenIssueTime": "true"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
        ({"StringLike": {"aws:UserAgent": "*Boto3*"}}, True),
        ({"StringLike": {"aws:userid": "????????????????????*"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}, True),
    ],
)
def test_conditions_see_the_circumstances(house: House, condition: dict[str, Any], allowed: bool) -> None:
    house.user("ann", statement("sqs:ListQueues", "*", Condition=condition))
    house.client("iam").tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "blue"}])
    call = house.client("sqs", "ann").list_queues
    if allowed:
        call()
    else:
        assert denied(call)[0] == "AccessDenied"


def test_a_role_is_assumed_by_whom_it_trusts(house: House) -> None:
    ann = house.user("ann", statement("sts:AssumeRole", "*"))
    house.user("bob", statement("sts:AssumeRole", "*"))
    arn = house.role("app", {"AWS": ann}, statement("s3:ListAllMyBuckets", "*"))
    code, status, message = denied(
        house.client("sts", "bob").assume_role, RoleArn=arn, RoleSessionName="session"
    )
    assert (code, status) == ("AccessDenied", 403)
    assert message.endswith("because no role trust policy allows the sts:AssumeRole action")
    keys = house.client("sts", "ann").assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    session = keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
    house.wires.client("s3", *session).list_buckets()
    assert house.last.principal == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session"
    assert denied(house.wires.client("iam", *session).list_users)[0] == "AccessDenied"


def test_a_session_policy_narrows(house: House) -> None:
    ann = house.user("ann")
    arn = house.role("app", {"AWS": ann}, statement("*", "*"))
    keys = house.client("sts", "ann").assume_role(
        RoleArn=arn, RoleSessionName="session", Policy=policy(statement("sqs:*", "*"))
    )["Credentials"]
    session = keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
    house.wires.client("sqs", *session).list_queues()
    assert denied(house.wires.client("s3", *session).list_buckets)[2].endswith(
        "because no session policy allows the s3:ListAllMyBuckets action"
    )


def test_some_calls_of_sts_need_no_permission(house: House) -> None:
    house.user("ann", statement("sts:*", "*", "Deny"))
    sts = house.client("sts", "ann")
    sts.get_session_token()
    sts.get_caller_identity()
    assert house.last.checks == ()


def test_a_deletion_of_many_keys_is_answered_key_by_key(house: House) -> None:
    house.user("ann", statement("s3:DeleteObject", "arn:aws:s3:::basket/mine/*"))
    admin, ann = house.client("s3"), house.client("s3", "ann")
    admin.create_bucket(Bucket="basket")
    for key in ("mine/1", "yours/1"):
        admin.put_object(Bucket="basket", Key=key, Body=b"x")
    objects = [{"Key": "mine/1"}, {"Key": "yours/1"}]
    answer = ann.delete_objects(Bucket="basket", Delete={"Objects": objects})
    assert [each["Key"] for each in answer["Deleted"]] == ["mine/1"]
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [("yours/1", "AccessDenied")]
    assert "s3:DeleteObject" in answer["Errors"][0]["Message"]
    assert [each["Key"] for each in admin.list_objects_v2(Bucket="basket")["Contents"]] == ["yours/1"]
    none = ann.delete_objects(Bucket="basket", Delete={"Objects": objects[1:]})
    assert "Deleted" not in none
    assert len(none["Errors"]) == 1


# -- nobody ----------------------------------------------------------------------------------------------


def test_anonymous_callers_need_a_policy_that_lets_everybody_in(house: House) -> None:
    admin, nobody = house.client("s3"), house.client("s3", None)
    admin.create_bucket(Bucket="basket")
    admin.delete_public_access_block(Bucket="basket")
    admin.put_object(Bucket="basket", Key="k", Body=b"fruit")
    assert denied(nobody.get_object, Bucket="basket", Key="k") == ("AccessDenied", 403, "Access Denied")
    assert house.last.principal == "anonymous"
    allow = statement("s3:GetObject", "arn:aws:s3:::basket/*", Principal="*")
    admin.put_bucket_policy(Bucket="basket", Policy=policy(allow))
    assert nobody.get_object(Bucket="basket", Key="k")["Body"].read() == b"fruit"
    assert denied(nobody.list_objects_v2, Bucket="basket")[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("sts", "MissingAuthenticationToken", 403),
        ("iam", "MissingAuthenticationToken", 403),
        ("ec2", "MissingAuthenticationToken", 403),
        ("dynamodb", "MissingAuthenticationTokenException", 400),
        ("sqs", "MissingAuthenticationToken", 403),
    ],
)
def test_other_services_want_a_signature(house: House, service: str, code: str, status: int) -> None:
    assert denied(getattr(house.client(service, None), CALLS[service]))[:2] == (code, status)


def test_a_presigned_url_has_the_rights_of_its_signer(house: House, presigned: Any) -> None:
    house.user("ann", statement("s3:GetObject", "arn:aws:s3:::basket/*"))
    admin = house.client("s3")
    admin.create_bucket(Bucket="basket")
    admin.put_object(Bucket="basket", Key="a b+c", Body=b"fruit")
    for version in ("s3", "s3v4"):
        ann = house.client("s3", "ann", signature_version=version)
        url = ann.generate_presigned_url("get_object", Params={"Bucket": "basket", "Key": "a b+c"})
        assert house.wires.send(presigned(url))[::2] == (200, b"fruit")
        assert house.last.principal.endswith("user/ann")
        put = ann.generate_presigned_url("put_object", Params={"Bucket": "basket", "Key": "k"})
        status, _, body = house.wires.send(presigned(put, "PUT", b"x"))
        assert status == 403
        assert b"s3:PutObject" in body


# -- ways around -----------------------------------------------------------------------------------------


def plain(method: str, target: str, body: bytes = b"", **headers: str) -> RawRequest:
    pairs = (
        ("Host", "127.0.0.1:4566"),
        *((name.replace("_", "-"), value) for name, value in headers.items()),
    )
    return RawRequest(method, target, pairs, body, datetime.now(UTC))


@pytest.mark.parametrize(
    "raw",
    [
        plain("POST", "/moto-api/reset"),
        plain("POST", "/moto-api/reset-auth", b"0"),
        plain("GET", "/moto-api/data.json"),
        plain("POST", "/moto-api/config", b"{}"),
        plain("POST", "/%6doto-api/reset"),
        plain("POST", "//moto-api/reset"),
        plain("GET", "/latest/meta-data/iam/security-credentials/default-role"),
        plain("PUT", "/latest/api/token"),
        plain("GET", "/favicon.ico"),
        plain(
            "POST", "/iam_us-east-1/", b"Action=ListUsers", Content_Type="application/x-www-form-urlencoded"
        ),
        plain(
            "POST",
            "/",
            b"Action=ListUsers&Version=2010-05-08",
            Content_Type="application/x-www-form-urlencoded",
        ),
        plain("POST", "/", b"{}", X_Amz_Target="DynamoDB_20120810.ListTables"),
        plain("POST", "/", b"{}", X_Amz_Target="AWSCognitoIdentityProviderService.ListUserPools"),
        plain("GET", "/us-east-1_abc/.well-known/jwks.json"),
        plain("GET", "/", Authorization="Bearer x"),
        plain("GET", "/", Host="iam.amazonaws.com"),
        plain("OPTIONS", "/basket"),
        plain("BREW", "/basket"),
        plain("GET", "http://127.0.0.1/basket"),
        plain("GET", "*"),
    ],
    ids=lambda raw: f"{raw.method} {raw.target} {raw.header('x-amz-target') or ''}",
)
def test_unsigned_ways_past_the_gate_are_closed(house: House, raw: RawRequest) -> None:
    house.client("s3").create_bucket(Bucket="basket")
    status, _, body = house.wires.send(raw)
    assert status in (400, 403, 405, 412)
    assert b"Traceback" not in body
    house.client("s3").head_bucket(Bucket="basket")


def signed_as(house: House, who: str, service: str, operation: str, bend: Any, **params: Any) -> Any:
    return getattr(house.client(service, who, bend=bend), operation)(**params)


def test_an_unsigned_account_header_is_not_obeyed(house: House) -> None:
    def bend(raw: RawRequest) -> RawRequest:
        return replace(raw, headers=(*raw.headers, ("x-moto-account-id", "999999999999")))

    signed_as(house, "admin", "sns", "create_topic", bend, Name="mine")
    assert house.client("sns").list_topics()["Topics"][0]["TopicArn"].split(":")[4] == ACCOUNT


def test_a_client_name_does_not_choose_the_region(house: House) -> None:
    here = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    house.user("ann", statement("sns:*", "*", Condition=here))

    def bend(raw: RawRequest) -> RawRequest:
        kept = tuple(pair for pair in raw.headers if pair[0].lower() != "user-agent")
        return replace(raw, headers=(*kept, ("User-Agent", "x region/eu-west-1")))

    topic = signed_as(house, "ann", "sns", "create_topic", bend, Name="mine")["TopicArn"]
    assert ":us-east-1:" in topic
    ann = house.client("sns", "ann", region="eu-west-1")
    assert denied(ann.create_topic, Name="mine")[0] == "AuthorizationError"


def test_an_action_in_the_url_does_not_replace_the_signed_one(house: House) -> None:
    house.user("ann", statement("iam:GetUser", "*"))
    client = house.client("iam", "ann")
    caught: list[RawRequest] = []

    def keep(raw: RawRequest) -> RawRequest:
        caught.append(raw)
        return raw

    house.client("iam", "ann", bend=keep).get_user(UserName="ann")
    raw = replace(caught[0], target="/?Action=ListUsers&Version=2010-05-08")
    assert house.wires.send(raw)[0] == 403
    assert client.get_user(UserName="ann")["User"]["UserName"] == "ann"


def test_no_answer_shows_a_traceback(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("a secret detail")

    client = house.client("sts")
    s3 = house.client("s3")
    monkeypatch.setattr("labs.sandbox.gate.authorize", fail)
    assert denied(client.get_session_token)[:2] == ("InternalFailure", 500)
    assert denied(s3.list_buckets) == (
        "InternalError",
        500,
        "We encountered an internal error. Please try again.",
    )
    log = capsys.readouterr().err
    assert "a secret detail" in log
    assert house.last.id in log


def test_a_ledger_that_fails_costs_no_answer(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> Any:
        raise MemoryError

    s3 = house.client("s3")
    monkeypatch.setattr(house.state.ledger, "record", fail)
    s3.create_bucket(Bucket="basket")
    assert "MemoryError" in capsys.readouterr().err


ODD_HEADERS = st.sampled_from(
    [
        ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/iam/aws4_request"),
        ("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=;;, Signature=\xff"),
        ("Authorization", "AWS a:b"),
        ("Authorization", "Basic eDp5"),
        ("X-Amz-Date", "20260101T000000Z"),
        ("Date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("X-Amz-Target", "DynamoDB_20120810.ListTables"),
        ("X-Amz-Target", "Nonsense"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Type", "application/x-amz-json-1.0"),
        ("Content-Type", "multipart/form-data; boundary=x"),
        ("Content-Type", "multipart/form-data"),
        ("Content-Encoding", "gzip"),
        ("x-amz-copy-source", "%"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("Host", "a..b:x"),
        ("Host", "bucket.s3-control.amazonaws.com"),
        ("Host", "\xfc.localhost"),
    ]
)
ODD_TARGETS = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=30).map(lambda text: f"/{text}"),
    st.sampled_from(
        [
            "/?Action=ListUsers&Version=2010-05-08",
            "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%FF&X-Amz-Date=x&X-Amz-Expires=9",
            "/b/k?AWSAccessKeyId=a&Signature=%FF&Expires=99999999999",
            "/b?uploads&acl&policy",
            "/v20180820/configuration/publicAccessBlock",
            "/b?delete",
        ]
    ),
)
ODD_BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"{}",
            b"[" * 2000,
            b"<a",
            b"Action=ListUsers&Version=2010-05-08",
            b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--x--\r\n',
            b'--x\r\nContent-Disposition: form-data; name="x-amz-signature"\r\n\r\nk\r\n--x--\r\n',
        ]
    ),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"]),
    target=ODD_TARGETS,
    headers=st.lists(ODD_HEADERS, max_size=5),
    body=ODD_BODIES,
)
def test_nothing_odd_gets_in_or_breaks_the_gate(
    house: House, method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    raw = RawRequest(method, target, (("Host", "127.0.0.1:4566"), *headers), body, datetime.now(UTC))
    answer = house.gate.handle(raw)
    assert 400 <= answer.status < 500 or answer.status == 501, answer


def test_what_the_sandbox_lacks_is_said(house: House) -> None:
    iam = house.client("iam")
    code, status, message = denied(iam.generate_organizations_access_report, EntityPath="o-a1b2c3d4e5/r-ab12")
    assert (code, status) == ("NotImplemented", 501)
    assert "iam:GenerateOrganizationsAccessReport" in message


# -- what is kept ----------------------------------------------------------------------------------------


@pytest.fixture
def entries(house: House, monkeypatch: pytest.MonkeyPatch) -> list[JournalEntry]:
    kept: list[JournalEntry] = []
    monkeypatch.setattr(house.state.journal, "append", kept.append)
    return kept


def test_the_journal_holds_accepted_changes_and_nothing_else(
    house: House, entries: list[JournalEntry]
) -> None:
    house.user("ann")
    s3, ann = house.client("s3"), house.client("s3", "ann")
    before = len(entries)
    s3.create_bucket(Bucket="basket")
    s3.list_buckets()
    denied(ann.create_bucket, Bucket="other")
    denied(s3.delete_bucket, Bucket="nothing")
    s3.put_object(Bucket="basket", Key="k", Body=b"x")
    kept = entries[before:]
    assert [entry.change.method for entry in kept if isinstance(entry.change, RawRequest)] == ["PUT", "PUT"]
    assert kept[0].number < kept[1].number


def test_the_answer_waits_for_the_journal(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: JournalEntry) -> None:
        raise OSError("No space left on device")

    s3 = house.client("s3")
    monkeypatch.setattr(house.state.journal, "append", full)
    assert denied(s3.create_bucket, Bucket="basket")[:2] == ("InternalError", 500)


def test_ids_follow_from_seed_and_number_and_not_from_reads(in_process: Callable[[Any], Any]) -> None:
    def ids(reads: int) -> list[str]:
        moto_setup.reset_state(5, b"x")
        state = WorldState(seed=5)
        state.journal.mark()
        gate = Gate(state)
        house = House(gate, state, in_process(gate))
        ec2 = house.client("ec2")
        for _ in range(reads):
            ec2.describe_vpcs()
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for _ in range(reads):
            ec2.describe_subnets()
        user = house.client("iam").create_user(UserName="ann")["User"]["UserId"]
        return [vpc, user]

    assert ids(0) == ids(3)


def test_a_long_poll_does_not_hold_up_the_world(house: House) -> None:
    sqs = house.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    received: list[Any] = []

    def receive() -> None:
        received.extend(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10).get("Messages", []))

    other = house.client("sqs")
    thread = threading.Thread(target=receive)
    begun = time.monotonic()
    thread.start()
    time.sleep(0.2)
    other.list_queues()
    other.send_message(QueueUrl=url, MessageBody="hello")
    thread.join(8)
    assert [message["Body"] for message in received] == ["hello"]
    assert time.monotonic() - begun < 5


def test_a_long_poll_ends_when_its_time_is_up(house: House, entries: list[JournalEntry]) -> None:
    sqs = house.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"ReceiveMessageWaitTimeSeconds": "1"})["QueueUrl"]
    before, begun = len(entries), time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert 0.9 < time.monotonic() - begun < 3
    assert len(entries) == before


def test_a_skewed_clock_is_refused(house: House) -> None:
    sts = house.client("sts")
    with house.state.clock.at(datetime.now(UTC) + timedelta(minutes=20)):
        code, _, message = denied(sts.get_caller_identity)
    assert code == "SignatureDoesNotMatch"
    assert message.startswith("Signature expired:")


# -- bodies ----------------------------------------------------------------------------------------------


def test_a_streamed_upload_with_a_trailing_checksum_is_stored_whole(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="basket")
    data = b"line\r\n" * 50_000
    s3.put_object(Bucket="basket", Key="k", Body=io.BytesIO(data), ChecksumAlgorithm="SHA256")
    got = s3.get_object(Bucket="basket", Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == data
    assert got["ChecksumSHA256"]


def test_the_request_id_of_the_answer_is_that_of_the_event(house: House) -> None:
    for service, call in CALLS.items():
        answer = getattr(house.client(service), call)()
        assert answer["ResponseMetadata"]["RequestId"] == house.last.id, service


def test_a_credential_prints_no_secret() -> None:
    key = principals.root_credential()
    assert isinstance(key, Credential)
    assert key.secret not in repr(key)
