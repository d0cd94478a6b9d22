"""The checks that `dissect` makes: each looks at one matter, and yields problems with the repaired fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NamedTuple, TypeAlias

from labs.aws import reference
from labs.aws.identifiers import (
    PARTITIONS,
    account_fault,
    is_account_id,
    is_region,
    partition_of_region,
    region_fault,
    resource_id_fault,
)
from labs.aws.services import SERVICES, Presence, nearest_service

__all__ = ["FORM", "Fields", "Problem", "examine", "show"]

FORM: Final = "The form is arn:partition:service:region:account-id:resource."
_TWO_COLONS: Final = "Write two colons in a row: the empty part stands between them."
_OWNED_BY_AWS: Final = ("image", "snapshot")
_S3_IN_A_REGION: Final = ("accesspoint", "job", "storage-lens", "access-grants")


class Fields(NamedTuple):
    """The five parts after `arn:`, as they are written."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def type(self) -> str:
        """What stands before the first slash or colon of the resource."""
        return re.split(r"[:/]", self.resource, maxsplit=1)[0]

    def __str__(self) -> str:
        return ":".join(("arn", *self))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `part` names the part, and is empty when the whole is no ARN."""

    part: str
    title: str
    detail: str
    hint: str


Repair: TypeAlias = Iterator[tuple[Problem, Fields]]


def examine(fields: Fields) -> tuple[list[Problem], Fields]:
    """Make every check in order, each on what the earlier ones repaired."""
    problems: list[Problem] = []
    for check in _CHECKS:
        for problem, repaired in check(fields):
            problems.append(problem)
            fields = repaired
    return problems, fields


def _partition(fields: Fields) -> Repair:
    written = fields.partition
    wanted = partition_of_region(fields.region) if is_region(fields.region) else None
    if written in PARTITIONS and wanted and wanted != written:
        yield (
            Problem(
                "partition",
                "Partition and Region do not belong together",
                f"{fields.region} is in the partition {wanted}, not in {written}.",
                f"Write arn:{wanted}:…",
            ),
            fields._replace(partition=wanted),
        )
    elif written not in PARTITIONS and written != "*":
        yield (
            Problem(
                "partition",
                "There is no such partition",
                f"It is {show(written)}." if written else "It is empty.",
                "It is aws almost everywhere, aws-cn in China and aws-us-gov in GovCloud.",
            ),
            fields._replace(partition=wanted or "aws"),
        )


def _service(fields: Fields) -> Repair:
    written = fields.service
    near = nearest_service(written)
    if not written:
        yield (
            Problem("service", "The service is missing", "Its place is empty.", "It is s3, iam, ec2, …"),
            fields,
        )
    elif _has_wildcard(written):
        yield (
            Problem(
                "service",
                "The service takes no wildcard",
                f"It is {show(written)}.",
                "Wildcards may stand in the Region, the account and the resource.",
            ),
            fields._replace(service=""),
        )
    elif written not in SERVICES and (near or not re.fullmatch(r"[a-z0-9-]+", written)):
        yield (
            Problem(
                "service",
                "The service is not written as AWS writes it",
                f"It is {show(written)}.",
                f"Did you mean {near}?" if near else "It is lower case: letters, digits and hyphens.",
            ),
            fields._replace(service=near or ""),
        )


def _iam_or_sts(fields: Fields) -> Repair:
    """Who belongs to IAM and who to STS."""
    if fields.service == "iam" and fields.type == "assumed-role":
        yield (
            Problem(
                "service",
                "A session belongs to sts",
                "STS makes assumed-role sessions; IAM keeps the role.",
                "Write arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION.",
            ),
            fields._replace(service="sts"),
        )
    elif fields.service == "sts" and fields.type in ("role", "user"):
        yield (
            Problem(
                "service",
                "Roles and users belong to iam",
                f"This is the {fields.type} itself, not a session.",
                f"Write arn:aws:iam::ACCOUNT:{fields.type}/NAME.",
            ),
            fields._replace(service="iam"),
        )


def _region(fields: Fields) -> Repair:
    service = SERVICES.get(fields.service)
    wanted: Presence = service.region if service else "either"
    if _is_regional_s3(fields):
        wanted = "always"
    if _is_listed(fields):
        wanted = "either"
    written = fields.region
    if wanted == "never" and written:
        empty = (
            "S3 bucket names are unique in the partition"
            if fields.service == "s3"
            else "The service is global"
        )
        yield (
            Problem(
                "region",
                "The Region stays empty here",
                f"{empty}, and this says {show(written)}.",
                _TWO_COLONS,
            ),
            fields._replace(region=""),
        )
    elif wanted == "always" and not written:
        title = service.title if service else fields.service
        yield (
            Problem(
                "region",
                "The Region is missing",
                f"{title} keeps its resources in a Region.",
                "As in us-east-1.",
            ),
            fields,
        )
    elif written and not _has_wildcard(written) and (fault := region_fault(written)):
        meant = re.search(r"(?:is|case:|hyphens:) ([a-z]{2}-[a-z-]+-[0-9])$", fault)
        yield (
            Problem("region", "This is no Region", f"It is {show(written)}: {fault}.", "As in us-east-1."),
            fields._replace(region=meant[1] if meant else written),
        )


def _account(fields: Fields) -> Repair:
    service = SERVICES.get(fields.service)
    wanted: Presence = service.account if service else "either"
    if fields.service == "ec2" and fields.type in _OWNED_BY_AWS:
        wanted = "either"
    elif _is_regional_s3(fields):
        wanted = "always"
    if _is_listed(fields):
        wanted = "either"
    written = fields.account
    if wanted == "never" and written:
        yield (
            Problem(
                "account",
                "The account stays empty here",
                f"{service.title if service else 'This service'} writes none, and this says {show(written)}.",
                _TWO_COLONS,
            ),
            fields._replace(account=""),
        )
    elif wanted == "always" and not written:
        yield (
            Problem(
                "account",
                "The account is missing",
                "The resource is in an account.",
                "Write its twelve digits.",
            ),
            fields,
        )
    elif (
        written not in ("", "aws", "cloudfront")
        and not _has_wildcard(written)
        and (fault := account_fault(written))
    ):
        digits = re.sub(r"[- ]", "", written)
        yield (
            Problem(
                "account", "This is no account id", f"It is {show(written)}: {fault}.", "As in 123456789012."
            ),
            fields._replace(account=digits if is_account_id(digits) else written),
        )


def _resource(fields: Fields) -> Repair:
    if not fields.resource:
        yield Problem("resource", "The resource is missing", "Nothing follows the fifth colon.", FORM), fields


def _session(fields: Fields) -> Repair:
    """A session's ARN holds the role's name and the session's, and no path."""
    if (fields.service, fields.type) != ("sts", "assumed-role"):
        return
    named = fields.resource.split("/")[1:]
    if len(named) == 1:
        yield (
            Problem(
                "resource",
                "The session's name is missing",
                "An assumed-role ARN ends with the role's name and the session's name.",
                "Write assumed-role/ROLE/SESSION, or arn:aws:iam::ACCOUNT:role/ROLE for the role itself.",
            ),
            fields,
        )
    elif len(named) > 2:
        yield (
            Problem(
                "resource",
                "A session's ARN leaves out the role's path",
                f"Between assumed-role/ and the session stands {show('/'.join(named[:-1]))}.",
                "Write assumed-role/ROLE/SESSION.",
            ),
            fields._replace(resource=f"assumed-role/{named[-2]}/{named[-1]}"),
        )


def _bucket(fields: Fields) -> Repair:
    """S3: no resource type, a key behind each slash, and names as buckets have them."""
    if fields.service != "s3" or _is_regional_s3(fields):
        return
    if typed := re.fullmatch(r"(bucket|object):(.+)", fields.resource, re.DOTALL):
        fields = fields._replace(resource=typed[2])
        yield (
            Problem(
                "resource",
                "S3 writes no resource type",
                f"The resource starts with {typed[1]}.",
                "A bucket is arn:aws:s3:::NAME, an object arn:aws:s3:::NAME/KEY.",
            ),
            fields,
        )
    bucket, slash, key = fields.resource.partition("/")
    if slash and not key:
        yield (
            Problem(
                "resource",
                "The object's key is missing",
                "A slash follows the bucket's name, and nothing follows the slash.",
                "Without the slash it is the bucket; /* stands for all of its objects.",
            ),
            fields._replace(resource=bucket),
        )
    if bucket != bucket.lower() or "_" in bucket:
        yield (
            Problem(
                "resource",
                "A bucket's name has no capitals and no underscores",
                f"It is {show(bucket)}.",
                "Bucket names hold lower-case letters, digits, hyphens and dots.",
            ),
            fields,
        )


def _bare_name(fields: Fields) -> Repair:
    """Queues and topics are named without a type."""
    if fields.service not in ("sqs", "sns"):
        return
    if typed := re.fullmatch(r"(queue|topic)[:/](.+)", fields.resource, re.DOTALL):
        yield (
            Problem(
                "resource",
                f"{SERVICES[fields.service].title} writes no resource type",
                f"The resource starts with {typed[1]}.",
                "The name follows the account at once.",
            ),
            fields._replace(resource=typed[2]),
        )


def _type(fields: Fields) -> Repair:
    """The resource's type must be one of the service's, with the service's separator behind it."""
    service, kind = SERVICES.get(fields.service), fields.type
    if service is None or not service.types or not kind or _has_wildcard(kind):
        return
    if (fields.service, fields.resource) in (("iam", "root"), ("sts", "self")):
        return
    rest = fields.resource[len(kind) :]
    if kind not in service.types:
        listed = reference.service(fields.service)
        if listed is not None and kind in listed.type_words and rest[1:]:
            return
        near = get_close_matches(kind[:60], service.types, n=1, cutoff=0.75)
        if near:
            yield (
                Problem(
                    "resource",
                    "There is no such resource type",
                    f"It is {show(kind)}.",
                    f"Did you mean {near[0]}?",
                ),
                fields._replace(resource=near[0] + rest),
            )
        elif not rest or fields.service in ("iam", "sts", "lambda", "dynamodb"):
            types = ", ".join(service.types[:6]) + (", …" if len(service.types) > 6 else "")
            yield (
                Problem(
                    "resource",
                    "The resource's type is missing",
                    f"{service.title} starts the resource with its type; this starts with {show(kind)}.",
                    f"The types are {types}.",
                ),
                fields,
            )
    elif not rest[1:]:
        yield Problem("resource", "The resource's name is missing", f"Nothing follows {kind}.", FORM), fields
    elif rest[0] != service.separator:
        yield (
            Problem(
                "resource",
                f"{service.title} sets the type apart with {service.separator}",
                f"Here {rest[0]} follows {kind}.",
                f"Write {kind}{service.separator}…",
            ),
            fields._replace(resource=kind + service.separator + rest[1:]),
        )


def _resource_id(fields: Fields) -> Repair:
    """EC2 names almost everything by an id of hexadecimal digits."""
    kind, _, name = fields.resource.partition("/")
    if (
        fields.service != "ec2"
        or kind in ("key-pair", "placement-group")
        or kind not in SERVICES["ec2"].types
    ):
        return
    if name and not _has_wildcard(name) and (fault := resource_id_fault(name)):
        yield (
            Problem(
                "resource",
                "The resource id is not well formed",
                f"It is {show(name)}: {fault}.",
                "Copy it whole.",
            ),
            fields,
        )


_CHECKS: Final[tuple[Callable[[Fields], Repair], ...]] = (
    _partition,
    _service,
    _iam_or_sts,
    _region,
    _account,
    _resource,
    _session,
    _bucket,
    _bare_name,
    _type,
    _resource_id,
)


def _is_regional_s3(fields: Fields) -> bool:
    return fields.service == "s3" and fields.region != "" and fields.type in _S3_IN_A_REGION


def _is_listed(fields: Fields) -> bool:
    """Whether the reference has this type of resource with and without the parts that are empty here.

    A few types differ from the rest of their service: an IPAM pool has no Region.
    """
    listed = reference.service(fields.service)
    if listed is None or fields.type not in listed.type_words:
        return False
    empty = (not fields.region, not fields.account)
    forms = (form.split(":", 5) for form in listed.forms)
    return any(
        (not region, not account) == empty and re.split(r"[:/]", resource, maxsplit=1)[0] == fields.type
        for *_, region, account, resource in forms
    )


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text or "${" in text


def show(text: str) -> str:
    """The text in quotes, cut when it is long."""
    return f'"{text}"' if len(text) <= 60 else f'"{text[:59]}…"'
