"""Application Load Balancers are a model: no traffic flows, and the health of targets is worked out.

A target is healthy when its group belongs to a listener, its instance runs in a zone of the load balancer,
the security groups on both sides let the health check through, and the instance answers it. What an instance
answers is not known, since nothing runs on it: by default 200 everywhere. A tag `skylab:answers` says
otherwise, as in `80/=200 80/health=503`: then every other path answers 404, and other ports nothing.

Left out: network ACLs, how many checks in a row a change takes, and targets that are no instances, which moto
calls healthy.

Source: User Guide for Application Load Balancers, "Health checks for Application Load Balancer target groups"
(statuses, reason codes and descriptions) and "Security groups for your Application Load Balancer".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Network
from typing import Any, Final

from labs.sandbox.agenda import agenda_at_hand
from labs.sandbox.answers import output_of
from labs.sandbox.carrier import Answer
from labs.sandbox.live import live
from labs.sandbox.lives import find_instance
from labs.sandbox.served.ask import Ask, Handler, Key

__all__ = ["ANSWERS", "HANDLERS"]

ANSWERS: Final = "skylab:answers"
_SERVED: Final = re.compile(r"(\d{1,5})(/\S*)=(\d{3})")

_IN_USE = "Target group is not configured to receive traffic from the load balancer"
_ZONE = "Target is in an Availability Zone that is not enabled for the load balancer"


def _register(ask: Ask) -> Answer:
    """Register targets, and note since when each is one: its first check takes an interval."""
    answer = ask.forward()
    agenda, group = agenda_at_hand(), _group(ask)
    if answer.status < 400 and group is not None and agenda is not None and not agenda.hurried:
        since = dict(vars(group).get("_since", {}))
        for target in ask.params.get("Targets") or ():
            since.setdefault(str(target["Id"]), ask.now)
        vars(group)["_since"] = {each: moment for each, moment in since.items() if each in group.targets}
    return answer


def _health(ask: Ask) -> Mapping[str, Any] | Answer:
    answer = ask.forward()
    group = _group(ask)
    if answer.status >= 400 or group is None or group.protocol not in ("HTTP", "HTTPS"):
        return answer
    output = output_of(ask.call, answer)
    for told in output.get("TargetHealthDescriptions", ()):
        target = told["Target"]
        instance = find_instance(ask.account, ask.call.region, str(target["Id"]))
        if instance is None or told["TargetHealth"]["State"] != "healthy":
            continue
        state, reason, description = _judged(ask, group, instance, int(target["Port"]))
        known = {"Reason": reason, "Description": description}
        told["TargetHealth"] = {"State": state, **{name: text for name, text in known.items() if text}}
    return output


def _group(ask: Ask) -> Any:
    balancing = live("elbv2", ask.account, ask.call.region)
    return balancing.target_groups.get(ask.text("TargetGroupArn")) if balancing is not None else None


def _judged(ask: Ask, group: Any, instance: Any, port: int) -> tuple[str, str, str]:
    """State, reason code and description of one target."""
    balancing = live("elbv2", ask.account, ask.call.region)
    balancers = [found for arn in group.load_balancer_arns if (found := balancing.load_balancers.get(arn))]
    if not balancers:
        return "unused", "Target.NotInUse", _IN_USE
    if instance.state != "running":
        return "unused", "Target.InvalidState", f"Target is in the {instance.state} state"
    ec2 = instance.ec2_backend
    subnets = list(balancers[0].subnets)
    if instance.placement.zone not in {each.availability_zone for each in subnets}:
        return "unused", "Target.NotInUse", _ZONE
    if _is_new(group, instance.id, ask.now):
        return "initial", "Elb.RegistrationInProgress", "Target registration is in progress"
    check = port if group.health_check_port in (None, "traffic-port") else int(group.health_check_port)
    if not _reaches(ec2, balancers[0], subnets, instance, check):
        return "unhealthy", "Target.Timeout", "Request timed out"
    return _answered(group, instance, check)


def _is_new(group: Any, target: str, now: datetime) -> bool:
    since: datetime | None = vars(group).get("_since", {}).get(target)
    interval = timedelta(seconds=int(group.health_check_interval_seconds))
    return since is not None and now - since < interval


def _answered(group: Any, instance: Any, port: int) -> tuple[str, str, str]:
    """What comes of the check that reaches the instance."""
    written = {tag["key"]: str(tag["value"]) for tag in instance.get_tags()}.get(ANSWERS)
    if written is None:
        code = 200
    else:
        served = {(int(at), path): int(code) for at, path, code in _SERVED.findall(written)}
        if port not in {at for at, _ in served}:
            return "unhealthy", "Target.FailedHealthChecks", "Health checks failed"
        code = served.get((port, (group.health_check_path or "/").partition("?")[0]), 404)
    if code in _codes(str((group.matcher or {}).get("HttpCode", "200"))):
        return "healthy", "", ""
    return "unhealthy", "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]"


def _codes(matcher: str) -> set[int]:
    """The codes in `200,301-303`."""
    found: set[int] = set()
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        found |= set(range(int(low), int(high or low) + 1))
    return found


# -- security groups ---------------------------------------------------------------------------------------


def _reaches(ec2: Any, balancer: Any, subnets: Iterable[Any], instance: Any, port: int) -> bool:
    """Whether the groups of the load balancer let a check out, and those of the instance let it in."""
    own = [ec2.get_security_group_from_id(each) for each in balancer.security_groups or ()]
    theirs = [each for each in instance.nics[0].group_set if each is not None]
    out = (rule for group in own if group is not None for rule in group.egress_rules)
    into = (rule for group in theirs for rule in group.ingress_rules)
    # Any address of its subnets may be the one that a node of the load balancer has.
    nodes = [subnet.cidr_block for subnet in subnets]
    return _allows(out, port, {each.id for each in theirs}, [f"{instance.private_ip}/32"]) and _allows(
        into, port, set(balancer.security_groups or ()), nodes
    )


def _allows(rules: Iterable[Any], port: int, groups: set[str], blocks: Iterable[str]) -> bool:
    """Whether rules for the port let in one of the groups, or all addresses of the blocks."""
    wide = []
    for rule in rules:
        if rule.ip_protocol != "-1" and not (rule.ip_protocol == "tcp" and _within(rule, port)):
            continue
        if rule.source_group.get("GroupId") in groups:
            return True
        if block := rule.ip_range.get("CidrIp"):
            wide.append(IPv4Network(block, strict=False))
    return bool(wide) and all(any(IPv4Network(each).subnet_of(one) for one in wide) for each in blocks)


def _within(rule: Any, port: int) -> bool:
    return rule.from_port is not None and int(rule.from_port) <= port <= int(rule.to_port)


HANDLERS: Mapping[Key, Handler] = {
    ("elbv2", "DescribeTargetHealth"): _health,
    ("elbv2", "RegisterTargets"): _register,
}
