"""SQS: the queue comes from its URL, and a batch needs the permission of the single action.

Source: Amazon SQS Developer Guide, "Amazon SQS API permissions: Actions and resource reference".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, tag_context

__all__ = ["RULES"]


def _queue_arn(scene: Scene) -> str:
    """…/ACCOUNT/NAME, as a queue's URL ends."""
    parts = urlsplit(scene.text("QueueUrl")).path.strip("/").split("/")
    name = parts[-1]
    account = parts[-2] if len(parts) > 1 and parts[-2].isdigit() else scene.account
    return f"arn:aws:sqs:{scene.region}:{account}:{name}"


def _tags(params: Mapping[str, Any]) -> dict[str, ContextValue]:
    return tag_context(params.get("tags") or params.get("Tags"), params.get("TagKeys") or ())


def _on_queue(action: str) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        yield PlannedCheck(f"sqs:{action}", _queue_arn(scene), context=_tags(scene.params))

    return rule


def _named(action: str) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        resource = scene.arn("sqs", scene.text("QueueName"))
        yield PlannedCheck(f"sqs:{action}", resource, context=_tags(scene.params))

    return rule


def _queue_of(scene: Scene) -> Iterator[PlannedCheck]:
    """GetQueueUrl may ask for a queue of another account."""
    account = scene.text("QueueOwnerAWSAccountId") or scene.account
    resource = f"arn:aws:sqs:{scene.region}:{account}:{scene.text('QueueName')}"
    yield PlannedCheck("sqs:GetQueueUrl", resource)


def _list_queues(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck("sqs:ListQueues", scene.arn("sqs", "*"))


def _move_tasks(action: str, parameter: str) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        yield PlannedCheck(f"sqs:{action}", scene.text(parameter) or scene.arn("sqs", "*"))

    return rule


_SINGLE = (
    "AddPermission",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "DeleteQueue",
    "GetQueueAttributes",
    "ListDeadLetterSourceQueues",
    "ListQueueTags",
    "PurgeQueue",
    "ReceiveMessage",
    "RemovePermission",
    "SendMessage",
    "SetQueueAttributes",
    "TagQueue",
    "UntagQueue",
)

RULES: Mapping[str, Rule] = {
    **{operation: _on_queue(operation) for operation in _SINGLE},
    "CancelMessageMoveTask": _move_tasks("CancelMessageMoveTask", "SourceArn"),
    "ChangeMessageVisibilityBatch": _on_queue("ChangeMessageVisibility"),
    "CreateQueue": _named("CreateQueue"),
    "DeleteMessageBatch": _on_queue("DeleteMessage"),
    "GetQueueUrl": _queue_of,
    "ListMessageMoveTasks": _move_tasks("ListMessageMoveTasks", "SourceArn"),
    "ListQueues": _list_queues,
    "SendMessageBatch": _on_queue("SendMessage"),
    "StartMessageMoveTask": _move_tasks("StartMessageMoveTask", "SourceArn"),
}
