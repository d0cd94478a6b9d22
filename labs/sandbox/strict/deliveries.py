"""Deliveries from service to service: SNS and S3 reach a queue, a topic or a function only if its policy lets
them, and none of it is an API call that would go through the gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from labs.aws.arn import Arn
from labs.aws.iam import PolicySet, Principal, Request, evaluate
from labs.errors import ArnError
from labs.sandbox.live import live, live_bucket
from labs.sandbox.resource_policies import resource_policy
from labs.sandbox.strict.buckets import bucket_of
from labs.sandbox.strict.pages import page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Asked, Refusal, Rule

__all__ = ["FROM_EVENTS", "RULES", "drop", "lets_in", "patch"]

_ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}
_NOUNS = {"sqs": "queue", "sns": "topic", "lambda": "function"}


def lets_in(service: str, destination: str, source: str, account: str) -> bool:
    """Whether the policy of a queue, topic or function lets a service deliver to it.

    Args:
        service: as a principal, `sns.amazonaws.com`.
        destination: the ARN of the queue, topic or function.
        source: the ARN of what the service delivers for, which `aws:SourceArn` tells.
        account: whose that is, which `aws:SourceAccount` tells.
    """
    try:
        arn = Arn.parse(destination)
    except ArnError:
        return False
    action = _ACTIONS.get(arn.service)
    if action is None:
        return False
    context = {"aws:SourceArn": source, "aws:SourceAccount": account}
    request = Request(Principal.parse(service), action, destination, arn.account, context)
    policy = resource_policy(action, destination, arn.region)
    return evaluate(request, PolicySet(resource=policy)).allowed


def drop(rule: Rule, service: str, source: str, destination: str) -> None:
    """Tell the event of the call at hand that something does not arrive."""
    kind = _NOUNS[destination.split(":")[2]]
    what = "its policy does" if kind != "function" else "its resource-based policy does"
    rule.tell(
        "dropped",
        f"Nothing is delivered from {source} to {destination}: {what} not let {service} in. Nobody is told.",
        f"Allow {_ACTIONS[destination.split(':')[2]]} to the service {service} in the policy of the {kind}, "
        f"with a Condition that aws:SourceArn is {source}.",
    )


# -- S3 notifications --------------------------------------------------------------------------------------

_CONFIGURATIONS = (
    ("QueueConfigurations", "QueueArn"),
    ("TopicConfigurations", "TopicArn"),
    ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
)
_WORDS = {
    "queue": "Permissions on the destination queue do not allow S3 to publish notifications from this bucket",
    "topic": "Permissions on the destination topic do not allow S3 to publish notifications from this bucket",
    "function": "Not authorized to invoke function [{arn}]",
}


def _destinations(ask: Asked) -> Iterator[str]:
    wanted = ask.params.get("NotificationConfiguration") or {}
    for name, member in _CONFIGURATIONS:
        for each in wanted.get(name) or ():
            if each.get(member):
                yield str(each[member])


def _validated(ask: Asked) -> Refusal | None:
    bucket = bucket_of(ask.text("Bucket"))
    if bucket is None or ask.params.get("SkipDestinationValidation"):
        return None
    source = f"arn:aws:s3:::{bucket.name}"
    for destination in _destinations(ask):
        if lets_in("s3.amazonaws.com", destination, source, bucket.account_id):
            continue
        kind = _NOUNS.get(destination.split(":", 3)[2] if destination.count(":") > 2 else "", "queue")
        missing = not _is_there(destination)
        words = f"The destination {kind} does not exist" if missing else _WORDS[kind].format(arn=destination)
        because = (
            f"there is no {kind} {destination}"
            if missing
            else (
                f"S3 sends a test message, and the policy of {destination} does not let s3.amazonaws.com in"
            )
        )
        return Refusal(
            "InvalidArgument",
            "Unable to validate the following destination configurations",
            because,
            f"Let s3.amazonaws.com in by the policy of the {kind}, where aws:SourceArn is {source}.",
            details={"ArgumentName1": destination, "ArgumentValue1": words},
        )
    return None


def _is_there(destination: str) -> bool:
    try:
        arn = Arn.parse(destination)
    except ArnError:
        return False
    if arn.service == "sqs":
        sqs = live("sqs", arn.account, arn.region)
        return sqs is not None and arn.resource in sqs.queues
    if arn.service == "sns":
        sns = live("sns", arn.account, arn.region)
        return sns is not None and destination in sns.topics
    functions = live("awslambda", arn.account, arn.region)
    names = {each.function_name for each in functions.list_functions()} if functions is not None else set()
    return arn.resource_id.partition(":")[0] in names


# -- what moto delivers ------------------------------------------------------------------------------------


def patch() -> None:
    """Have moto ask the policy of whom it delivers to."""
    from moto.s3 import notifications
    from moto.sns.models import Subscription

    @instead(Subscription, "publish")
    def published(publish: Any, self: Any, message: str, message_id: str, *args: Any, **kwargs: Any) -> None:
        if FROM_SNS.on and self.protocol in ("sqs", "lambda") and _is_wanted(self, message, args, kwargs):
            topic = self.topic
            if not lets_in("sns.amazonaws.com", self.endpoint, topic.arn, topic.account_id):
                drop(FROM_SNS, "sns.amazonaws.com", topic.arn, self.endpoint)
                return
        with _in_account_of(self):
            publish(self, message, message_id, *args, **kwargs)

    for name, destination in (
        ("_send_sqs_message", _queue_arn),
        ("_send_sns_message", _given_arn),
        ("_invoke_awslambda", _given_arn),
    ):
        setattr(notifications, name, _asking(getattr(notifications, name), destination))


def _is_wanted(subscription: Any, message: str, args: Any, kwargs: Any) -> bool:
    """Whether the filter policy of a subscription lets a message through."""
    matcher = subscription._filter_policy_matcher
    attributes = kwargs.get("message_attributes", args[1] if len(args) > 1 else None)
    return matcher is None or bool(matcher.matches(attributes, message))


@contextmanager
def _in_account_of(subscription: Any) -> Iterator[None]:
    """Have moto look for a queue in the account that its ARN names, and not in that of the topic."""
    home = subscription.account_id
    parts = subscription.endpoint.split(":")
    if subscription.protocol == "sqs" and len(parts) == 6:
        subscription.account_id = parts[4]
    try:
        yield
    finally:
        subscription.account_id = home


def _queue_arn(event: Any, name: str, region: str) -> str:
    """The queue of that name to which the bucket of an event sends: moto tells no more than its name."""
    bucket = live_bucket(_bucket_arn(event).rpartition(":")[2])
    known = (each.arn for each in bucket.notification_configuration.queue)
    return str(next(arn for arn in known if arn.split(":", 5)[3::2] == [region, name]))


def _given_arn(event: Any, arn: str, region: str) -> str:
    return arn


def _asking(send: Any, arn_of: Any) -> Any:
    """moto's sending of an S3 event, after a look at the policy of the destination."""

    def sent(account_id: str, event_body: Any, destination: str, region_name: str) -> Any:
        arn = arn_of(event_body, destination, region_name)
        source = _bucket_arn(event_body)
        if FROM_S3.on and not lets_in("s3.amazonaws.com", arn, source, account_id):
            drop(FROM_S3, "s3.amazonaws.com", source, arn)
            return None
        return send(Arn.parse(arn).account, event_body, destination, region_name)

    return sent


def _bucket_arn(event: Any) -> str:
    """The bucket that an event is about; the test event, which comes first, names it in a way of its own."""
    if "Records" in event:
        return str(event["Records"][0]["s3"]["bucket"]["arn"])
    return f"arn:aws:s3:::{event['Bucket']}"


FROM_SNS = Rule(
    "sns.delivery",
    "drops",
    "A topic delivers to a queue or a function whose policy lets sns.amazonaws.com in; otherwise the message "
    "is lost without a word.",
    "It delivers to every queue.",
    page(
        "SNS Developer Guide",
        "Subscribing an Amazon SQS queue to an Amazon SNS topic",
        "subscribe-sqs-queue-to-sns-topic",
    ),
    operations=("sns:Publish", "sns:PublishBatch"),
)
FROM_S3 = Rule(
    "s3.delivery",
    "drops",
    "A bucket delivers its events to a queue, topic or function while its policy lets s3.amazonaws.com in.",
    "It delivers to every queue.",
    page(
        "S3 User Guide",
        "Granting permissions to publish event notification messages",
        "grant-destinations-permissions-to-s3",
    ),
    operations=("s3:PutObject", "s3:CopyObject", "s3:DeleteObject", "s3:CompleteMultipartUpload"),
)
FROM_EVENTS = Rule(
    "events.delivery",
    "drops",
    "A rule delivers to a function, queue or topic whose policy lets events.amazonaws.com in.",
    "It delivers to every queue, and to no function or topic.",
    page(
        "EventBridge User Guide",
        "Using resource-based policies for Amazon EventBridge",
        "eb-use-resource-based",
    ),
    operations=("events:PutEvents",),
)

RULES = (
    Rule(
        "s3.notification-validated",
        "refuses",
        "A destination of event notifications exists, and its policy lets s3.amazonaws.com in.",
        "It takes any destination.",
        page(
            "S3 User Guide",
            "Granting permissions to publish event notification messages",
            "grant-destinations-permissions-to-s3",
        ),
        operations=("s3:PutBucketNotificationConfiguration",),
        code="InvalidArgument",
        check=_validated,
    ),
    FROM_SNS,
    FROM_S3,
    FROM_EVENTS,
)
