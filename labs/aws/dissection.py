"""An ARN taken apart: what each part means, what is wrong with it, and what was probably meant.

Source: IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)" and "IAM identifiers".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from labs.aws.arn_checks import FORM, Fields, Problem, examine
from labs.aws.identifiers import PARTITIONS, ResourceId, is_account_id, is_region
from labs.aws.services import SERVICES

__all__ = ["Dissection", "Part", "Problem", "dissect"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an ARN as it was written, and what it means in words."""

    name: str
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Dissection:
    """What `dissect` found.

    `parts` is empty when the text does not divide into the parts of an ARN. `suggestion` is an ARN without
    problems that was probably meant; None when nothing is wrong, or when there is no good guess.
    """

    text: str
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    suggestion: str | None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def dissect(text: str) -> Dissection:
    """Take an ARN apart; never raises, whatever the text."""
    text = text if isinstance(text, str) else ""
    problems, fields = _divide(text)
    suggestion = None
    if fields is not None:
        found, repaired = examine(fields)
        problems += found
        if (
            problems
            and all((repaired.partition, repaired.service, repaired.resource))
            and not examine(repaired)[0]
        ):
            suggestion = str(repaired)
    return Dissection(text, tuple(_meanings(text)), tuple(problems), suggestion)


def _divide(text: str) -> tuple[list[Problem], Fields | None]:
    """The fields of the ARN in the text, and what stands between the text and an ARN's outer form."""
    problems: list[Problem] = []
    bare = text.strip(" \t\r\n\"'`,")
    if not bare:
        return [
            Problem("", "The text is empty", "An ARN has six parts with colons between them.", FORM)
        ], None
    if bare != text:
        problems.append(
            Problem(
                "", "Something stands around the ARN", "Blanks, quotes and commas are no part of it.", FORM
            )
        )
    if bare[:4].lower() != "arn:":
        guess, what = _translated(bare)
        problems.append(Problem("", "This is not an ARN", f"It does not start with arn:{what}.", FORM))
        if guess is None:
            return problems, None
        bare = guess
    elif bare[:4] != "arn:":
        problems.append(Problem("", "arn: is lower case", f"This starts with {bare[:4]}.", FORM))
    parts = bare.split(":", 5)[1:]
    if len(parts) == 5 and not (parts[0] in SERVICES and parts[0] not in PARTITIONS):
        return problems, Fields(*parts)
    if len(parts) == 5:
        problems.append(
            Problem("partition", "The partition is missing", f"After arn: comes {parts[0]}.", FORM)
        )
    else:
        problems.append(
            Problem(
                "",
                "An ARN has five colons at least",
                f"This has {bare.count(':')}. A part that is not used is empty, but its colon stays.",
                FORM,
            )
        )
    return problems, _regrouped(bare.split(":")[1:])


def _translated(text: str) -> tuple[str | None, str]:
    """The ARN behind another way to name a thing, and what that way is."""
    if re.match(r"aws[a-z-]*:", text):
        return f"arn:{text}", ""
    if match := re.fullmatch(r"s3://([^/]+)(/.+)?/?", text, re.DOTALL):
        return f"arn:aws:s3:::{match[1]}{match[2] or ''}", "; it is an S3 URI"
    if match := re.fullmatch(r"https://([^/.]+)\.s3[a-z0-9.-]*\.amazonaws\.com(/.+)?/?", text, re.DOTALL):
        return f"arn:aws:s3:::{match[1]}{match[2] or ''}", "; it is an object's URL"
    if match := re.fullmatch(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.com/([0-9]{12})/([^/]+)", text):
        return f"arn:aws:sqs:{match[1]}:{match[2]}:{match[3]}", "; it is a queue's URL"
    if is_account_id(text):
        return f"arn:aws:iam::{text}:root", "; it is an account id"
    if found := ResourceId.split(text):
        article = "an" if found.kind[0] in "aeiouAEIO" else "a"
        return None, f"; it is the id of {article} {found.kind}, the last part of its ARN"
    return None, ""


def _regrouped(parts: list[str]) -> Fields | None:
    """The fields of an ARN that has lost colons or its partition; None when too little is left."""
    if parts and parts[0] not in PARTITIONS and parts[0] in SERVICES:
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
    return Fields(partition, service, region, account, ":".join(rest))


# What each part means


def _meanings(text: str) -> Iterator[Part]:
    start, *parts = text.split(":", 5)
    if start != "arn" or len(parts) < 5:
        return
    fields = Fields(*parts)
    service = SERVICES.get(fields.service)
    yield Part("partition", fields.partition, PARTITIONS.get(fields.partition, "not a partition of AWS"))
    yield Part("service", fields.service, service.title if service else "a service")
    yield Part("region", fields.region, _region_meaning(fields))
    yield Part("account", fields.account, _account_meaning(fields))
    yield Part("resource", fields.resource, _resource_meaning(fields))


def _region_meaning(fields: Fields) -> str:
    if fields.region == "*":
        return "every Region"
    if fields.region:
        return "the Region that holds the resource"
    if fields.service == "s3":
        return "empty: bucket names are unique in the partition"
    return "empty: the service is global"


def _account_meaning(fields: Fields) -> str:
    if fields.account == "*":
        return "every account"
    if fields.account == "aws":
        return "AWS itself, which maintains this policy"
    if fields.account:
        return "the account that owns the resource"
    return (
        "empty: a bucket's name says whose it is" if fields.service == "s3" else "empty: no account is named"
    )


def _resource_meaning(fields: Fields) -> str:
    resource = fields.resource
    if resource == "*":
        return "every resource"
    if fields.service == "s3":
        bucket, slash, key = resource.partition("/")
        if not slash:
            return f"the bucket {_clip(bucket)}"
        what = "every object" if key == "*" else f"the object {_clip(key)}"
        return f"{what} in the bucket {_clip(bucket)}"
    if fields.service == "iam" and resource == "root":
        return "the account as a whole"
    if fields.service in ("sqs", "sns"):
        return f"the {'queue' if fields.service == 'sqs' else 'topic'} {_clip(resource)}"
    rest = resource[len(fields.type) + 1 :]
    if not rest:
        return f"named {_clip(resource)}"
    if fields.type == "assumed-role" and rest.count("/") == 1:
        role, session = rest.split("/")
        return f"the session {_clip(session)} of the role {_clip(role)}"
    path, slash, name = rest.rpartition("/")
    if fields.service == "iam" and slash:
        return f"the {fields.type} {_clip(name)}, under the path /{_clip(path)}/"
    return f"the {fields.type} {_clip(rest)}"


def _clip(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
