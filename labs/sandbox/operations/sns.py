"""SNS: topics by their ARN; publishing a batch needs sns:Publish, and roles for delivery logs are passed on.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SNS"; Amazon SNS
Developer Guide, "Securing Amazon SNS data with server-side encryption".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox.live import live
from labs.sandbox.operations.kms import used_key
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, passed_role, tag_context

__all__ = ["RULES"]


def _tags(scene: Scene) -> dict[str, ContextValue]:
    return tag_context(scene.many("Tags"), scene.many("TagKeys"))


def _topic(scene: Scene) -> str:
    return scene.text("TopicArn") or scene.text("TargetArn") or scene.text("ResourceArn") or "*"


def _on_topic(scene: Scene) -> Iterator[PlannedCheck]:
    context = _tags(scene)
    for parameter, key in (("Protocol", "sns:Protocol"), ("Endpoint", "sns:Endpoint")):
        if scene.params.get(parameter):
            context[key] = scene.text(parameter)
    yield PlannedCheck(f"sns:{scene.call.operation}", _topic(scene), context=context)
    yield from _passed_roles(scene)


def _publish(scene: Scene) -> Iterator[PlannedCheck]:
    """A message to a phone number is about no topic; an encrypted topic needs its key."""
    arn = _topic(scene)
    yield PlannedCheck("sns:Publish", arn)
    if arn.count(":") != 5:
        return
    region, account = arn.split(":")[3:5]
    sns = live("sns", account, region)
    topic = sns.topics.get(arn) if sns else None
    key = str(getattr(topic, "kms_master_key_id", "") or "")
    for need in ("kms:GenerateDataKey", "kms:Decrypt") if key else ():
        yield used_key(
            scene, need, key, service="sns", region=region, account=account, about={"aws:sns:topicArn": arn}
        )


def _create_topic(scene: Scene) -> Iterator[PlannedCheck]:
    resource, tags = scene.arn("sns", scene.text("Name")), _tags(scene)
    yield PlannedCheck("sns:CreateTopic", resource, context=tags)
    if tags:
        yield PlannedCheck("sns:TagResource", resource, context=tags)
    if scene.params.get("DataProtectionPolicy"):
        yield PlannedCheck("sns:PutDataProtectionPolicy", resource)
    yield from _passed_roles(scene)


def _list_topics(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck(f"sns:{scene.call.operation}", scene.arn("sns", "*"))


def _on_subscription(scene: Scene) -> Iterator[PlannedCheck]:
    """A subscription's ARN is its topic's with one part more."""
    topic = scene.text("SubscriptionArn").rpartition(":")[0]
    yield PlannedCheck(f"sns:{scene.call.operation}", topic or "*")
    yield from _passed_roles(scene)


def _with_roles(scene: Scene) -> Iterator[PlannedCheck]:
    """Platform applications and text messages, whose ARNs no policy of SNS can name."""
    yield PlannedCheck(f"sns:{scene.call.operation}", "*")
    yield from _passed_roles(scene)


def _passed_roles(scene: Scene) -> Iterator[PlannedCheck]:
    """Attributes such as LambdaSuccessFeedbackRoleArn and SubscriptionRoleArn hold roles for SNS to use."""
    attributes = scene.params.get("Attributes") or scene.params.get("attributes")
    found = dict(attributes) if isinstance(attributes, Mapping) else {}
    found[scene.text("AttributeName")] = scene.text("AttributeValue")
    roles = [str(value) for name, value in found.items() if str(name).endswith("RoleArn") and value]
    for role in dict.fromkeys(roles):
        yield passed_role(role, "sns.amazonaws.com")


_ON_TOPIC = (
    "AddPermission",
    "ConfirmSubscription",
    "DeleteTopic",
    "GetDataProtectionPolicy",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "ListTagsForResource",
    "PutDataProtectionPolicy",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
    "TagResource",
    "UntagResource",
)
_ON_SUBSCRIPTION = ("GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe")
_WITH_ROLES = ("CreatePlatformApplication", "SetPlatformApplicationAttributes", "SetSMSAttributes")

RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_ON_TOPIC, _on_topic),
    **dict.fromkeys(_ON_SUBSCRIPTION, _on_subscription),
    **dict.fromkeys(_WITH_ROLES, _with_roles),
    "CreateTopic": _create_topic,
    "ListSubscriptions": _list_topics,
    "ListTopics": _list_topics,
    "Publish": _publish,
    "PublishBatch": _publish,
}
