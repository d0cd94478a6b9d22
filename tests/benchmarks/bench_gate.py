"""What the gate costs: the same requests through the gate and straight to moto. Run by hand:

    python tests/benchmarks/bench_gate.py [ROUNDS]

All is called in this process, without a network. The gate remembers moto's application for a service, where
moto's own dispatcher tries 200 patterns at each request, so it wins back some of what it costs; the last
column is what it does by itself. Processor time is measured, so that a busy machine matters little. The
targets are that a request costs at most 0.6 ms more than without the gate, and that the gate by itself takes
at most 0.8 ms.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
from botocore.config import Config

from labs.sandbox import moto_setup, principals
from labs.sandbox.carrier import Carrier
from labs.sandbox.gate import Gate
from labs.sandbox.raw import RawRequest
from labs.sandbox.signature import Payload, find_signature
from labs.sandbox.state import WorldState
from labs.sandbox.values import ACCOUNT
from labs.sandbox.wire import route

MOST_COSTS, MOST_ITSELF = 0.6, 0.8  # milliseconds


def environ_of(prepared: Any) -> dict[str, Any]:
    """The WSGI environ of a prepared request; its body is filled in at each use."""
    url = urlsplit(prepared.url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": prepared.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path),
        "QUERY_STRING": url.query,
        "RAW_URI": url.path + (f"?{url.query}" if url.query else ""),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "4566",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in prepared.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode() if isinstance(value, bytes) else value
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = text
    return environ


def prepared(client: Any, operation: str, **params: Any) -> tuple[dict[str, Any], bytes]:
    caught: list[Any] = []

    def catch(request: Any, **_: Any) -> None:
        caught.append(request)
        raise StopIteration

    client.meta.events.register("before-send", catch)
    try:
        getattr(client, operation)(**params)
    except StopIteration:
        pass
    finally:
        client.meta.events.unregister("before-send", catch)
    body = caught[0].body or b""
    body = body.read() if hasattr(body, "read") else body.encode() if isinstance(body, str) else body
    environ = environ_of(caught[0])
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ, body


def took_ms(application: Callable[..., Any], environ: dict[str, Any], body: bytes) -> float:
    request = {**environ, "wsgi.input": io.BytesIO(body)}
    begun = time.thread_time()
    statuses: list[str] = []
    b"".join(application(request, lambda status, *_: statuses.append(str(status))))
    took = (time.thread_time() - begun) * 1000
    assert statuses[-1].startswith("2"), statuses
    return took


def medians_ms(
    applications: tuple[Callable[..., Any], ...], environ: dict[str, Any], body: bytes, rounds: int
) -> list[float]:
    """Of each application, in turns, so that what else the machine does falls on all of them."""
    took = [[took_ms(each, environ, body) for each in applications] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*took, strict=True)]


def main(rounds: int) -> int:
    moto_setup.warm()
    moto_setup.reset_state(0, b"bench")
    state = WorldState(seed=0)
    state.journal.mark()
    gate, moto = guarded_by(Gate(state)), moto_setup.dispatcher()
    key = principals.admin_credential()
    session = boto3.Session(key.access_key_id, key.secret, region_name="us-east-1")

    def client(service: str) -> Any:
        config = Config(s3={"addressing_style": "path"})
        return session.client(service, endpoint_url="http://127.0.0.1:4566", config=config)

    s3, sqs, dynamodb, ec2 = client("s3"), client("sqs"), client("dynamodb"), client("ec2")
    queue = "http://127.0.0.1:4566/123456789012/q"
    table = {
        "TableName": "table",
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    for made in (
        prepared(s3, "create_bucket", Bucket="basket"),
        prepared(sqs, "create_queue", QueueName="q"),
        prepared(dynamodb, "create_table", **table),
    ):
        took_ms(gate, *made)
    requests = {
        "S3 PutObject 1 KB": prepared(s3, "put_object", Bucket="basket", Key="k", Body=b"x" * 1024),
        "S3 GetObject": prepared(s3, "get_object", Bucket="basket", Key="k"),
        "S3 ListObjectsV2": prepared(s3, "list_objects_v2", Bucket="basket", Prefix="k"),
        "IAM GetUser": prepared(client("iam"), "get_user", UserName="admin"),
        "EC2 DescribeVpcs": prepared(ec2, "describe_vpcs"),
        "EC2 DescribeInstances": prepared(ec2, "describe_instances"),
        "SQS GetQueueAttributes": prepared(sqs, "get_queue_attributes", QueueUrl=queue),
        "DynamoDB PutItem": prepared(dynamodb, "put_item", TableName="table", Item={"k": {"S": "v"}}),
        "Lambda ListFunctions": prepared(client("lambda"), "list_functions"),
    }
    print(f"{'ms, median of ' + str(rounds):24}{'moto':>8}{'gate':>8}{'ratio':>8}{'costs':>8}{'itself':>8}")
    worst_costs = worst_itself = 0.0
    for name, (environ, body) in requests.items():
        applications = (moto, gate, carried(environ, body))
        medians_ms(applications, environ, body, 20)
        direct, guarded, bare = medians_ms(applications, environ, body, rounds)
        worst_costs, worst_itself = max(worst_costs, guarded - direct), max(worst_itself, guarded - bare)
        figures = (
            f"{direct:8.2f}{guarded:8.2f}{guarded / direct:8.2f}{guarded - direct:8.2f}{guarded - bare:8.2f}"
        )
        print(f"{name:24}{figures}")
    print(f"costs at worst {worst_costs:.2f} ms, target {MOST_COSTS} ms")
    print(f"itself at worst {worst_itself:.2f} ms, target {MOST_ITSELF} ms")
    return 0 if worst_costs <= MOST_COSTS and worst_itself <= MOST_ITSELF else 1


def guarded_by(gate: Gate) -> Callable[..., Any]:
    """The gate as an application."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        answer = gate.handle(raw_of(environ))
        start_response(answer.status)
        return [answer.body]

    return application


def carried(environ: dict[str, Any], body: bytes) -> Callable[..., Any]:
    """moto's application for one request, found beforehand and given the request as the gate would."""
    raw = raw_of({**environ, "wsgi.input": io.BytesIO(body)})
    signed = find_signature(raw)
    routed = route(raw, Payload(body), signed)
    carrier = Carrier(moto_setup.dispatcher())

    def application(_: dict[str, Any], start_response: Any) -> list[bytes]:
        answer = carrier.send(routed, account=ACCOUNT, access_key_id=signed.access_key_id if signed else "")
        start_response(answer.status)
        return [answer.body]

    return application


def raw_of(environ: dict[str, Any]) -> RawRequest:
    """The request behind an environ of ours."""
    headers = [
        (key.removeprefix("HTTP_").replace("_", "-"), value)
        for key, value in environ.items()
        if key.startswith(("HTTP_", "CONTENT_"))
    ]
    return RawRequest(
        environ["REQUEST_METHOD"],
        environ["RAW_URI"],
        tuple(headers),
        environ["wsgi.input"].read(),
        datetime.now(UTC),
    )


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
