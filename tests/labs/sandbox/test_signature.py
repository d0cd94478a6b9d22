from __future__ import annotations

import hashlib
import io
import posixpath
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from botocore.auth import HmacV1Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.sandbox.raw import RawRequest, SignatureFault
from labs.sandbox.signature import EMPTY_HASH, Payload, find_signature, verify

Follow = Callable[..., RawRequest]

AWKWARD_KEYS = (
    "plain.txt",
    "with space",
    "a+b",
    "a%2Fb",
    "100%",
    "a/../b",
    "./a",
    "a//b",
    "/leading",
    "trailing/",
    "tilde~and-dash_dot.",
    "q?mark&amp=1",
    "hash#tag",
    "quote'and\"double",
    "(paren)*!",
    "größe/文件",
    "emoji-\N{SNOWMAN}",
    "semi;colon:at@dollar$comma,equals=",
)


def accept(raw: RawRequest, secret: str, now: datetime | None = None) -> Payload:
    signed = find_signature(raw)
    assert signed is not None
    return verify(raw, signed, secret, now or datetime.now(UTC))


def refuse(raw: RawRequest, secret: str, now: datetime | None = None) -> SignatureFault:
    with pytest.raises(SignatureFault) as caught:
        accept(raw, secret, now)
    return caught.value


def with_header(raw: RawRequest, name: str, value: str | None) -> RawRequest:
    kept = tuple((key, old) for key, old in raw.headers if key.lower() != name.lower())
    return replace(raw, headers=kept if value is None else (*kept, (name, value)))


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("sts", "get_caller_identity", {}),
        ("iam", "get_user", {"UserName": "ann+b@c"}),
        ("iam", "create_policy", {"PolicyName": "p", "PolicyDocument": '{"Version":"2012-10-17"}'}),
        ("ec2", "run_instances", {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1}),
        (
            "sqs",
            "send_message",
            {"QueueUrl": "http://127.0.0.1:4566/123456789012/q", "MessageBody": "ü & <b>"},
        ),
        ("sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "a b"}),
        ("dynamodb", "put_item", {"TableName": "t", "Item": {"k": {"S": "v"}}}),
        ("kms", "list_keys", {}),
        ("logs", "describe_log_groups", {}),
        ("rds", "describe_db_instances", {}),
        ("lambda", "get_function", {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:f:1"}),
        ("lambda", "list_tags", {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:f"}),
        ("route53", "list_hosted_zones", {}),
        ("s3", "list_buckets", {}),
        ("s3", "list_objects_v2", {"Bucket": "b", "Prefix": "", "Delimiter": "/", "StartAfter": "a&b=c d"}),
        ("s3", "get_bucket_policy", {"Bucket": "b"}),
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x" * 1000}),
        (
            "s3",
            "put_object",
            {"Bucket": "b", "Key": "k", "Metadata": {"pad": "  two   spaces  ", "a_b": "under"}},
        ),
        ("s3", "copy_object", {"Bucket": "b", "Key": "k", "CopySource": {"Bucket": "c", "Key": "a b/ü"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzE/session+token=="])
def test_what_boto3_signs_is_accepted(
    recorder: Any, service: str, operation: str, params: dict[str, Any], token: str | None
) -> None:
    raw = recorder.request(recorder.client(service, token=token), operation, **params)
    signed = find_signature(raw)
    assert signed is not None
    assert (signed.access_key_id, signed.session_token) == (recorder.access_key_id, token)
    accept(raw, recorder.secret)
    assert refuse(raw, recorder.secret + "x").reason == "mismatch"


@pytest.mark.parametrize("key", AWKWARD_KEYS)
def test_awkward_keys_are_accepted_in_headers_and_in_presigned_urls(
    recorder: Any, presigned: Follow, key: str
) -> None:
    for version in ("s3v4", "s3"):
        client = recorder.client("s3", signature_version=version)
        accept(recorder.request(client, "get_object", Bucket="b", Key=key), recorder.secret)
        url = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": key})
        accept(presigned(url), recorder.secret)
        assert refuse(presigned(url), "other").reason == "mismatch"


def test_nothing_signed_is_nobody(presigned: Follow) -> None:
    assert find_signature(presigned("http://127.0.0.1/b/k?prefix=x")) is None


# -- presigned URLs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_url_carries_token_and_overrides_and_is_bound_to_its_method(
    recorder: Any, presigned: Follow, version: str
) -> None:
    client = recorder.client("s3", token="the/token+=", signature_version=version)
    url = client.generate_presigned_url(
        "get_object",
        Params={"Bucket": "b", "Key": "k", "ResponseContentDisposition": 'attachment; filename="x y"'},
    )
    raw = presigned(url)
    signed = find_signature(raw)
    assert signed is not None
    assert signed.presigned
    assert signed.session_token == "the/token+="
    accept(raw, recorder.secret)
    assert refuse(presigned(url, "PUT"), recorder.secret).reason == "mismatch"
    assert refuse(presigned(url.replace("attachment", "inline")), recorder.secret).reason == "mismatch"


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_put_takes_any_body_but_only_its_content_type(
    recorder: Any, presigned: Follow, version: str
) -> None:
    client = recorder.client("s3", signature_version=version)
    url = client.generate_presigned_url(
        "put_object", Params={"Bucket": "b", "Key": "k", "ContentType": "text/csv"}
    )
    right = presigned(url, "PUT", b"whatever", {"Content-Type": "text/csv"})
    assert accept(right, recorder.secret).body == b"whatever"
    if version == "s3v4":
        wrong = presigned(url, "PUT", b"whatever", {"Content-Type": "text/html"})
        assert refuse(wrong, recorder.secret).reason == "mismatch"


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_url_ends(recorder: Any, presigned: Follow, version: str) -> None:
    client = recorder.client("s3", signature_version=version)
    raw = presigned(
        client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"}, ExpiresIn=60)
    )
    now = datetime.now(UTC)
    accept(raw, recorder.secret, now + timedelta(seconds=55))
    fault = refuse(raw, recorder.secret, now + timedelta(seconds=65))
    assert (fault.reason, fault.message) == ("expired", "Request has expired")


def test_a_presigned_url_is_refused_before_its_time(recorder: Any, presigned: Follow) -> None:
    client = recorder.client("s3", signature_version="s3v4")
    raw = presigned(client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"}))
    assert refuse(raw, recorder.secret, datetime.now(UTC) - timedelta(minutes=16)).reason == "early"


def test_a_presigned_sts_url_is_accepted(recorder: Any, presigned: Follow) -> None:
    url = recorder.client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    accept(presigned(url), recorder.secret)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("X-Amz-Expires=3600", "X-Amz-Expires=604801", "less than a week"),
        ("X-Amz-Expires=3600", "X-Amz-Expires=-1", "non-negative"),
        ("X-Amz-Expires=3600", "X-Amz-Expires=soon", "should be a number"),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256&", "", "requires the X-Amz-Algorithm"),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS5", "only supports"),
        ("aws4_request", "aws5_request", "valid terminator"),
        ("%2Fs3%2Faws4_request", "%2Faws4_request", "exactly 5 slash-delimited"),
    ],
)
def test_a_damaged_presigned_url_says_what_is_wrong(
    recorder: Any, presigned: Follow, old: str, new: str, says: str
) -> None:
    client = recorder.client("s3", signature_version="s3v4")
    url = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    assert old in url
    fault = refuse(presigned(url.replace(old, new)), recorder.secret)
    assert fault.reason == "query"
    assert says in fault.message


def test_an_added_amz_header_must_be_signed(recorder: Any, presigned: Follow) -> None:
    client = recorder.client("s3", signature_version="s3v4")
    url = client.generate_presigned_url("put_object", Params={"Bucket": "b", "Key": "k"})
    fault = refuse(presigned(url, "PUT", headers={"x-amz-copy-source": "/secret/key"}), recorder.secret)
    assert fault.reason == "unsigned header"
    assert fault.details["HeadersNotSigned"] == "x-amz-copy-source"


def test_two_signatures_on_one_request_are_refused(recorder: Any, presigned: Follow) -> None:
    client = recorder.client("s3", signature_version="s3v4")
    url = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    raw = recorder.request(client, "get_object", Bucket="b", Key="k")
    both = presigned(url, headers={"Authorization": raw.header("authorization") or ""})
    assert refuse(both, recorder.secret).reason == "mechanisms"


# -- headers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "value", "reason", "says"),
    [
        ("authorization", "Bearer abc", "algorithm", "Unsupported"),
        ("authorization", "AWS4-HMAC-SHA256 Credential=a/b/c", "header", "'Signature' parameter"),
        ("authorization", "AWS only-a-key", "header", "invalid"),
        ("x-amz-date", "yesterday", "date", "ISO-8601"),
        ("x-amz-date", None, "date", "X-Amz-Date"),
        ("x-amz-date", "20200101T000000Z", "header", "Date in Credential scope does not match"),
    ],
)
def test_a_damaged_header_says_what_is_wrong(
    recorder: Any, header: str, value: str | None, reason: str, says: str
) -> None:
    raw = recorder.request(recorder.client("iam"), "list_users")
    fault = refuse(with_header(raw, header, value), recorder.secret)
    assert fault.reason == reason
    assert says in fault.message


@pytest.mark.parametrize(("service", "minutes"), [("sts", 15), ("dynamodb", 15), ("kms", 5), ("lambda", 5)])
def test_a_clock_that_is_off_is_told_so(recorder: Any, service: str, minutes: int) -> None:
    operation = {
        "sts": "get_caller_identity",
        "dynamodb": "list_tables",
        "kms": "list_keys",
        "lambda": "list_functions",
    }
    raw = recorder.request(recorder.client(service), operation[service])
    now = datetime.now(UTC)
    accept(raw, recorder.secret, now + timedelta(minutes=minutes - 1))
    accept(raw, recorder.secret, now - timedelta(minutes=minutes - 1))
    late = refuse(raw, recorder.secret, now + timedelta(minutes=minutes + 1))
    assert late.reason == "skew"
    assert f"{minutes} min.)" in late.message
    assert (
        "Signature not yet current"
        in refuse(raw, recorder.secret, now - timedelta(minutes=minutes + 1)).message
    )


def test_the_old_header_signature_of_s3_is_accepted(recorder: Any) -> None:
    request = AWSRequest("GET", f"{recorder.endpoint}/b?acl", headers={"Host": "127.0.0.1:4566"})
    HmacV1Auth(Credentials(recorder.access_key_id, recorder.secret)).add_auth(request)
    raw = recorder.as_raw(request.prepare())
    accept(raw, recorder.secret)
    assert refuse(with_header(raw, "Date", "Mon, 01 Jan 2024 00:00:00 GMT"), recorder.secret).reason == "skew"


def test_a_query_sent_unencoded_is_verified_as_aws_encodes_it(recorder: Any) -> None:
    raw = recorder.request(recorder.client("s3"), "list_objects_v2", Bucket="b", Prefix="a/b")
    assert "prefix=a%2Fb" in raw.target
    accept(replace(raw, target=raw.target.replace("a%2Fb", "a/b")), recorder.secret)


# -- bodies ----------------------------------------------------------------------------------------------


def test_a_changed_body_is_refused(recorder: Any) -> None:
    s3 = recorder.request(recorder.client("s3"), "put_object", Bucket="b", Key="k", Body=b"right")
    if "STREAMING" not in (s3.header("x-amz-content-sha256") or ""):
        assert refuse(replace(s3, body=b"wrong"), recorder.secret).reason == "payload hash wrong"
    iam = recorder.request(recorder.client("iam"), "get_user", UserName="ann")
    assert refuse(replace(iam, body=iam.body.replace(b"ann", b"bob")), recorder.secret).reason == "mismatch"


def test_s3_wants_a_payload_hash(recorder: Any) -> None:
    raw = recorder.request(recorder.client("s3"), "list_buckets")
    fault = refuse(with_header(raw, "x-amz-content-sha256", None), recorder.secret)
    assert fault.reason == "payload hash missing"


def test_an_unsigned_trailer_upload_gives_its_data_and_its_checksum(recorder: Any) -> None:
    data = b"line\r\n" * 40_000
    client = recorder.client("s3", endpoint="https://127.0.0.1:4566")
    raw = recorder.request(client, "put_object", Bucket="b", Key="k", Body=io.BytesIO(data))
    assert raw.header("x-amz-content-sha256") == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    payload = accept(raw, recorder.secret)
    assert payload.body == data
    assert [name for name, _ in payload.trailers] == ["x-amz-checksum-crc32"]


# -- the law ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(recorder: Any, presigned: Follow) -> list[RawRequest]:
    s3 = recorder.client("s3", token="tok", signature_version="s3v4")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "a b/c"})
    return [
        recorder.request(recorder.client("iam"), "get_user", UserName="ann"),
        recorder.request(recorder.client("dynamodb", token="tok"), "list_tables", Limit=3),
        recorder.request(s3, "copy_object", Bucket="b", Key="k", CopySource="c/d"),
        recorder.request(s3, "list_objects_v2", Bucket="b", Prefix="x y"),
        presigned(url),
    ]


def same_request(one: RawRequest, two: RawRequest) -> bool:
    """Whether two requests say the same to AWS, as `%2f` and `%2F` do, and outside S3 `/` and `/.`."""

    def meaning(raw: RawRequest) -> Any:
        signed = find_signature(raw)
        assert signed is not None
        headers = {name: " ".join((raw.header(name) or "").split()) for name in signed.signed_headers}
        query = sorted((unquote_to_bytes(name), unquote_to_bytes(value)) for name, value in raw.query_pairs)
        path = unquote_to_bytes(raw.path if signed.is_s3 else posixpath.normpath("/" + raw.path.lstrip("/")))
        return raw.method, path, query, headers, raw.body, signed

    return bool(meaning(one) == meaning(two))


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_changed_byte_of_a_signed_part_is_refused(
    recorder: Any, samples: list[RawRequest], data: st.DataObject
) -> None:
    raw = data.draw(st.sampled_from(samples))
    signed = find_signature(raw)
    assert signed is not None
    covered = [*signed.signed_headers, *(["authorization"] if raw.header("authorization") else [])]
    part = data.draw(st.sampled_from(["method", "target", "body", *covered]))
    text = {"method": raw.method, "target": raw.target, "body": raw.body.decode("latin-1")}.get(
        part, raw.header(part) or ""
    )
    if not text:
        return
    at = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != text[at]))
    changed_text = text[:at] + byte + text[at + 1 :]
    changed = {
        "method": lambda: replace(raw, method=changed_text),
        "target": lambda: replace(raw, target=changed_text),
        "body": lambda: replace(raw, body=changed_text.encode("latin-1")),
    }.get(part, lambda: with_header(raw, part, changed_text))()
    try:
        found = find_signature(changed)
        if found is None or found.access_key_id != signed.access_key_id:
            return  # nobody, or somebody else: the credential look-up refuses it
        verify(changed, found, recorder.secret, datetime.now(UTC))
    except SignatureFault:
        return
    assert same_request(raw, changed), f"accepted: {part} {text!r} -> {changed_text!r}"


def test_the_empty_hash_is_that_of_nothing() -> None:
    assert hashlib.sha256().hexdigest() == EMPTY_HASH
