"""Functions for tests: archives, roles, and what came of them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from tests.labs.sandbox.houses import ACCOUNT, policy, statement, trust

QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
LAMBDA = {"Service": "lambda.amazonaws.com"}


def archive(source: str = "def handler(event, context): return event", **more: str) -> bytes:
    """An archive with the source as app.py, and others by their names without .py."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("app.py", source)
        for name, text in more.items():
            file.writestr(f"{name}.py", text)
    return packed.getvalue()


def make(clients: Any, source: str = "", *actions: str, **settings: Any) -> str:
    """A function `f` whose role permits these actions; its ARN. `clients` gives a client for a service."""
    iam = clients("iam")
    name = f"role-of-{settings.get('FunctionName', 'f')}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(LAMBDA))["Role"]["Arn"]
    if actions:
        iam.put_role_policy(
            RoleName=name, PolicyName="p", PolicyDocument=policy(statement(list(actions), "*"))
        )
    given = {
        "FunctionName": "f",
        "Runtime": "python3.12",
        "Role": role,
        "Handler": "app.handler",
        "Code": {"ZipFile": archive(source) if source else archive()},
        **settings,
    }
    return str(clients("lambda").create_function(**given)["FunctionArn"])


def admit(clients: Any, service: str, source: str) -> None:
    """Let a service invoke `f` for a source."""
    clients("lambda").add_permission(
        FunctionName="f",
        StatementId=service,
        Action="lambda:InvokeFunction",
        Principal=f"{service}.amazonaws.com",
        SourceArn=source,
    )


def call(clients: Any, event: Any = None, **more: Any) -> tuple[Any, str | None]:
    """Invoke `f`: what it answers, and its FunctionError."""
    answer = clients("lambda").invoke(FunctionName="f", Payload=json.dumps(event or {}), **more)
    return json.loads(answer["Payload"].read()), answer.get("FunctionError")


def log_of(clients: Any, name: str = "f") -> list[str]:
    """The messages in the log group of a function, by log stream; none when there is no such group."""
    logs, group = clients("logs"), f"/aws/lambda/{name}"
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return []
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    return [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]
