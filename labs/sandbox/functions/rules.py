"""EventBridge rules: those with a schedule run by the world's clock, and events reach their targets.

Source: Amazon EventBridge User Guide, "Creating a rule that runs on a schedule (legacy)", "Event bus targets
in Amazon EventBridge", "Using resource-based policies for Amazon EventBridge", "Amazon EventBridge input
transformation".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from labs.aws.schedules import Schedule, parse_schedule
from labs.errors import InputError
from labs.sandbox.agenda import Agenda, agenda_at_hand
from labs.sandbox.functions.deliveries import send
from labs.sandbox.live import live
from labs.sandbox.moto_time import world_now
from labs.sandbox.strict.deliveries import FROM_EVENTS, drop, lets_in
from labs.sandbox.strict.rules import listening

__all__ = ["SCHEDULED", "deliver", "keep_to_schedules", "plan", "unplan"]

SCHEDULED = "events.schedule"
EVENTS = "events.amazonaws.com"
_POLICED = frozenset({"lambda", "sqs", "sns"})
Json = Any


def plan(rule: Any) -> None:
    """Put a rule's next time on the agenda, in place of what was there of it."""
    agenda = agenda_at_hand()
    if agenda is None:
        return
    unplan(rule)
    if rule.scheduled_expression and rule.state == "ENABLED":
        now = world_now()
        _plan(agenda, rule, now, now)


def unplan(rule: Any) -> None:
    """Take a rule off the agenda."""
    agenda = agenda_at_hand()
    if agenda is not None:
        agenda.cancel(SCHEDULED, **_about(rule))


def _about(rule: Any) -> dict[str, str]:
    return {"account": rule.account_id, "region": rule.region_name, "rule": rule.name}


def _plan(agenda: Agenda, rule: Any, after: datetime, since: datetime) -> None:
    try:
        schedule: Schedule = parse_schedule(rule.scheduled_expression)
    except InputError:
        return  # `strict` refuses these, and CloudFormation's are not asked about: they are never due
    moment = schedule.after(after, since)
    if moment is not None:
        agenda.plan(moment, SCHEDULED, **_about(rule), since=since.isoformat())


def keep_to_schedules(agenda: Agenda) -> None:
    """Let the rules of this world run when they are due."""

    def due(moment: datetime, about: Mapping[str, Json]) -> str | None:
        backend = live("events", about["account"], about["region"])
        rule = backend.event_buses["default"].rules.get(about["rule"]) if backend is not None else None
        if rule is None or rule.state != "ENABLED":
            return None
        _plan(agenda, rule, moment, datetime.fromisoformat(about["since"]))
        with listening() as told:
            _run(rule, moment)
        return " ".join([f"rule {rule.name} runs", *(f"({each.text})" for each in told)])

    agenda.on(SCHEDULED, due)


def _run(rule: Any, moment: datetime) -> None:
    from moto.moto_api._internal import mock_random

    event = {
        "version": "0",
        "id": str(mock_random.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": rule.account_id,
        "time": f"{moment:%Y-%m-%dT%H:%M:%S}Z",
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }
    for target in list(rule.targets):
        if not deliver(rule, target, event):
            rule.send_to_target(target, event)


def deliver(rule: Any, target: Mapping[str, Json], event: Mapping[str, Json]) -> bool:
    """Deliver an event to a function, queue or topic whose policy lets EventBridge in.

    Returns:
        Whether the target is one of these; the others are moto's concern.
    """
    destination = str(target["Arn"])
    service = (destination.split(":") + [""] * 3)[2]
    if service not in _POLICED:
        return False
    if FROM_EVENTS.on and not lets_in(EVENTS, destination, rule.arn, rule.account_id):
        drop(FROM_EVENTS, EVENTS, rule.arn, destination)
        return True
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    send(destination, _input(target, event), EVENTS, group=group)
    return True


def _input(target: Mapping[str, Json], event: Mapping[str, Json]) -> str:
    """What a target is given: the event, a part of it, or what the target says instead."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(_found(target["InputPath"], event))
    if transformer := target.get("InputTransformer"):
        return _transformed(transformer, event)
    return json.dumps(event)


def _transformed(transformer: Mapping[str, Json], event: Mapping[str, Json]) -> str:
    """The template with its variables filled in; text that is no JSON becomes a string of JSON."""
    template = str(transformer["InputTemplate"])
    values: dict[str, Json] = {
        name: _found(path, event) for name, path in (transformer.get("InputPathsMap") or {}).items()
    }
    values["aws.events.event.json"] = event
    for name, value in values.items():
        plain = value if isinstance(value, str) else json.dumps(value)
        # Within quotes a variable stands for its text; on its own, for its value.
        template = template.replace(f'"<{name}>"', json.dumps(plain)).replace(f"<{name}>", plain)
    try:
        json.loads(template)
    except ValueError:
        return json.dumps(template)
    return template


def _found(path: str, event: Mapping[str, Json]) -> Json:
    from jsonpath_ng.ext import parse  # type: ignore[attr-defined]  # it says so in its documentation

    found = parse(path).find(event)
    return found[0].value if found else None
