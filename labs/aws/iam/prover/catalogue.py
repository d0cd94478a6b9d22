"""The real actions of AWS and the shapes of the resources they act on, as masks.

All of it comes from the Service Authorization Reference. In a mask of actions the lowest bit is the best
known action, so that an example taken from the low end is one that a reader has met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from labs.aws import reference
from labs.aws.iam.evaluation import FREE_ACTIONS, must_be_named
from labs.aws.iam.patterns import Matcher
from labs.aws.iam.principals import Principal
from labs.aws.iam.prover.shapes import Shape, shape
from labs.aws.iam.requests import Request

__all__ = ["COMMON", "PLAIN", "Form", "Service", "all_services", "matching", "service"]

COMMON: Final[Mapping[str, tuple[str, ...]]] = {
    "s3": (
        "GetObject", "PutObject", "ListBucket", "DeleteObject", "ListAllMyBuckets", "GetObjectVersion",
        "GetBucketPolicy", "PutBucketPolicy", "CreateBucket", "DeleteBucket", "PutObjectAcl", "GetObjectAcl",
        "GetBucketLocation",
    ),
    "ec2": (
        "DescribeInstances", "RunInstances", "StartInstances", "StopInstances", "TerminateInstances",
        "CreateTags", "CreateVolume", "AttachVolume",
    ),
    "iam": (
        "GetRole", "PassRole", "CreateUser", "GetUser", "ListUsers", "AttachRolePolicy", "CreateRole",
        "PutRolePolicy", "CreateAccessKey", "DeleteUser",
    ),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage", "CreateQueue", "ListQueues"),
    "sns": ("Publish", "Subscribe", "CreateTopic", "ListTopics"),
    "dynamodb": ("GetItem", "PutItem", "Query", "Scan", "DeleteItem", "CreateTable", "ListTables"),
    "lambda": ("InvokeFunction", "GetFunction", "CreateFunction", "ListFunctions"),
    "rds": ("DescribeDBInstances", "CreateDBInstance", "DeleteDBInstance"),
    "sts": ("AssumeRole", "TagSession"),
    "kms": ("Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey", "ListKeys"),
    "logs": ("CreateLogGroup", "CreateLogStream", "PutLogEvents", "DescribeLogGroups"),
    "secretsmanager": ("GetSecretValue", "ListSecrets"),
    "cloudwatch": ("PutMetricData", "GetMetricData"),
}  # fmt: skip
"""The services and actions to take an example from before any others, the best known first."""

PLAIN: Final = "s3:GetObject"
"""An action that AWS treats like most others."""

_NOBODY: Final = Principal.parse("accounts.google.com")
_UNSPECIFIC: Final = Request(_NOBODY, "x:x", "*")
_LEVELS: Final = {"Read": 0, "List": 1, "Write": 2, "Tagging": 3, "Permissions management": 4}


@dataclass(frozen=True, slots=True)
class Form:
    """A shape of resource that some actions of a service take; None for those that take `*` only.

    `actions` has a bit for each such action. `trial` is an action that AWS treats like those of this form
    when it decides which policies must allow; None when each action of the form is its own.
    """

    shape: Shape | None
    actions: int
    trial: str | None


@dataclass(frozen=True, slots=True)
class Service:
    """A service, its actions in the order in which examples prefer them.

    `alone` has the masks of actions that are not to be taken together with others: they need no permission,
    another policy must allow them too, or their resource is special. `free` has the bits of the first.
    """

    prefix: str
    actions: tuple[str, ...]
    forms: tuple[Form, ...]
    every: int
    alone: tuple[int, ...]
    free: int

    def first(self, mask: int) -> str:
        """The best known action in a mask."""
        return self.actions[(mask & -mask).bit_length() - 1]

    def names(self, mask: int) -> list[str]:
        """The actions in a mask, the best known first."""
        found: list[str] = []
        while mask:
            lowest = mask & -mask
            found.append(self.actions[lowest.bit_length() - 1])
            mask ^= lowest
        return found

    def knows(self, action: str, form: Form, key: str) -> bool:
        """Whether a request for the action on a resource of this form can have the condition key."""
        known = reference.service(self.prefix)
        fact = known.actions[action.partition(":")[2].lower()] if known else None
        if fact is None or not fact.has_key(key):
            return False
        name = reference.key_name(key)
        forms = {each.form for each in fact.types if name in each.keys}
        return not forms or name in fact.keys or (form.shape is not None and form.shape.form in forms)


@cache
def all_services() -> tuple[str, ...]:
    """The prefixes of all services, the common ones first."""
    return (*COMMON, *sorted(set(reference.services()) - set(COMMON)))


@cache
def service(prefix: str) -> Service | None:
    """The service with this prefix, in lower case; None when AWS has none.

    A proof about `*` reads all of them, so this takes from the reference only what a search needs.
    """
    if prefix not in all_services():
        return None
    data = reference.data_of_aws()
    places = {name: place for place, name in enumerate(COMMON.get(prefix, ()))}
    facts = sorted(
        (
            data.actions.get_action_details(prefix, name)
            for name in data.actions.get_actions_for_service(prefix)
        ),
        key=lambda fact: (
            places.get(fact["name"], len(places)),
            _LEVELS.get(fact["accessLevel"], 5),
            len(fact["name"]),
            fact["name"],
        ),
    )
    kinds = {
        kind: str(data.resources.get_resource_type_details(prefix, kind)["arn"])
        for kind in data.resources.get_resource_types_for_service(prefix)
    }
    taken: dict[str | None, int] = {}
    for place, fact in enumerate(facts):
        named: list[str | None] = [
            kinds[each["name"]] for each in fact["resourceTypes"] if each["name"] in kinds
        ]
        for form in named or [None]:
            taken[form] = taken.get(form, 0) | 1 << place
    forms = sorted(taken.items(), key=lambda each: (each[1] & -each[1], len(each[0] or ""), each[0] or ""))
    actions = tuple(f"{prefix}:{fact['name']}" for fact in facts)
    special = [place for place, action in enumerate(actions) if _is_special(prefix, action)]
    return Service(
        prefix,
        actions,
        tuple(Form(shape(form) if form else None, mask, _trial(prefix, form or "*")) for form, mask in forms),
        (1 << len(actions)) - 1,
        tuple(1 << place for place in special),
        sum(1 << place for place in special if actions[place].lower() in FREE_ACTIONS),
    )


def _is_special(prefix: str, action: str) -> bool:
    if prefix == "s3":
        return action == "s3:ListAllMyBuckets"  # AWS checks it against arn:aws:s3:::*
    if prefix != "sts":
        return False
    return action.lower() in FREE_ACTIONS or must_be_named(Request(_NOBODY, action, "*"))


def _trial(prefix: str, form: str) -> str | None:
    """The action to ask the evaluator about in the place of those of a form."""
    if prefix == "sts":
        return None
    if prefix == "kms" and must_be_named(Request(_NOBODY, "kms:Decrypt", form)):
        return "kms:Decrypt"
    return PLAIN


@lru_cache(maxsize=65_536)
def matching(matcher: Matcher, prefix: str) -> int:
    """The actions of a service that the matcher of an Action element takes, as a mask."""
    found = service(prefix)
    mask = 0
    for place, action in enumerate(found.actions if found else ()):
        if matcher(action.lower(), _UNSPECIFIC):
            mask |= 1 << place
    return mask
