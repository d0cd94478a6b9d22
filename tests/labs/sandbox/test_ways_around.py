"""Nobody gets past the gate: not by odd paths, not by odd headers, not by what is not signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.sandbox.raw import RawRequest
from tests.labs.sandbox.houses import ACCOUNT, House, denied, statement


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
