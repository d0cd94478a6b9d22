"""SQS: the queue comes from its URL, and a batch needs the permission of the single action.

Source: Service Authorization Reference, "API operations defined by Amazon SQS"; Amazon SQS Developer Guide,
"Configure KMS permissions for AWS services" and "Key management".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from labs.sandbox.live import live
from labs.sandbox.operations.kms import used_key
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


def _messages(action: str, *needs: str) -> Rule:
    """Sending or receiving, which for an encrypted queue needs its key too."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        queue = _queue_arn(scene)
        yield PlannedCheck(f"sqs:{action}", queue)
        region, account, name = queue.split(":", 5)[3:]
        sqs = live("sqs", account, region)
        found = sqs.queues.get(name) if sqs else None
        key = str(found.kms_master_key_id or "") if found is not None else ""
        for need in needs if key else ():
            yield used_key(
                scene, need, key, service="sqs", region=region, account=account, about={"aws:sqs:arn": queue}
            )

    return rule


def _create(scene: Scene) -> Iterator[PlannedCheck]:
    resource, tags = scene.arn("sqs", scene.text("QueueName")), _tags(scene.params)
    yield PlannedCheck("sqs:CreateQueue", resource, context=tags)
    if tags:
        yield PlannedCheck("sqs:TagQueue", resource, context=tags)


def _queue_of(scene: Scene) -> Iterator[PlannedCheck]:
    """GetQueueUrl may ask for a queue of another account."""
    account = scene.text("QueueOwnerAWSAccountId") or scene.account
    resource = f"arn:aws:sqs:{scene.region}:{account}:{scene.text('QueueName')}"
    yield PlannedCheck("sqs:GetQueueUrl", resource)


def _list_queues(scene: Scene) -> Iterator[PlannedCheck]:
    # AWS names no queue here, not even with a wildcard.
    yield PlannedCheck("sqs:ListQueues", scene.arn("sqs", ""))


def _move_task(*actions: str) -> Rule:
    """Moving messages is reading and deleting them in one queue, and sending them to another."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        source = scene.text("SourceArn") or scene.arn("sqs", "*")
        yield PlannedCheck(f"sqs:{scene.call.operation}", source)
        for action in actions:
            yield PlannedCheck(f"sqs:{action}", source)
        if scene.text("DestinationArn"):
            yield PlannedCheck("sqs:SendMessage", scene.text("DestinationArn"))

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
    "RemovePermission",
    "SetQueueAttributes",
    "TagQueue",
    "UntagQueue",
)

RULES: Mapping[str, Rule] = {
    **{operation: _on_queue(operation) for operation in _SINGLE},
    "CancelMessageMoveTask": _move_task("DeleteMessage", "GetQueueAttributes", "ReceiveMessage"),
    "ChangeMessageVisibilityBatch": _on_queue("ChangeMessageVisibility"),
    "CreateQueue": _create,
    "DeleteMessageBatch": _on_queue("DeleteMessage"),
    "GetQueueUrl": _queue_of,
    "ListMessageMoveTasks": _move_task("GetQueueAttributes"),
    "ListQueues": _list_queues,
    "ReceiveMessage": _messages("ReceiveMessage", "kms:Decrypt"),
    "SendMessage": _messages("SendMessage", "kms:GenerateDataKey", "kms:Decrypt"),
    "SendMessageBatch": _messages("SendMessage", "kms:GenerateDataKey", "kms:Decrypt"),
    "StartMessageMoveTask": _move_task("DeleteMessage", "GetQueueAttributes", "ReceiveMessage"),
}
