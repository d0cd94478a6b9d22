"""A rehearsal: the warm parent of the boxes makes a few calls to nobody, so that its forks need not load,
compile and work out what every program with boto3 needs.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from botocore.credentials import Credentials
from botocore.utils import parse_timestamp

from graders.box.ready import ReadyClients, tell

__all__ = ["OPERATIONS", "rehearse"]

_HOST = "127.0.0.1"

# What programs of the course call most, by service; other calls work as well, and take a little longer.
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "s3": (
        "CreateBucket",
        "DeleteObject",
        "GetBucketPolicy",
        "GetObject",
        "HeadBucket",
        "HeadObject",
        "ListBuckets",
        "ListObjectsV2",
        "PutBucketPolicy",
        "PutObject",
    ),
    "iam": (
        "AddRoleToInstanceProfile",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreateInstanceProfile",
        "CreatePolicy",
        "CreateRole",
        "CreateUser",
        "GetGroupPolicy",
        "GetInstanceProfile",
        "GetPolicy",
        "GetPolicyVersion",
        "GetRole",
        "GetUser",
        "GetUserPolicy",
        "ListAttachedUserPolicies",
        "ListGroupPolicies",
        "ListGroupsForUser",
        "ListRoles",
        "ListUserPolicies",
        "ListUsers",
        "PutRolePolicy",
        "PutUserPolicy",
    ),
    "sts": ("AssumeRole", "GetCallerIdentity"),
    "ec2": ("DescribeImages", "DescribeInstances", "DescribeSubnets", "DescribeVpcs", "RunInstances"),
    "sqs": ("CreateQueue", "DeleteMessage", "ReceiveMessage", "SendMessage"),
    "sns": ("CreateTopic", "Publish", "Subscribe"),
    "dynamodb": ("CreateTable", "GetItem", "PutItem", "Query"),
    "lambda": ("CreateFunction", "Invoke"),
}
_JSON = frozenset({"sqs", "dynamodb", "lambda"})
_LONGEST = 65536
_HEAD = "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n"
_PATIENCE = 5.0
_MOMENT = "2026-01-31T12:00:00Z"


def rehearse(clients: ReadyClients) -> None:
    """Make each call against a port of this process's own, where somebody answers it with nothing.

    No thread is left when it returns, so that this process can fork.

    Raises:
        Exception: boto3 has changed so much that a call fails; boxes are slower then, and work as well.
    """
    datetime.strptime(_MOMENT, "%Y-%m-%dT%H:%M:%SZ")
    parse_timestamp(_MOMENT)
    with socket.create_server((_HOST, 0)) as door:
        door.settimeout(_PATIENCE)
        host = threading.Thread(target=_answer, args=(door,), daemon=True)
        host.start()
        endpoint = f"http://{_HOST}:{door.getsockname()[1]}"
        for service, operations in OPERATIONS.items():
            client = clients.make(service)
            tell(client, endpoint, Credentials("nobody", "nothing"))
            _look_at_helpers(client)
            methods = {operation: method for method, operation in client.meta.method_to_api_mapping.items()}
            for name in operations:
                operation = client.meta.service_model.operation_model(name)
                _look_at(operation.input_shape)
                _look_at(operation.output_shape)
                getattr(client, methods[name])(**_sample(operation.input_shape))
            client.close()
        host.join()


def _answer(door: socket.socket) -> None:
    """Answer each call in the order in which they come, over a line of its own."""
    for service, operations in OPERATIONS.items():
        for name in operations:
            line, _ = door.accept()
            with line:
                line.settimeout(_PATIENCE)
                request = line.recv(_LONGEST)
                if b"100-continue" in request:
                    line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                    line.recv(_LONGEST)
                body = b"{}" if service in _JSON else f"<a><{name}Result/></a>".encode()
                body = b"" if request.startswith(b"HEAD") else body
                line.sendall(_HEAD.format(len(body)).encode() + body)


def _sample(shape: Any) -> Any:
    """A value of a shape with as little in it as the service takes."""
    match shape.type_name if shape else "structure":
        case "structure":
            names = shape.required_members if shape else ()
            return {name: _sample(shape.members[name]) for name in names}
        case "list":
            return [_sample(shape.member)]
        case "map":
            return {"key": _sample(shape.value)}
        case "integer" | "long" | "float" | "double":
            return shape.metadata.get("min", 1)
        case "boolean":
            return False
        case "blob":
            return b"x"
        case "timestamp":
            return _MOMENT
    return shape.enum[0] if getattr(shape, "enum", None) else "x" * max(3, shape.metadata.get("min", 3))


def _look_at(shape: Any, above: frozenset[str] = frozenset()) -> None:
    """Have botocore work out a shape and all beneath it, which it does when somebody first looks."""
    if shape is None or shape.name in above:
        return
    above |= {shape.name}
    for inner in (*_members(shape), *(getattr(shape, part, None) for part in ("member", "key", "value"))):
        _look_at(inner, above)


def _look_at_helpers(client: Any) -> None:
    """Have botocore read a service's waiters and pages, for which it searches all its folders."""
    _ = client.waiter_names
    client.can_paginate(next(iter(client.meta.method_to_api_mapping)))


def _members(shape: Any) -> Iterable[Any]:
    return getattr(shape, "members", {}).values()
