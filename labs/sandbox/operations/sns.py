"""SNS: topics by their ARN; publishing a batch needs sns:Publish.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SNS".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, tag_context

__all__ = ["RULES"]


def _tags(scene: Scene) -> dict[str, ContextValue]:
    return tag_context(scene.many("Tags"), scene.many("TagKeys"))


def _on_topic(action: str | None = None) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        context: dict[str, ContextValue] = {}
        for parameter, key in (("Protocol", "sns:Protocol"), ("Endpoint", "sns:Endpoint")):
            if scene.params.get(parameter):
                context[key] = scene.text(parameter)
        topic = scene.text("TopicArn") or scene.text("TargetArn") or scene.text("ResourceArn") or "*"
        context |= _tags(scene)
        yield PlannedCheck(f"sns:{action or scene.call.operation}", topic, context=context)

    return rule


def _create_topic(scene: Scene) -> Iterator[PlannedCheck]:
    resource = scene.arn("sns", scene.text("Name"))
    yield PlannedCheck("sns:CreateTopic", resource, context=_tags(scene))


def _on_subscription(scene: Scene) -> Iterator[PlannedCheck]:
    """A subscription's ARN is its topic's with one part more."""
    topic = scene.text("SubscriptionArn").rpartition(":")[0]
    yield PlannedCheck(f"sns:{scene.call.operation}", topic or "*")


_ON_TOPIC = (
    "AddPermission",
    "ConfirmSubscription",
    "DeleteTopic",
    "GetDataProtectionPolicy",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "ListTagsForResource",
    "Publish",
    "PutDataProtectionPolicy",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
    "TagResource",
    "UntagResource",
)
_ON_SUBSCRIPTION = ("GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe")

RULES: Mapping[str, Rule] = {
    **{operation: _on_topic() for operation in _ON_TOPIC},
    **dict.fromkeys(_ON_SUBSCRIPTION, _on_subscription),
    "CreateTopic": _create_topic,
    "PublishBatch": _on_topic("Publish"),
}
