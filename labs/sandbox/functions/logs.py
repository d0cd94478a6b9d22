"""A function's log in CloudWatch Logs, where its role may write there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from labs.sandbox.functions.facts import Function
from labs.sandbox.functions.roles import permits
from labs.sandbox.live import begun

__all__ = ["keep_log"]


def keep_log(function: Function, stream: str, messages: Sequence[str], seconds: float, now: datetime) -> str:
    """Write the log of one invocation; the action that the role lacks, or nothing when it went well.

    Args:
        seconds: how long it took, until now.
    """
    group = function.log_group
    logs = begun("logs", function.account, function.region)
    place = f"arn:aws:logs:{function.region}:{function.account}:log-group:{group}:log-stream:"
    if group not in logs.groups:
        if not permits(function, "logs:CreateLogGroup", place):
            return "logs:CreateLogGroup"
        logs.create_log_group(group, {})
    if stream not in logs.groups[group].streams:
        if not permits(function, "logs:CreateLogStream", place + stream):
            return "logs:CreateLogStream"
        logs.create_log_stream(group, stream)
    if not permits(function, "logs:PutLogEvents", place + stream):
        return "logs:PutLogEvents"
    ended = int(now.timestamp() * 1000)
    began = ended - int(seconds * 1000)
    times = [began] * (len(messages) - 2) + [ended, ended]
    events = [{"timestamp": time, "message": message} for time, message in zip(times, messages, strict=True)]
    logs.put_log_events(group, stream, events)
    return ""
