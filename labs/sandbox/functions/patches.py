"""moto's Lambda, and what reaches it from other services, made to go by the world's agenda.

moto runs functions in Docker containers, at once and within the call that led to it. Here nothing of that is
left: every way to a function ends in its queue of asynchronous invocations.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

from labs.sandbox.functions import queues, rules
from labs.sandbox.functions.deliveries import enqueue
from labs.sandbox.functions.lineage import depth_at_hand
from labs.sandbox.moto_time import world_now
from labs.sandbox.strict.patching import instead

__all__ = ["patch"]

_SOURCES = {"aws:s3": "s3.amazonaws.com", "aws:sns": "sns.amazonaws.com"}


def patch() -> None:
    """Patch moto; call this once, before the rules of `strict` are installed around it."""
    _functions()
    _mappings()
    _buckets()
    _topics()
    _schedules()


def _functions() -> None:
    from moto.awslambda.models import LambdaBackend, LambdaFunction

    @instead(LambdaFunction, "invoke")
    def invoke(_: Any, self: Any, body: Any, *__: Any) -> str:
        text = body.decode() if isinstance(body, bytes) else body or "{}"
        enqueue(self.function_arn, text, _cause(text))
        return ""

    @instead(LambdaFunction, "_invoke_lambda")
    def in_docker(_: Any, self: Any, event: Any = None) -> Any:
        raise NotImplementedError("lambda:Invoke")

    @instead(LambdaFunction, "__init__")
    def begun(
        begin: Any, self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any
    ) -> None:
        begin(self, account_id, spec, *args, **kwargs)
        self.dead_letter_config = spec.get("DeadLetterConfig")

    @instead(LambdaFunction, "update_configuration")
    def updated(update: Any, self: Any, changes: dict[str, Any]) -> Any:
        if "DeadLetterConfig" in changes:
            self.dead_letter_config = changes["DeadLetterConfig"]
        return update(self, changes)

    @instead(LambdaFunction, "get_configuration")
    def configuration(get: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        told = get(self, *args, **kwargs)
        letters = getattr(self, "dead_letter_config", None)
        return {**told, "DeadLetterConfig": letters} if letters else told

    @instead(LambdaBackend, "put_function_event_invoke_config")
    def configured(put: Any, self: Any, function_name: str, config: dict[str, Any]) -> Any:
        """moto keeps every configuration that there was, and goes by the first."""
        self.get_function(function_name).event_invoke_config.clear()
        return put(self, function_name, config)


def _cause(event: str) -> str:
    """The service that an event comes from, as the event itself tells."""
    try:
        records = json.loads(event)["Records"]
        return _SOURCES[records[0].get("eventSource") or records[0]["EventSource"]]
    except (ValueError, KeyError, TypeError, IndexError):
        return "lambda.amazonaws.com"


def _mappings() -> None:
    from moto.awslambda.models import LambdaBackend
    from moto.sqs.models import Queue, SQSBackend

    @instead(LambdaBackend, "create_event_source_mapping")
    def created(create: Any, self: Any, spec: dict[str, Any]) -> Any:
        mapping = create(self, spec)
        for queue in _queue_of(mapping):
            queue.lambda_event_source_mappings.clear()  # moto would run the function within SendMessage
            queues.watch(mapping)
        return mapping

    @instead(LambdaBackend, "update_event_source_mapping")
    def updated(update: Any, self: Any, uuid: str, spec: dict[str, Any]) -> Any:
        mapping = update(self, uuid, spec)
        if mapping is not None and "FunctionName" in spec:
            mapping.function_name = spec["FunctionName"]
        if mapping is not None and _queue_of(mapping):
            queues.watch(mapping)
        return mapping

    @instead(Queue, "add_message")
    def added(add: Any, self: Any, message: Any) -> None:
        message.lineage = max(queues.lineage_of(message), depth_at_hand())
        add(self, message)
        queues.arrived(self)

    @instead(SQSBackend, "change_message_visibility")
    def changed(change: Any, self: Any, queue_name: str, *args: Any, **kwargs: Any) -> Any:
        answer = change(self, queue_name, *args, **kwargs)
        queues.arrived(self.get_queue(queue_name))
        return answer


def _queue_of(mapping: Any) -> list[Any]:
    """The queue of a mapping, when it reads one."""
    from labs.sandbox.live import live

    _, _, service, region, account, name = mapping.event_source_arn.split(":", 5)
    backend = live("sqs", account, region) if service == "sqs" else None
    return [backend.queues[name]] if backend is not None and name in backend.queues else []


def _buckets() -> None:
    from moto.s3 import notifications

    describe = notifications._get_s3_event

    def described(event_name: str, bucket: Any, key: Any, notification_id: str) -> Any:
        """moto leaves out what tells events of one key apart, quotes too much, and tells a deleted size."""
        event = describe(event_name, bucket, key, notification_id)
        told = event["Records"][0]["s3"]["object"]
        told["key"] = quote_plus(key.name, safe="/")
        told["sequencer"] = f"{int(world_now().timestamp() * 1_000_000):016X}"
        if bucket.is_versioned:
            told["versionId"] = key.version_id
        if "ObjectRemoved" in event_name:
            for name in ("size", "eTag"):
                told.pop(name, None)
        return event

    notifications._get_s3_event = described


def _topics() -> None:
    from moto.sns.models import Subscription

    @instead(Subscription, "publish")
    def published(publish: Any, self: Any, message: str, message_id: str, *args: Any, **kwargs: Any) -> None:
        if self.protocol != "lambda":
            publish(self, message, message_id, *args, **kwargs)
            return
        names = ("subject", "message_attributes", "group_id", "deduplication_id", "message_structure")
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        attributes = given.get("message_attributes") or {}
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        if given.get("message_structure") == "json":
            message = self._parse_message_structure(message, self.protocol)
        event = {"Records": [_notification(self, message, message_id, given.get("subject"), attributes)]}
        enqueue(self.endpoint, json.dumps(event), "sns.amazonaws.com")


def _notification(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: dict[str, Any]
) -> dict[str, Any]:
    """Lambda Developer Guide, "Invoking Lambda functions with Amazon SNS notifications"."""
    now = world_now()
    pairs = {name: {"Type": each["Type"], "Value": _text(each["Value"])} for name, each in attributes.items()}
    return {
        "EventVersion": "1.0",
        "EventSource": "aws:sns",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": subscription.topic.arn,
            "Subject": subject,
            "Message": message,
            "Timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
            "MessageAttributes": pairs,
        },
    }


def _text(value: Any) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)


def _schedules() -> None:
    from moto.events.models import EventsBackend, Rule

    @instead(EventsBackend, "put_rule")
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        rule = original(self, *args, **kwargs)
        rules.plan(rule)
        return rule

    @instead(EventsBackend, "enable_rule")
    def enabled(original: Any, self: Any, name: str, event_bus_arn: Any) -> Any:
        answer = original(self, name, event_bus_arn)
        if answer:
            rules.plan(self.describe_rule(name, event_bus_arn))
        return answer

    @instead(EventsBackend, "disable_rule")
    def disabled(original: Any, self: Any, name: str, event_bus_arn: Any) -> Any:
        answer = original(self, name, event_bus_arn)
        if answer:
            rules.unplan(self.describe_rule(name, event_bus_arn))
        return answer

    def to_target(self: Any, target: Any, event: Any, transform_input: bool = True) -> None:
        """Hand one target to moto, which knows some kinds of them."""
        whole, self.targets = self.targets, [target]
        pattern, self.event_pattern = self.event_pattern, _Anything()
        try:
            to_all(self, event, transform_input)
        except NotImplementedError:
            pass  # a kind of target that the sandbox has not
        finally:
            self.targets, self.event_pattern = whole, pattern

    to_all = Rule.send_to_targets

    def to_targets(self: Any, event: Any, transform_input: bool = True) -> None:
        """Deliver to functions, queues and topics here, and leave the rest to moto."""
        if not self.event_pattern.matches_event(event):
            return
        for target in list(self.targets):
            if not rules.deliver(self, target, _as_told(event)):
                to_target(self, target, event, transform_input)

    Rule.send_to_targets, Rule.send_to_target = to_targets, to_target


class _Anything:
    """The pattern of a rule whose event has been matched already."""

    def matches_event(self, event: Any) -> bool:
        return True


def _as_told(event: Any) -> dict[str, Any]:
    """An event as a target sees it: moto writes its time as a number, and adds one of its own."""
    told = {name: value for name, value in event.items() if name not in ("ingestion-time", "archive-arn")}
    if not isinstance(told.get("time"), str):
        now = world_now()
        told["time"] = f"{now:%Y-%m-%dT%H:%M:%S}Z"
    return told
