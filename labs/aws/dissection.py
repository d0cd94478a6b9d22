"""An ARN taken apart: what each part means, what is wrong with it, and what was probably meant.

Source: Service Authorization Reference, "Resource types defined by …" of each service; IAM User Guide, "IAM
identifiers".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from labs.aws.identifiers import (
    PARTITIONS,
    ResourceId,
    account_fault,
    is_account_id,
    is_region,
    partition_of_region,
    region_fault,
    resource_id_fault,
)

__all__ = ["Dissection", "Part", "Problem", "dissect"]

Presence = Literal["always", "never", "either"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an ARN as it was written, and what it means in words."""

    name: str
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `part` names where, and is empty when the whole is no ARN."""

    part: str
    title: str
    detail: str
    hint: str


@dataclass(frozen=True, slots=True)
class Dissection:
    """What `dissect` found. `suggestion` is an ARN without problems that was probably meant; None when there is no guess."""

    text: str
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    suggestion: str | None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class _Service:
    """How a service writes its ARNs: whether Region and account stand there, and its resource types with their separator."""

    title: str
    region: Presence = "always"
    account: Presence = "always"
    separator: str = "/"
    types: tuple[str, ...] = ()


_SERVICES: Final = {
    "acm": _Service("AWS Certificate Manager", types=("certificate",)),
    "autoscaling": _Service("EC2 Auto Scaling", separator=":", types=("autoScalingGroup", "launchConfiguration")),
    "budgets": _Service("AWS Budgets", region="never", types=("budget",)),
    "cloudformation": _Service("CloudFormation", types=("stack", "stackset", "changeSet")),
    "cloudfront": _Service("CloudFront", region="never", types=("distribution",)),
    "cloudtrail": _Service("CloudTrail", types=("trail",)),
    "cloudwatch": _Service("CloudWatch", separator=":", types=("alarm",)),
    "dynamodb": _Service("DynamoDB", types=("table",)),
    "ec2": _Service(
        "EC2", account="either",
        types=("instance", "volume", "snapshot", "image", "subnet", "vpc", "security-group", "security-group-rule",
               "network-interface", "network-acl", "key-pair", "launch-template", "internet-gateway", "route-table",
               "natgateway", "elastic-ip", "vpc-endpoint", "vpc-peering-connection", "placement-group"),
    ),
    "ecr": _Service("Elastic Container Registry", types=("repository",)),
    "ecs": _Service("Elastic Container Service", types=("cluster", "service", "task", "task-definition")),
    "elasticloadbalancing": _Service("Elastic Load Balancing", types=("loadbalancer", "targetgroup", "listener")),
    "events": _Service("EventBridge", types=("rule", "event-bus")),
    "iam": _Service(
        "IAM", region="never",
        types=("user", "group", "role", "policy", "instance-profile", "mfa", "oidc-provider", "saml-provider",
               "server-certificate", "root"),
    ),
    "kms": _Service("Key Management Service", types=("key", "alias")),
    "lambda": _Service("Lambda", separator=":", types=("function", "layer", "event-source-mapping")),
    "logs": _Service("CloudWatch Logs", separator=":", types=("log-group",)),
    "rds": _Service("RDS", separator=":", types=("db", "cluster", "snapshot", "subgrp", "pg", "og")),
    "route53": _Service("Route 53", region="never", account="never", types=("hostedzone", "healthcheck")),
    "s3": _Service("S3", region="either", account="either"),
    "sagemaker": _Service(
        "SageMaker AI",
        types=("training-job", "endpoint", "endpoint-config", "model", "notebook-instance", "domain", "processing-job"),
    ),
    "secretsmanager": _Service("Secrets Manager", separator=":", types=("secret",)),
    "sns": _Service("SNS", separator=""),
    "sqs": _Service("SQS", separator=""),
    "ssm": _Service("Systems Manager", types=("parameter", "document", "managed-instance")),
    "states": _Service("Step Functions", separator=":", types=("stateMachine", "execution")),
    "sts": _Service("Security Token Service", region="never", types=("assumed-role", "federated-user")),
}  # fmt: skip

_NAMES: Final = ("partition", "service", "region", "account", "resource")
_OWNED_BY_AWS: Final = frozenset({"image", "snapshot"})
_S3_WITH_PLACE: Final = ("accesspoint", "job", "storage-lens", "access-grants")


def dissect(text: str) -> Dissection:
    """Take an ARN apart; never raises, whatever the text."""
    text = text if isinstance(text, str) else ""
    draft = _Draft(text)
    if not draft.problems:
        _examine(draft)
    guess = draft.guess()
    good = guess is not None and guess != text and not _faults_of(guess)
    return Dissection(
        text, tuple(_meanings(text)), tuple(draft.problems), guess if good and draft.problems else None
    )


def _faults_of(text: str) -> list[Problem]:
    draft = _Draft(text)
    if not draft.problems:
        _examine(draft)
    return draft.problems


class _Draft:
    """An ARN under repair: its five parts, put right as far as possible, and the problems that were met on the way."""

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self.parts: dict[str, str] | None = None
        bare = text.strip().strip("\"'`,").strip()
        if not bare:
            self.report("", "The text is empty", "An ARN has six parts with colons between them.", _FORM)
        elif bare[:4].lower() != "arn:":
            self._without_prefix(bare)
        elif bare != text:
            self.report(
                "",
                "There is something around the ARN",
                "Blanks, quotes or commas do not belong to it.",
                _FORM,
            )
            self._split(bare)
        elif bare[:4] != "arn:":
            self.report("", "An ARN starts with arn: in lower case", f"This starts with {bare[:4]}.", _FORM)
            self._split("arn:" + bare[4:])
        else:
            self._split(bare)

    def report(self, part: str, title: str, detail: str, hint: str) -> None:
        self.problems.append(Problem(part, title, detail, hint))

    def guess(self) -> str | None:
        """The ARN as it was put right; None when too little of it was there."""
        if self.parts is None or not all(self.parts[name] for name in ("partition", "service", "resource")):
            return None
        return ":".join(("arn", *(self.parts[name] for name in _NAMES)))

    def _split(self, text: str) -> None:
        parts = text.split(":", 5)[1:]
        if len(parts) == 5:
            self.parts = dict(zip(_NAMES, parts, strict=True))
            if parts[0] not in PARTITIONS and parts[0] in _SERVICES:
                self.report(
                    "partition",
                    "The partition is missing",
                    f"After arn: stands {parts[0]}.",
                    "Write arn:aws:…",
                )
                self.parts = _rebuilt(["aws", *text.split(":")[1:]])
            return
        self.report(
            "",
            "An ARN has five colons at least",
            f"This has {text.count(':')}. A part that a service does not use is left empty, but its colon stays.",
            _FORM,
        )
        self.parts = _rebuilt(text.split(":")[1:])

    def _without_prefix(self, text: str) -> None:
        guess, what = _elsewhere(text)
        self.report("", "This is not an ARN", f"It does not start with arn:{what}.", _FORM)
        if guess:
            self._split(guess)


_FORM = "The form is arn:partition:service:region:account-id:resource."


def _elsewhere(text: str) -> tuple[str | None, str]:
    """The ARN behind another way to name a thing, and what that way is."""
    if re.match(r"aws[a-z-]*:", text):
        return f"arn:{text}", ""
    if match := re.fullmatch(r"s3://([^/]+)/?(.*)", text, re.DOTALL):
        return f"arn:aws:s3:::{match[1]}" + (f"/{match[2]}" if match[2] else ""), "; it is an S3 URI"
    if match := re.fullmatch(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.com/([0-9]{12})/([^/]+)", text):
        return f"arn:aws:sqs:{match[1]}:{match[2]}:{match[3]}", "; it is a queue's URL"
    if match := re.fullmatch(r"https://([^/.]+)\.s3[a-z0-9.-]*\.amazonaws\.com/?(.*)", text, re.DOTALL):
        return f"arn:aws:s3:::{match[1]}" + (f"/{match[2]}" if match[2] else ""), "; it is an object's URL"
    if is_account_id(text):
        return f"arn:aws:iam::{text}:root", "; it is an account id"
    if found := ResourceId.split(text):
        article = "an" if found.kind[0] in "aeiouAEIOU" else "a"
        return None, f"; it is the id of {article} {found.kind}, the last part of its ARN"
    return None, ""


def _rebuilt(parts: list[str]) -> dict[str, str] | None:
    """The five parts put where they belong, from an ARN with too few colons or too many."""
    if parts and parts[0] not in PARTITIONS and parts[0] in _SERVICES:
        parts = ["aws", *parts]
    if len(parts) < 3:
        return None
    partition, service, *rest = parts
    region = account = ""
    while len(rest) > 1 and (not rest[0] or is_region(rest[0]) or is_account_id(rest[0])):
        head = rest.pop(0)
        if is_region(head):
            region = head
        elif head:
            account = head
    return dict(zip(_NAMES, (partition, service, region, account, ":".join(rest)), strict=True))


def _examine(draft: _Draft) -> None:
    """Look at each part and put it right where that is possible."""
    parts = draft.parts
    if parts is None:
        return
    _partition(draft, parts)
    _service(draft, parts)
    service = _SERVICES.get(parts["service"])
    if not parts["resource"]:
        draft.report("resource", "The resource is missing", "Nothing follows the fifth colon.", _FORM)
        return
    if service is None:
        _place(draft, parts, "either", "either")
        return
    if parts["service"] in ("iam", "sts"):
        _identity(draft, parts)
        service = _SERVICES[parts["service"]]
    if parts["service"] == "s3":
        _storage(draft, parts)
        return
    kind = re.split(r"[:/]", parts["resource"], maxsplit=1)[0]
    image = parts["service"] == "ec2" and kind in _OWNED_BY_AWS
    _place(
        draft,
        parts,
        service.region,
        service.account if not service.account == "either" or image else "always",
    )
    _resource(draft, parts, service, kind)


def _partition(draft: _Draft, parts: dict[str, str]) -> None:
    written = parts["partition"]
    wanted = partition_of_region(parts["region"]) if is_region(parts["region"]) else None
    if written in PARTITIONS or written == "*":
        if wanted and written != "*" and wanted != written:
            draft.report(
                "partition",
                "Partition and Region do not belong together",
                f"{parts['region']} is in the partition {wanted}, not in {written}.",
                f"Write arn:{wanted}:…",
            )
            parts["partition"] = wanted
        return
    draft.report(
        "partition",
        "There is no such partition",
        f"It is {_show(written)}." if written else "It is empty.",
        "It is aws almost everywhere, aws-cn in China and aws-us-gov in GovCloud.",
    )
    parts["partition"] = wanted or "aws"


def _service(draft: _Draft, parts: dict[str, str]) -> None:
    written = parts["service"]
    if not written:
        draft.report(
            "service",
            "The service is missing",
            "Nothing stands after the partition.",
            "It is s3, iam, ec2, …",
        )
    elif "*" in written or "?" in written:
        draft.report(
            "service",
            "The service takes no wildcard",
            f"It is {_show(written)}.",
            "Wildcards may stand in the Region, the account and the resource.",
        )
        parts["service"] = ""
    elif written not in _SERVICES and (
        written.lower() in _SERVICES or not re.fullmatch(r"[a-z0-9-]+", written) or _near(written)
    ):
        near = _near(written)
        draft.report(
            "service",
            "The service is not written as AWS writes it",
            f"It is {_show(written)}.",
            f"Did you mean {near}?" if near else "It is lower case: letters, digits and hyphens.",
        )
        parts["service"] = near or ""


def _near(written: str) -> str | None:
    lowered = written.lower()
    if lowered in _SERVICES:
        return lowered
    known = {"elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "stepfunctions": "states"}
    if lowered in known:
        return known[lowered]
    found = get_close_matches(lowered[:40], _SERVICES, n=1, cutoff=0.8)
    return found[0] if found else None


def _place(draft: _Draft, parts: dict[str, str], region: Presence, account: Presence) -> None:
    """Region and account: present where the service wants them, absent where it does not, and well formed."""
    title = _SERVICES[parts["service"]].title if parts["service"] in _SERVICES else "This service"
    if parts["region"] and region == "never":
        draft.report(
            "region",
            f"{title} is global, so its ARNs leave the Region empty",
            f"Here it is {_show(parts['region'])}.",
            "Write two colons in a row: the empty Region stands between them.",
        )
        parts["region"] = ""
    elif not parts["region"] and region == "always":
        draft.report(
            "region",
            "The Region is missing",
            f"{title} keeps its resources in a Region.",
            "Write it: us-east-1.",
        )
    elif parts["region"] and not _has_wildcard(parts["region"]) and (fault := region_fault(parts["region"])):
        draft.report(
            "region",
            "This is no Region",
            f"It is {_show(parts['region'])}: {fault}.",
            "Write it as in us-east-1.",
        )
        meant = re.search(r"(?:is|case:|hyphens:) ([a-z]{2}-[a-z-]+-[0-9])$", fault)
        parts["region"] = meant[1] if meant else parts["region"]
    if parts["account"] and account == "never":
        draft.report(
            "account",
            f"ARNs of {title} leave the account empty",
            f"Here it is {_show(parts['account'])}.",
            "Write two colons in a row: the empty account stands between them.",
        )
        parts["account"] = ""
    elif not parts["account"] and account == "always":
        draft.report(
            "account",
            "The account is missing",
            f"{title} keeps its resources in an account.",
            "Write its id.",
        )
    elif (
        parts["account"]
        and parts["account"] not in ("aws", "aws-managed", "cloudfront")
        and not _has_wildcard(parts["account"])
        and (fault := account_fault(parts["account"]))
    ):
        draft.report(
            "account", "This is no account id", f"It is {_show(parts['account'])}: {fault}.", "Twelve digits."
        )
        digits = re.sub(r"[- ]", "", parts["account"])
        parts["account"] = digits if is_account_id(digits) else parts["account"]


def _identity(draft: _Draft, parts: dict[str, str]) -> None:
    """IAM and STS: who lives where, and sessions that are mistaken for roles."""
    service, resource = parts["service"], parts["resource"]
    if service == "iam" and resource.startswith("assumed-role/"):
        draft.report(
            "service",
            "A session belongs to sts",
            "An assumed-role ARN is made by STS.",
            "Write arn:aws:sts::…",
        )
        parts["service"] = "sts"
    elif service == "sts" and resource.startswith(("role/", "user/")):
        draft.report(
            "service", "Roles and users belong to iam", f"This is {_show(resource)}.", "Write arn:aws:iam::…"
        )
        parts["service"] = "iam"
    if parts["service"] == "sts" and resource.startswith("assumed-role/"):
        named = resource.split("/")[1:]
        if len(named) == 1:
            draft.report(
                "resource",
                "The session's name is missing",
                "An assumed-role ARN ends with the role's name and the session's name.",
                "Write assumed-role/ROLE/SESSION, or iam …:role/ROLE for the role itself.",
            )
        elif len(named) > 2:
            draft.report(
                "resource",
                "A session's ARN leaves out the role's path",
                f"Between assumed-role/ and the session stands {_show('/'.join(named[:-1]))}.",
                "Write assumed-role/ROLE/SESSION.",
            )
            parts["resource"] = f"assumed-role/{named[-2]}/{named[-1]}"


def _storage(draft: _Draft, parts: dict[str, str]) -> None:
    """S3: buckets and objects have neither Region nor account."""
    resource = parts["resource"]
    for kind in ("bucket/", "bucket:", "object/"):
        if resource.startswith(kind) and len(resource) > len(kind):
            draft.report(
                "resource",
                "S3 writes no resource type",
                f"The resource starts with {kind[:-1]}.",
                "A bucket is arn:aws:s3:::NAME and an object arn:aws:s3:::NAME/KEY.",
            )
            parts["resource"] = resource = resource[len(kind) :]
    if resource.startswith(_S3_WITH_PLACE) and parts["region"]:
        _place(draft, parts, "always", "always")
        return
    _place(draft, parts, "never", "never")
    bucket, slash, key = resource.partition("/")
    if slash and not key:
        draft.report(
            "resource",
            "The object's key is missing",
            "A slash follows the bucket's name, and nothing follows the slash.",
            "Without the slash it is the bucket; /* stands for all of its objects.",
        )
        parts["resource"] = bucket
    if bucket != bucket.lower() or "_" in bucket:
        draft.report(
            "resource",
            "A bucket's name has no capitals and no underscores",
            f"It is {_show(bucket)}.",
            "Bucket names hold lower-case letters, digits, hyphens and dots.",
        )


def _resource(draft: _Draft, parts: dict[str, str], service: _Service, kind: str) -> None:
    """The type of the resource, the sign after it, and the id behind that."""
    resource = parts["resource"]
    if not service.types:
        if match := re.match(r"(queue|topic)[:/](.+)", resource):
            draft.report(
                "resource",
                f"{service.title} writes no resource type",
                f"The resource starts with {match[1]}.",
                f"The name follows the account at once: {match[2]}.",
            )
            parts["resource"] = match[2]
        return
    if _has_wildcard(kind) or resource == "root":
        return
    if kind not in service.types:
        near = get_close_matches(kind[:60], service.types, n=1, cutoff=0.75)
        if near:
            draft.report(
                "resource",
                "There is no such resource type",
                f"It is {_show(kind)}.",
                f"Did you mean {near[0]}?",
            )
            parts["resource"] = near[0] + resource[len(kind) :]
        elif parts["service"] in ("iam", "sts", "lambda", "dynamodb") or kind == resource:
            listed = ", ".join(service.types[:6])
            draft.report(
                "resource",
                "The resource's type is missing",
                f"{service.title} starts the resource with its type; this starts with {_show(kind)}.",
                f"The types are {listed}{', …' if len(service.types) > 6 else ''}.",
            )
        return
    rest = resource[len(kind) :]
    sign, name = rest[:1], rest[1:]
    if sign and sign != service.separator:
        draft.report(
            "resource",
            f"{service.title} sets the type apart with {service.separator}",
            f"Here {_show(sign)} follows {kind}.",
            f"Write {kind}{service.separator}{_clip(name)}",
        )
        parts["resource"] = f"{kind}{service.separator}{name}"
    if not name:
        draft.report("resource", "The resource's name is missing", f"Nothing follows {_show(kind)}.", _FORM)
    elif (
        parts["service"] == "ec2"
        and kind not in ("key-pair", "placement-group")
        and not _has_wildcard(name)
        and (fault := resource_id_fault(name))
    ):
        draft.report(
            "resource",
            "The resource id is not well formed",
            f"It is {_show(name)}: {fault}.",
            "Copy it whole.",
        )


# What each part means


def _meanings(text: str) -> Iterator[Part]:
    parts = text.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return
    _, partition, service, region, account, resource = parts
    known = _SERVICES.get(service)
    yield Part("partition", partition, PARTITIONS.get(partition, "not a partition of AWS"))
    yield Part("service", service, known.title if known else "a service")
    yield Part("region", region, _region_meaning(region, service))
    yield Part("account", account, _account_meaning(account, service))
    yield Part("resource", resource, _resource_meaning(service, resource))


def _region_meaning(region: str, service: str) -> str:
    if region == "*":
        return "every Region"
    if region:
        return "the Region that holds the resource"
    return (
        "empty: bucket names are unique in the partition"
        if service == "s3"
        else "empty: the service is global"
    )


def _account_meaning(account: str, service: str) -> str:
    if account == "*":
        return "every account"
    if account == "aws":
        return "AWS itself: a managed policy that AWS maintains"
    if account:
        return "the account that owns the resource"
    return (
        "empty: a bucket's name alone says whose it is" if service == "s3" else "empty: no account is named"
    )


def _resource_meaning(service: str, resource: str) -> str:
    if resource == "*":
        return "every resource"
    if service == "s3":
        bucket, slash, key = resource.partition("/")
        if not slash:
            return f"the bucket {_clip(bucket)}"
        return (
            f"every object in the bucket {_clip(bucket)}"
            if key == "*"
            else f"the object {_clip(key)} in {_clip(bucket)}"
        )
    if service == "iam" and resource == "root":
        return "the account as a whole"
    kind, sign, rest = re.match(r"([^:/]*)([:/]?)(.*)", resource, re.DOTALL).groups()  # type: ignore[union-attr]
    if not sign:
        return f"named {_clip(resource)}"
    if service == "sts" and kind == "assumed-role" and rest.count("/") == 1:
        role, session = rest.split("/")
        return f"the session {_clip(session)} of the role {_clip(role)}"
    path, slash, name = rest.rpartition("/")
    if service == "iam" and slash:
        return f"the {kind} {_clip(name)}, under the path /{_clip(path)}/"
    return f"the {kind} {_clip(rest)}"


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text or "${" in text


def _clip(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _show(text: str) -> str:
    return f'"{_clip(text)}"'
