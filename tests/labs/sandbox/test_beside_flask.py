"""What moto answers through the carrier is what it answers through the whole of Flask."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import run_wsgi_app

from labs.sandbox import moto_setup
from labs.sandbox.carrier import Answer, Carrier
from labs.sandbox.quick_forms import read_form

FORM = "application/x-www-form-urlencoded; charset=utf-8"
CORS = "access-control-allow-origin"

REQUESTS = {
    "an object": ("s3", "GET", "/notes/a%2Fb%20c.txt", {}, b""),
    "its headers": ("s3", "HEAD", "/notes/a%2Fb%20c.txt", {}, b""),
    "a part of it": ("s3", "GET", "/notes/a%2Fb%20c.txt", {"Range": "bytes=1-2"}, b""),
    "a list": ("s3", "GET", "/notes?list-type=2", {}, b""),
    "all buckets": ("s3", "GET", "/", {}, b""),
    "no such object": ("s3", "GET", "/notes/none", {}, b""),
    "no such object's headers": ("s3", "HEAD", "/notes/none", {}, b""),
    "no such bucket": ("s3", "GET", "/nobody", {}, b""),
    "put": ("s3", "PUT", "/notes/new", {"x-amz-meta-my_key": "1", "Content-MD5": "x"}, b"new"),
    "gone": ("s3", "DELETE", "/notes/new", {}, b""),
    "a user": ("iam", "POST", "/", {"Content-Type": FORM}, b"Action=GetUser&Version=2010-05-08&UserName=ann"),
    "no such user": ("iam", "POST", "/", {"Content-Type": FORM}, b"Action=GetUser&UserName=bob"),
    "no operation": ("iam", "POST", "/", {"Content-Type": FORM}, b"Version=2010-05-08"),
    "who": ("sts", "POST", "/", {"Content-Type": FORM}, b"Action=GetCallerIdentity&Version=2011-06-15"),
    "networks": ("ec2", "POST", "/", {"Content-Type": FORM}, b"Action=DescribeVpcs&Version=2016-11-15"),
    "tables": (
        "dynamodb",
        "POST",
        "/",
        {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"},
        b"{}",
    ),
    "no such table": (
        "dynamodb",
        "POST",
        "/",
        {"X-Amz-Target": "DynamoDB_20120810.DescribeTable", "Content-Type": "application/x-amz-json-1.0"},
        b'{"TableName": "none"}',
    ),
    "functions": ("lambda", "GET", "/2015-03-31/functions/", {}, b""),
    "no such function": ("lambda", "GET", "/2015-03-31/functions/none", {}, b""),
    "no such page": ("lambda", "GET", "/no/such/page", {}, b""),
}


def environ_of(
    service: str, method: str, target: str, headers: dict[str, str], body: bytes
) -> dict[str, Any]:
    path, _, query = target.partition("?")
    scope = f"20260101/us-east-1/{service}/aws4_request"
    own = {
        "Host": "127.0.0.1",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=AKIA/{scope}, SignedHeaders=host, Signature=0",
        "Content-Length": str(len(body)),
    }
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.replace("%2F", "/").replace("%20", " "),
        "RAW_URI": target,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }
    for name, value in {**own, **headers}.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    """A carrier to a moto that holds a bucket with an object, and a user."""
    moto_setup.reset_state(0)
    carrier = Carrier(moto_setup.dispatcher())
    for request in (
        ("s3", "PUT", "/notes", {}, b""),
        ("s3", "PUT", "/notes/a%2Fb%20c.txt", {"Content-Type": "text/plain"}, b"hello"),
        ("iam", "POST", "/", {"Content-Type": FORM}, b"Action=CreateUser&Version=2010-05-08&UserName=ann"),
    ):
        environ = environ_of(*request)
        assert carrier._answered(carrier._application(environ), environ).status == 200
    yield carrier
    moto_setup.reset_state(0)


def shown(answer: Answer) -> tuple[int, list[tuple[str, str]], bytes]:
    return answer.status, sorted(pair for pair in answer.headers if pair[0].lower() != CORS), answer.body


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_is_the_one_that_flask_gives(name: str, carrier: Carrier) -> None:
    request = REQUESTS[name]
    environ, again = environ_of(*request), environ_of(*request)
    app = carrier._application(environ)

    answer = carrier._answered(app, environ)
    chunks, status, headers = run_wsgi_app(app, again)

    through_flask = Answer(int(status.split()[0]), tuple(headers), b"".join(chunks))
    assert shown(answer) == shown(through_flask)
    assert CORS not in {key.lower() for key, _ in answer.headers}


def test_a_fault_of_moto_is_raised(carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.iam.models import IAMBackend

    environ = environ_of(*REQUESTS["a user"])
    app = carrier._application(environ)
    with monkeypatch.context() as patched:
        patched.setattr(IAMBackend, "get_user", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            carrier._answered(app, environ)


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost", "NOTES.example:80", "[::1]:81", ""])
def test_the_address_of_a_request_is_the_one_that_flask_sees(
    host: str, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    environ, again = environ_of(*REQUESTS["a list"]), environ_of(*REQUESTS["a list"])
    for each in (environ, again):
        each["HTTP_HOST"] = host
    app = carrier._application(environ)
    own = app.request_class.raw_url

    def raw_url(request: Any) -> str:
        seen.append(own.fget(request))
        return seen[-1]

    monkeypatch.setattr(app.request_class, "raw_url", property(raw_url))
    carrier._answered(app, environ)
    ours = set(seen)
    seen.clear()
    run_wsgi_app(app, again)
    assert ours == set(seen)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"a=1&b=&c&a=2&%61=3&d=%C3%A9+x"),
        (FORM, b"a=\xff&b=%ff"),
        (FORM, b""),
        ("APPLICATION/X-WWW-FORM-URLENCODED", b"a=1"),
        ("application/x-amz-json-1.0", b'{"a": 1}'),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
        ),
        (None, b"a=1"),
        (FORM, b"a=1&" * 300_000),
    ],
)
def test_a_form_is_read_as_werkzeug_reads_it(kind: str | None, body: bytes, carrier: Carrier) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    quick, usual = environ_of("s3", "POST", "/", headers, body), environ_of("s3", "POST", "/", headers, body)
    app = carrier._application(quick)
    one, other = app.request_class(quick), app.request_class(usual)
    read_form(one)
    for request in (one, other):
        request.form  # noqa: B018  # Werkzeug reads it when somebody looks
    assert list(one.form.items(multi=True)) == list(other.form.items(multi=True))
    assert list(one.values.items(multi=True)) == list(other.values.items(multi=True))
    assert one.files == other.files
    assert one.data == other.data
