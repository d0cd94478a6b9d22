from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import EnvironBuilder

from labs.sandbox import moto_setup, principals
from labs.sandbox.gate import Gate
from labs.sandbox.postform import read_upload
from labs.sandbox.raw import RawRequest, SignatureFault
from labs.sandbox.state import WorldState


def form(url: str, fields: dict[str, str], data: bytes, filename: str = "photo.jpg") -> RawRequest:
    """What a browser sends for a form with these fields and a file."""
    parts = urlsplit(url)
    builder = EnvironBuilder(method="POST", data=dict(fields))
    builder.files.add_file("file", io.BytesIO(data), filename)
    request = builder.get_request()
    headers = (("Host", parts.netloc), ("Content-Type", request.content_type or ""))
    return RawRequest("POST", parts.path, headers, request.get_data(), datetime.now(UTC))


@pytest.fixture
def wires(in_process: Callable[[Any], Any]) -> Iterator[Any]:
    moto_setup.reset_state(1, b"test")
    wires = in_process(Gate(WorldState(seed=1)))
    admin(wires).create_bucket(Bucket="basket")
    yield wires
    moto_setup.reset_state(1, b"test")


def admin(wires: Any, version: str = "s3v4") -> Any:
    key = principals.admin_credential()
    return wires.client("s3", key.access_key_id, key.secret, signature_version=version)


def presigned_post(wires: Any, version: str = "s3v4", **more: Any) -> tuple[str, dict[str, str]]:
    post = admin(wires, version).generate_presigned_post("basket", "in/${filename}", **more)
    return post["url"], post["fields"]


def test_a_form_that_its_policy_allows_is_stored(wires: Any) -> None:
    for version in ("s3v4", "s3"):
        url, fields = presigned_post(
            wires,
            version,
            Fields={
                "acl": "bucket-owner-full-control",
                "x-amz-meta-who": "ann",
                "Content-Type": "image/jpeg",
            },
            Conditions=[
                {"acl": "bucket-owner-full-control"},
                ["starts-with", "$x-amz-meta-who", "a"],
                ["eq", "$Content-Type", "image/jpeg"],
                ["content-length-range", 1, 100],
            ],
        )
        status, headers, _ = wires.send(form(url, fields, f"pixels {version}".encode()))
        assert status == 204
        assert headers["location"].endswith("/basket/in/photo.jpg")
        got = admin(wires).get_object(Bucket="basket", Key="in/photo.jpg")
        assert got["Body"].read() == f"pixels {version}".encode()
        assert (got["Metadata"], got["ContentType"]) == ({"who": "ann"}, "image/jpeg")


@pytest.mark.parametrize(
    ("change", "conditions", "says"),
    [
        ({"x-amz-meta-who": "eve"}, [["starts-with", "$x-amz-meta-who", "a"]], "Policy Condition failed"),
        ({"x-amz-meta-new": "x"}, [], "Extra input fields: x-amz-meta-new"),
        ({"key": "out/other"}, [], "Policy Condition failed"),
        ({}, [["content-length-range", 100, 200]], "it must have 100 to 200"),
    ],
)
def test_a_form_against_its_policy_is_refused(
    wires: Any, change: dict[str, str], conditions: list[Any], says: str
) -> None:
    url, fields = presigned_post(wires, Conditions=conditions)
    status, _, body = wires.send(form(url, {**fields, **change}, b"pixels"))
    assert status == 403
    assert b"<Code>AccessDenied</Code>" in body
    assert says.encode() in body


def test_a_changed_policy_breaks_the_signature(wires: Any) -> None:
    url, fields = presigned_post(wires)
    document = json.loads(base64.b64decode(fields["policy"]))
    document["expiration"] = "2999-01-01T00:00:00Z"
    fields["policy"] = base64.b64encode(json.dumps(document).encode()).decode()
    status, _, body = wires.send(form(url, fields, b"pixels"))
    assert status == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in body


def test_a_form_ends_with_its_policy(wires: Any) -> None:
    url, fields = presigned_post(wires, ExpiresIn=60)
    with wires.gate.state.clock.at(datetime.now(UTC) + timedelta(seconds=61)):
        status, _, body = wires.send(form(url, fields, b"pixels"))
    assert status == 403
    assert b"Policy expired." in body


def test_a_form_for_another_bucket_is_refused(wires: Any) -> None:
    admin(wires).create_bucket(Bucket="other")
    url, fields = presigned_post(wires)
    status, _, body = wires.send(form(url.replace("basket", "other"), fields, b"pixels"))
    assert status == 403
    assert b"Policy Condition failed" in body


def test_the_form_chooses_its_answer(wires: Any) -> None:
    extra = {"success_action_status": "201"}
    url, fields = presigned_post(wires, Fields=extra, Conditions=[extra])
    status, _, body = wires.send(form(url, fields, b"pixels"))
    assert status == 201
    assert b"<Key>in/photo.jpg</Key>" in body
    extra = {"success_action_redirect": "http://example.org/done?a=1"}
    url, fields = presigned_post(wires, Fields=extra, Conditions=[extra])
    status, headers, _ = wires.send(form(url, fields, b"pixels"))
    assert status == 303
    assert headers["location"].startswith(
        "http://example.org/done?a=1&bucket=basket&key=in%2Fphoto.jpg&etag="
    )


def test_an_unsigned_form_is_a_stranger_s_put(wires: Any) -> None:
    raw = form("http://127.0.0.1:4566/basket", {"key": "k"}, b"pixels")
    assert wires.send(raw)[0] == 403
    allow = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::basket/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    admin(wires).delete_public_access_block(Bucket="basket")
    admin(wires).put_bucket_policy(Bucket="basket", Policy=document)
    assert wires.send(raw)[0] == 204


def test_a_post_without_a_form_or_a_key_is_no_upload(wires: Any) -> None:
    status, _, body = wires.send(form("http://127.0.0.1:4566/basket", {"acl": "private"}, b"pixels"))
    assert status == 412
    assert b"multipart/form-data, with a key" in body
    raw = RawRequest("POST", "/basket?key=k", (("Host", "127.0.0.1"),), b"pixels", datetime.now(UTC))
    assert wires.send(raw)[0] == 412
    assert "Contents" not in admin(wires).list_objects_v2(Bucket="basket")


def test_a_form_with_an_unreadable_credential_is_refused() -> None:
    raw = form("http://127.0.0.1:4566/basket", {"key": "k", "x-amz-signature": "0" * 64}, b"pixels")
    with pytest.raises(SignatureFault, match="x-amz-credential"):
        read_upload(raw)
