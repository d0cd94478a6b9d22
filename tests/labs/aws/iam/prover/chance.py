"""Random policies, mutations of them, and random real requests that lean on what the policies say.

Nothing here uses the prover: requests are made from the Service Authorization Reference by other means, so
that they can bear witness against it.
"""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Sequence
from typing import Any

from labs.aws import reference
from labs.aws.iam import Principal, Request

Document = dict[str, Any]

ACCOUNTS = ("111111111111", "222222222222")
ACTIONS = (
    "s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:Get*", "s3:*", "s3:GetObject*", "s3:List*",
    "S3:deleteobject", "ec2:RunInstances", "ec2:Describe*", "ec2:*Instances", "ec2:*", "sqs:SendMessage",
    "sqs:*Message", "sqs:*", "iam:PassRole", "iam:*", "iam:Create*", "kms:Decrypt", "kms:*",
    "sts:AssumeRole", "sts:*", "dynamodb:GetItem", "dynamodb:*Item", "logs:*", "logs:PutLogEvents",
    "lambda:InvokeFunction", "s3:ListAllMyBuckets", "*", "*:Get*", "sns:Publish",
    "secretsmanager:GetSecretValue",
)  # fmt: skip
RESOURCES = (
    "*", "arn:aws:s3:::*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/data/*", "arn:aws:s3:::b*",
    "arn:aws:s3:::prod-?/k*", "arn:aws:s3:::*/secret", "arn:aws:s3:::b/*/x", "arn:aws:s3:::home/alice/*",
    "arn:aws:s3:::b-red/*", "arn:aws:s3:::b/${*}", "arn:aws:sqs:*:111111111111:*",
    "arn:aws:sqs:us-east-1:111111111111:q", "arn:aws:sqs:*:*:q*", "arn:aws:sqs:us-*:222222222222:q?",
    "arn:aws:iam::111111111111:role/*", "arn:aws:iam::*:role/ops/*", "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:us-east-1:111111111111:*/*", "arn:aws:ec2:*::image/ami-1",
    "arn:aws:kms:us-east-1:111111111111:key/*", "arn:aws:dynamodb:*:*:table/t",
    "arn:aws:dynamodb:*:111111111111:table/t*/index/*", "arn:aws:logs:*:*:log-group:/app*",
    "arn:aws:lambda:us-east-1:111111111111:function:f:*", "arn:aws:sns:*:111111111111:t", "arn:aws:*",
    "arn:aws:secretsmanager:*:*:secret:app/*",
)  # fmt: skip
OF_THE_CALLER = (
    "arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::b-${aws:PrincipalTag/team, 'all'}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team}", "arn:aws:s3:::logs-${aws:PrincipalAccount}/*",
    "arn:aws:s3:::acct-${aws:ResourceAccount}/*", "arn:aws:s3:::b/${aws:userid}/*",
    "arn:aws:s3:::${aws:PrincipalTag/team}-${aws:username}/*",
    "arn:aws:iam::111111111111:user/${aws:username}",
)  # fmt: skip
CONDITIONS: tuple[tuple[str, str, Sequence[Any]], ...] = (
    ("StringEquals", "aws:PrincipalTag/team", ("red", "blue", "${aws:username}")),
    ("StringNotEquals", "aws:PrincipalTag/team", ("red", "green")),
    ("StringEqualsIfExists", "aws:RequestTag/env", ("prod", "dev")),
    ("StringLike", "s3:prefix", ("", "home/*", "home/${aws:username}/*", "home/a*", "data/?")),
    ("StringNotLike", "s3:prefix", ("home/*", "x*")),
    ("StringEqualsIgnoreCase", "aws:RequestedRegion", ("us-east-1", "EU-WEST-1")),
    (
        "StringEquals", "aws:ResourceTag/team",
        ("red", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'none'}"),
    ),
    ("StringEquals", "aws:username", ("alice", "bob")),
    ("StringLike", "aws:username", ("a*", "*b")),
    ("ArnLike", "aws:PrincipalArn", ("arn:aws:iam::111111111111:role/*", "arn:aws:iam::*:user/alice")),
    ("ArnNotEquals", "aws:PrincipalArn", ("arn:aws:iam::111111111111:role/app", "arn:aws:iam::*:role/ops/*")),
    ("StringEquals", "aws:PrincipalAccount", ACCOUNTS),
    ("StringEquals", "aws:ResourceAccount", ("111111111111", "${aws:PrincipalAccount}")),
    ("StringEquals", "aws:PrincipalType", ("User", "AssumedRole")),
    ("ArnLike", "aws:SourceArn", ("arn:aws:sns:*:111111111111:t*", "arn:aws:s3:::b")),
    ("NumericLessThan", "s3:max-keys", ("10", 20)),
    ("NumericGreaterThanEquals", "s3:max-keys", ("10", "5")),
    ("NumericNotEquals", "s3:max-keys", ("10",)),
    ("DateLessThan", "aws:CurrentTime", ("2026-06-01T00:00:00Z", "1893456000")),
    ("DateGreaterThan", "aws:CurrentTime", ("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z")),
    ("Bool", "aws:SecureTransport", ("true", "false", False)),
    ("Bool", "aws:MultiFactorAuthPresent", ("true", "false")),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", ("false",)),
    ("IpAddress", "aws:SourceIp", ("10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "203.0.113.5")),
    ("NotIpAddress", "aws:SourceIp", ("10.1.0.0/16", "0.0.0.0/0", "2001:db8::/64")),
    ("Null", "aws:TokenIssueTime", ("true", "false")),
    ("Null", "aws:TagKeys", ("true", "false")),
    ("ForAllValues:StringEquals", "aws:TagKeys", ("team", "env")),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ("team", "cost")),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ("team",)),
    ("ForAllValues:StringLike", "aws:TagKeys", ("t*", "e?v")),
    ("ForAllValues:StringNotLikeIfExists", "aws:TagKeys", ("x*",)),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ("o-1/r-1/*", "o-1/*")),
    ("StringEquals", "aws:PrincipalOrgID", ("o-1", "o-2")),
    ("StringNotEqualsIfExists", "aws:PrincipalOrgID", ("o-1",)),
    ("StringEquals", "aws:TagKeys", ("team",)),
    ("StringEquals", "aws:PrincipalAccount", ("${aws:ResourceAccount}",)),
    ("StringLike", "aws:userid", ("AROA1:*", "${aws:username}", "AIDA*")),
    ("StringEquals", "aws:PrincipalServiceName", ("ec2.amazonaws.com", "lambda.amazonaws.com")),
    ("Bool", "aws:PrincipalIsAWSService", ("true", "false")),
    ("ForAllValues:StringEquals", "aws:PrincipalTag/team", ("red", "blue")),
    ("StringLike", "aws:PrincipalTag/team", ("${aws:TagKeys}", "r*")),
    ("NumericLessThan", "aws:MultiFactorAuthAge", ("3600", "60")),
    ("StringLike", "custom:thing", ("a*", "*b", "${aws:PrincipalTag/team}")),
    ("ForAnyValue:StringEquals", "custom:list", ("a", "b")),
    ("ForAllValues:NumericLessThan", "custom:sizes", ("10", "20")),
    ("BinaryEquals", "kms:EncryptionContext:k", ("eA==", "YWI=")),
)  # fmt: skip
PRINCIPALS: tuple[Any, ...] = (
    "*", {"AWS": "111111111111"}, {"AWS": "arn:aws:iam::222222222222:root"},
    {"AWS": "arn:aws:iam::111111111111:user/alice"},
    {"AWS": ["arn:aws:iam::111111111111:role/app", "arn:aws:iam::111111111111:role/ops/app"]},
    {"AWS": "arn:aws:sts::111111111111:assumed-role/app/s"}, {"Service": "ec2.amazonaws.com"},
    {"Service": ["lambda.amazonaws.com", "s3.amazonaws.com"]}, {"Federated": "accounts.google.com"},
    {"AWS": "arn:aws:sts::111111111111:federated-user/fay"}, {"AWS": "arn:aws:iam::222222222222:user/ben"},
    {"AWS": "*", "Service": "ec2.amazonaws.com"},
)  # fmt: skip
CALLERS = (
    "arn:aws:iam::111111111111:user/alice", "arn:aws:iam::111111111111:user/bob",
    "arn:aws:iam::222222222222:user/ben", "arn:aws:sts::111111111111:assumed-role/app/s",
    "arn:aws:sts::222222222222:assumed-role/app/s", "arn:aws:iam::111111111111:role/ops/app",
    "arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root",
    "arn:aws:sts::111111111111:federated-user/fay", "anonymous", "ec2.amazonaws.com", "lambda.amazonaws.com",
    "accounts.google.com", "arn:aws:iam::333333333333:user/eve", "arn:aws:iam::111111111111:user/dev/alice",
)  # fmt: skip


# Policies


def statement(chance: random.Random, kind: str) -> Document:
    """A random statement of an identity-based or a resource-based policy."""
    made: Document = {"Effect": chance.choice(("Allow", "Allow", "Allow", "Deny"))}
    if kind == "resource":
        negated = made["Effect"] == "Deny" and chance.random() < 0.2
        made["NotPrincipal" if negated else "Principal"] = chance.choice(
            PRINCIPALS[1:] if negated else PRINCIPALS
        )
    made["NotAction" if chance.random() < 0.08 else "Action"] = some(chance, ACTIONS, 3)
    made["NotResource" if chance.random() < 0.08 else "Resource"] = resources(chance)
    conditions: Document = {}
    while chance.random() < 0.35:
        operator, key, values = chance.choice(CONDITIONS)
        conditions.setdefault(operator, {})[key] = some(chance, values, 2)
    if conditions:
        made["Condition"] = conditions
    return made


def resources(chance: random.Random) -> Any:
    """What stands under Resource; now and then it depends on the caller."""
    return some(chance, OF_THE_CALLER if chance.random() < 0.12 else RESOURCES, 3)


def some(chance: random.Random, values: Sequence[Any], most: int) -> Any:
    """One of the values, or a list of some."""
    if chance.random() < 0.6:
        return chance.choice(values)
    return chance.sample(values, min(len(values), chance.randint(1, most)))


def policy(chance: random.Random, kind: str, size: int) -> Document:
    """A random policy of so many statements."""
    version = "2008-10-17" if chance.random() < 0.05 else "2012-10-17"
    return {"Version": version, "Statement": [statement(chance, kind) for _ in range(size)]}


def mutated(chance: random.Random, kind: str, document: Document) -> Document:
    """The policy with one to three small changes."""
    made = copy.deepcopy(document)
    for _ in range(chance.randint(1, 3)):
        statements = made["Statement"]
        chosen = chance.randrange(len(statements))
        fresh = statement(chance, kind)
        match chance.randrange(6):
            case 0 if len(statements) > 1:
                del statements[chosen]
            case 1:
                statements.insert(chosen, fresh)
            case 2:
                for name in ("Action", "NotAction"):
                    statements[chosen].pop(name, None)
                statements[chosen]["Action"] = some(chance, ACTIONS, 3)
            case 3:
                for name in ("Resource", "NotResource"):
                    statements[chosen].pop(name, None)
                statements[chosen]["Resource"] = resources(chance)
            case 4:
                statements[chosen].pop("Condition", None)
                if "Condition" in fresh:
                    statements[chosen]["Condition"] = fresh["Condition"]
            case _:
                statements[chosen]["Effect"] = chance.choice(("Allow", "Deny"))
                if "NotPrincipal" in statements[chosen]:
                    statements[chosen]["Effect"] = "Deny"
    return made


def pair(chance: random.Random, kind: str, size: int) -> tuple[Document, Document]:
    """Two policies: one a mutation of the other, or each by itself."""
    first = policy(chance, kind, size)
    return first, mutated(chance, kind, first) if chance.random() < 0.6 else policy(chance, kind, size)


# Requests

_WORDS = (
    "x",
    "alice",
    "bob",
    "red",
    "blue",
    "data",
    "k",
    "secret",
    "app",
    "ops",
    "q",
    "q1",
    "t",
    "b",
    "prod-1",
    "home",
)
_SLOT = re.compile(r"\$\{(\w+)\}|(\*)")


class Requests:
    """A source of random requests for some policies."""

    def __init__(self, chance: random.Random, *documents: Document) -> None:
        self.chance = chance
        statements = [each for document in documents for each in document["Statement"]]
        self.actions = [each for s in statements for each in _list(s.get("Action", s.get("NotAction")))]
        self.resources = [each for s in statements for each in _list(s.get("Resource", s.get("NotResource")))]
        self.values: dict[str, list[str]] = {}
        self.listed: set[str] = set()
        for each in statements:
            for operator, keys in each.get("Condition", {}).items():
                for key, values in keys.items():
                    if ":" in operator and reference.key_type(key) is None:
                        self.listed.add(key)
                    self.values.setdefault(key, []).extend(_plain(value) for value in _list(values))
        for text in self.resources + [value for values in self.values.values() for value in values]:
            for name in re.findall(r"\$\{(aws:[^,}]+)", text):
                self.values.setdefault(name, []).extend(("red", "alice", "all"))

    def draw(self) -> Request:
        """A request with a real action on an ARN of a real shape."""
        chance = self.chance
        action, form = self._action()
        caller = chance.choice(CALLERS)
        resource = "*" if form is None else self._arn(form)
        principal = Principal.session(caller, "s") if ":role/" in caller else Principal.parse(caller)
        owner = chance.choice((None, None, *ACCOUNTS)) if resource.count(":::") else None
        context = {key: value for key, value in self._context().items() if key.lower() not in principal.keys}
        return Request(principal, action, resource, owner, context)

    def _action(self) -> tuple[str, str | None]:
        chance = self.chance
        pattern = chance.choice(self.actions) if chance.random() < 0.9 else chance.choice(ACTIONS)
        prefix = pattern.partition(":")[0].lower()
        if prefix in ("*", ""):
            prefix = chance.choice(("s3", "ec2", "sqs", "iam", "dynamodb", "kms", "athena", "logs"))
        known = reference.service(prefix)
        assert known is not None
        name = pattern.partition(":")[2].lower()
        fits = re.compile(".*".join(map(re.escape, name.split("*"))) if name else ".*")
        names = [each for each in known.actions if fits.fullmatch(each)] or list(known.actions)
        fact = known.actions[chance.choice(names)]
        return fact.name, chance.choice(fact.types).form if fact.types else None

    def _arn(self, form: str) -> str:
        """An ARN of the form: one that a pattern of the policies suggests, or any."""
        chance = self.chance
        fits = re.compile(
            _SLOT.sub("(.+)", re.sub(r"([.+?^()\[\]|\\])", r"\\\1", form)).replace("(.+):", "([^:]+):")
        )
        if chance.random() < 0.8:
            for pattern in chance.sample(self.resources, min(4, len(self.resources))):
                text = self._instance(pattern)
                found = fits.fullmatch(text)
                if found and all(
                    _admits(slot, value)
                    for slot, value in zip(_SLOT.findall(form), found.groups(), strict=False)
                ):
                    return text
        return _SLOT.sub(self._slot, form)

    def _slot(self, slot: re.Match[str]) -> str:
        chance = self.chance
        match slot[1]:
            case "Partition":
                return "aws"
            case "Region":
                return chance.choice(("us-east-1", "us-east-1", "eu-west-1", "us-x"))
            case "Account":
                return chance.choice((*ACCOUNTS, "333333333333"))
        word = chance.choice(_WORDS)
        while _admits(slot.groups(), "a/b") and chance.random() < 0.4:
            word += f"/{chance.choice(_WORDS)}"
        return word

    def _instance(self, pattern: str) -> str:
        """A text that the pattern matches, or nearly."""
        chance = self.chance
        text = re.sub(
            r"\$\{(aws:[^}]*)\}", lambda found: chance.choice(("alice", "red", "all", "x")), pattern
        )
        text = text.replace("${*}", "*").replace("${?}", "?")
        parts = text.split(":", 5)
        if len(parts) == 6:
            for place, choices in ((1, ("aws",)), (3, ("us-east-1", "eu-west-1")), (4, ACCOUNTS)):
                if "*" in parts[place]:
                    parts[place] = chance.choice(choices)
        text = ":".join(parts)
        text = (
            re.sub(r"\*", lambda found: chance.choice((*_WORDS, "", "x/y")), text)
            if "${*}" not in pattern
            else text
        )
        return text.replace("?", chance.choice("1x"))

    def _context(self) -> dict[str, Any]:
        chance = self.chance
        context: dict[str, Any] = {}
        for key, values in self.values.items():
            if key.lower() in DERIVED or chance.random() < 0.3:
                continue
            if reference.is_multivalued(key) or (key in self.listed and chance.random() < 0.6):
                count = chance.choice((0, 1, 1, 2, 3))
                context[key] = tuple(self._value(key, values) for _ in range(count))
            else:
                context[key] = self._value(key, values)
        return context

    def _value(self, key: str, values: list[str]) -> str:
        chance = self.chance
        kind = reference.key_type(key) or "String"
        pool: list[str]
        if kind == "Bool":
            pool = ["true", "false"]
        elif kind == "Numeric":
            pool = ["0", "4", "5", "6", "9", "10", "11", "19", "20", "21", "100"]
        elif kind == "Date":
            pool = ["2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "1893456000",
                    "2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z", "2031-01-01T00:00:00Z"]  # fmt: skip
        elif kind == "IPAddress":
            pool = [
                "10.0.0.1",
                "10.1.0.1",
                "10.2.0.1",
                "203.0.113.5",
                "192.0.2.1",
                "2001:db8::1",
                "2001:db9::1",
            ]
        else:
            pool = [
                self._instance(chance.choice(values)),
                self._instance(chance.choice(values)),
                "x",
                "",
                "Alice",
            ]
        return chance.choice(pool)


DERIVED = {
    "aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:username",
    "aws:principalisawsservice", "aws:principalservicename", "aws:resourceaccount",
}  # fmt: skip
_WITH_SLASH = re.compile(
    r"(Path|ObjectName|LogGroupName|LogStreamName|SecretId|LeadingSlash|RepositoryName|Alias)$"
)


def _admits(slot: Sequence[str | None], value: str) -> bool:
    name = slot[0] or ""
    if name == "Account":
        return bool(re.fullmatch(r"\d{12}", value))
    if name in ("ObjectName",):
        return True
    if ":" in value:
        return False
    return "/" not in value or bool(_WITH_SLASH.search(name))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
