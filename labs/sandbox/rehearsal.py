"""A rehearsal: one read of each common service goes through a gate, before a world says that it is ready.

What the first call of a kind would load, routers, tables, moto's lazy imports, is loaded then; a world that
is forked afterwards answers its first calls at once.
"""

from __future__ import annotations

from datetime import UTC, datetime

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from labs.sandbox import moto_setup, principals
from labs.sandbox.gate import Gate
from labs.sandbox.raw import RawRequest
from labs.sandbox.state import WorldState

__all__ = ["rehearse"]

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON = {"Content-Type": "application/x-amz-json-1.0"}

# Service, method, target, headers, body
_CALLS: tuple[tuple[str, str, str, dict[str, str], str], ...] = (
    ("s3", "GET", "/", {}, ""),
    ("s3", "GET", "/rehearsal?list-type=2", {}, ""),
    ("iam", "POST", "/", _FORM, "Action=ListUsers&Version=2010-05-08"),
    ("sts", "POST", "/", _FORM, "Action=GetSessionToken&Version=2011-06-15"),
    ("ec2", "POST", "/", _FORM, "Action=DescribeInstances&Version=2016-11-15"),
    ("sns", "POST", "/", _FORM, "Action=ListTopics&Version=2010-03-31"),
    ("rds", "POST", "/", _FORM, "Action=DescribeDBInstances&Version=2014-10-31"),
    ("sqs", "POST", "/", {**_JSON, "X-Amz-Target": "AmazonSQS.ListQueues"}, "{}"),
    ("dynamodb", "POST", "/", {**_JSON, "X-Amz-Target": "DynamoDB_20120810.ListTables"}, "{}"),
    ("lambda", "GET", "/2015-03-31/functions", {}, ""),
)


def rehearse() -> None:
    """Send the calls as the admin of a world that is thrown away."""
    state = WorldState()
    gate = Gate(state)
    moto_setup.reset_state(state.seed)
    admin = principals.admin_credential()
    keys = Credentials(admin.access_key_id, admin.secret)
    for service, method, target, headers, body in _CALLS:
        gate.handle(_signed(keys, state.region, service, method, target, headers, body))
    moto_setup.forget_state()


def _signed(
    keys: Credentials,
    region: str,
    service: str,
    method: str,
    target: str,
    headers: dict[str, str],
    body: str,
) -> RawRequest:
    request = AWSRequest(method, f"http://127.0.0.1{target}", {"Host": "127.0.0.1", **headers}, body.encode())
    (S3SigV4Auth if service == "s3" else SigV4Auth)(keys, service, region).add_auth(request)
    given = tuple((name, str(value)) for name, value in request.headers.items())
    return RawRequest(method, target, given, body.encode(), datetime.now(UTC))
