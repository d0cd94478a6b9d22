"""A rehearsal: the warm parent of the boxes makes a few calls to nobody, so that its forks need not load,
compile and work out what every program with boto3 needs.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Mapping
from typing import Any

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
# A read of each protocol, and an answer to it with nothing in it.
_READS: tuple[tuple[str, str, bytes], ...] = (
    ("s3", "list_buckets", b"<a/>"),
    ("iam", "list_users", b"<a><ListUsersResult/></a>"),
    ("sts", "get_caller_identity", b"<a><GetCallerIdentityResult/></a>"),
    ("ec2", "describe_vpcs", b"<a/>"),
    ("sqs", "list_queues", b"{}"),
    ("dynamodb", "list_tables", b"{}"),
)
_LONGEST = 65536
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n"


def rehearse(session: Any) -> None:
    """Make each read against a port of this process's own, and look at the shapes of the usual operations."""
    with socket.create_server((_HOST, 0)) as door:
        host = threading.Thread(target=_answer, args=(door,), daemon=True)
        host.start()
        endpoint = f"http://{_HOST}:{door.getsockname()[1]}"
        for service, read, _ in _READS:
            getattr(session.client(service, endpoint_url=endpoint), read)()
        host.join()
    for service, operations in OPERATIONS.items():
        client = session.client(service)
        _look_at_helpers(client)
        for name in operations:
            operation = client.meta.service_model.operation_model(name)
            _look_at(operation.input_shape)
            _look_at(operation.output_shape)


def _answer(door: socket.socket) -> None:
    """Answer one request of each client, in the order in which they come."""
    for _, _, body in _READS:
        line, _ = door.accept()
        with line:
            line.recv(_LONGEST)
            line.sendall(_HEAD.format(len(body)).encode() + body)


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
