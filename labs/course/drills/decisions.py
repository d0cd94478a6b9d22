"""Decision prediction: a request and every policy that applies; the answer is what IAM decides."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from labs.course.drills import draw
from labs.course.drills.question import Asked, Drill, Form, asked

__all__ = ["DRILL"]

_ALLOWED, _IMPLICIT, _EXPLICIT = _DECISIONS = ("allowed", "implicitly denied", "explicitly denied")
_DENIED: Final = (_IMPLICIT, _EXPLICIT)
_WORDS: Final = {
    "Allowed": _ALLOWED,
    "ImplicitlyDenied": _IMPLICIT,
    "ExplicitlyDenied": _EXPLICIT,
}
_NAMES: Final = {
    "identityPolicies": "Identity policy",
    "resourcePolicy": "Bucket policy",
    "boundary": "Permissions boundary",
    "scps": "Service control policy",
}
Statement: TypeAlias = dict[str, Any]


def _document(*statements: Statement, version: str | None = "2012-10-17") -> dict[str, Any]:
    return {**({"Version": version} if version else {}), "Statement": list(statements)}


def _statement(effect: str, action: Any, resource: Any, **elements: Any) -> Statement:
    who = {name: value for name, value in elements.items() if name.endswith("Principal")}
    rest = {name: value for name, value in elements.items() if name not in who}
    name = "NotAction" if isinstance(action, tuple) else "Action"
    return {
        "Effect": effect,
        **who,
        name: list(action) if name == "NotAction" else action,
        "Resource": resource,
        **rest,
    }


def _question(
    who: str,
    action: str,
    resource: str,
    misconception: str,
    message: str,
    *,
    wrong: tuple[str, ...],
    owner: str = "",
    context: Mapping[str, Any] | None = None,
    **policies: Any,
) -> Asked:
    """The question on a case. `wrong` are the answers that tell of the misconception, unless right."""
    from labs.aws.iam import case_from_json, evaluate

    request: dict[str, Any] = {"principal": who, "action": action, "resource": resource}
    request["resourceAccount"] = owner or who.split(":")[4]
    if context is not None:
        request["context"] = dict(context)
    case = {"request": request, **policies, "names": _names(policies)}
    decision = evaluate(*case_from_json(case))
    return asked(
        _situation(request, policies),
        "What does AWS decide?",
        _WORDS[decision.outcome.value],
        *((each, misconception, message) for each in wrong),
        why=decision.reason,
        choices=_DECISIONS,
        case=case,
    )


def _names(policies: Mapping[str, Any]) -> dict[str, Any]:
    """What reasons call the policies."""
    names: dict[str, Any] = {kind: _NAMES[kind].lower() for kind in policies}
    return names | {
        kind: [name] if kind == "identityPolicies" else [[name]]
        for kind, name in names.items()
        if kind in ("identityPolicies", "scps")
    }


def _situation(request: Mapping[str, Any], policies: Mapping[str, Any]) -> str:
    lines = [f"{request['principal']}", f"asks for {request['action']} on {request['resource']}"]
    if request["principal"].split(":")[4] != request["resourceAccount"]:
        lines.append(f"which belongs to the account {request['resourceAccount']}")
    lines += [f"with {name} = {value}" for name, value in request.get("context", {}).items()]
    for kind, documents in policies.items():
        found = (
            documents if kind == "identityPolicies" else [documents[0][0] if kind == "scps" else documents]
        )
        for document in found:
            version = f"Version {document['Version']}" if "Version" in document else "no Version"
            lines.append(f"{_NAMES[kind]} ({version}):")
            lines += [f"  {json.dumps(each)}" for each in document["Statement"]]
    return "\n".join(lines)


def _me(rng: random.Random) -> str:
    return f"arn:aws:iam::{draw.account(rng)}:user/{draw.user(rng)}"


def _deny(rng: random.Random) -> Asked:
    bucket, action = draw.bucket(rng), rng.choice(("s3:GetObject", "s3:PutObject", "s3:DeleteObject"))
    objects = f"arn:aws:s3:::{bucket}/*"
    pair = [_statement("Allow", "s3:*", "*"), _statement("Deny", action, objects)]
    rng.shuffle(pair)
    said = "The order of statements never matters: any explicit Deny that matches wins."
    item = f"arn:aws:s3:::{bucket}/{draw.key(rng)}"
    policies = [_document(*pair)]
    return _question(_me(rng), action, item, "I1", said, wrong=(_ALLOWED,), identityPolicies=policies)


def _lifted(rng: random.Random) -> Asked:
    bucket, action = draw.bucket(rng), rng.choice(("s3:GetObject", "s3:DeleteObject"))
    objects, me = f"arn:aws:s3:::{bucket}/*", _me(rng)
    allow = _document(_statement("Allow", action, objects, Principal={"AWS": me}))
    deny = _document(_statement("Deny", "s3:*Object", objects))
    said = "An Allow, wherever it stands, does not lift an explicit Deny."
    item = f"arn:aws:s3:::{bucket}/{draw.key(rng)}"
    return _question(
        me, action, item, "I2", said, wrong=(_ALLOWED,), identityPolicies=[deny], resourcePolicy=allow
    )


def _silence(rng: random.Random) -> Asked:
    service, action = rng.choice(
        (("sqs", "sqs:SendMessage"), ("dynamodb", "dynamodb:GetItem"), ("s3", "s3:GetObject"))
    )
    me = _me(rng)
    account, region = me.split(":")[4], draw.region(rng)
    resource = {
        "sqs": f"arn:aws:sqs:{region}:{account}:{draw.name(rng)}",
        "dynamodb": f"arn:aws:dynamodb:{region}:{account}:table/{draw.name(rng)}",
        "s3": f"arn:aws:s3:::{draw.bucket(rng)}/{draw.key(rng)}",
    }[service]
    other = rng.choice(("ec2:*", "lambda:InvokeFunction", "logs:*", "ec2:Describe*"))
    said = "No statement speaks of it, and what no statement allows is denied."
    policies = [_document(_statement("Allow", other, "*"))]
    return _question(me, action, resource, "I3", said, wrong=(_ALLOWED,), identityPolicies=policies)


def _cap(rng: random.Random) -> Asked:
    item, me = f"arn:aws:s3:::{draw.bucket(rng)}/{draw.key(rng)}", _me(rng)
    kind = rng.choice(("boundary", "scps"))
    cap = _document(_statement("Allow", rng.choice(("s3:*", "*", "s3:GetObject")), "*"))
    own = [_document(_statement("Allow", rng.choice(("sqs:*", "ec2:*", "s3:ListBucket")), "*"))]
    said = "A boundary or an SCP only caps; an identity or resource policy has to allow as well."
    policies: dict[str, Any] = {kind: [[cap]] if kind == "scps" else cap}
    return _question(
        me, "s3:GetObject", item, "I4", said, wrong=(_ALLOWED,), identityPolicies=own, **policies
    )


def _one_side(rng: random.Random) -> Asked:
    bucket, me = draw.bucket(rng), _me(rng)
    action = rng.choice(("s3:GetObject", "s3:PutObject"))
    objects = f"arn:aws:s3:::{bucket}/*"
    item = f"arn:aws:s3:::{bucket}/{draw.key(rng)}"
    policy = _document(_statement("Allow", action, objects, Principal={"AWS": me}))
    if rng.random() < 0.5:
        said = "Within one account either policy is enough, the resource's or the caller's."
        return _question(me, action, item, "I5", said, wrong=_DENIED, resourcePolicy=policy)
    said = (
        "Across accounts both sides must allow: the bucket's policy does, the caller's own account does not."
    )
    owner = draw.account(rng)
    return _question(me, action, item, "I6", said, wrong=(_ALLOWED,), owner=owner, resourcePolicy=policy)


def _all_but(rng: random.Random) -> Asked:
    me, service = _me(rng), rng.choice(("iam", "ec2", "sqs"))
    account = me.split(":")[4]
    action, resource = {
        "iam": ("iam:GetUser", f"arn:aws:iam::{account}:user/{draw.user(rng)}"),
        "ec2": (
            "ec2:StopInstances",
            f"arn:aws:ec2:us-east-1:{account}:instance/i-0{rng.randrange(16**16):016x}",
        ),
        "sqs": ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{account}:{draw.name(rng)}"),
    }[service]
    statements = [_statement("Allow", (f"{service}:*",), "*")]
    if granted := rng.random() < 0.5:
        statements.append(_statement("Allow", action, "*"))
    said = "NotAction in an Allow leaves those actions out. It does not forbid them."
    wrong = (_IMPLICIT, _EXPLICIT) if granted else (_EXPLICIT,)
    return _question(
        me, action, resource, "I12", said, wrong=wrong, identityPolicies=[_document(*statements)]
    )


def _conditions(rng: random.Random) -> Asked:
    me, region = _me(rng), draw.region(rng)
    other = next(each for each in draw.REGIONS if each != region)
    item = f"arn:aws:s3:::{draw.bucket(rng)}/{draw.key(rng)}"
    wanted: dict[str, Any] = {"aws:RequestedRegion": [region, other], "aws:PrincipalTag/team": draw.team(rng)}
    fits = rng.random() < 0.4
    team = wanted["aws:PrincipalTag/team"] if fits else "visitors"
    context = {"aws:RequestedRegion": rng.choice((region, other)), "aws:PrincipalTag/team": team}
    said = "Keys are joined by and, the values of one key by or."
    policies = [_document(_statement("Allow", "s3:GetObject", "*", Condition={"StringEquals": wanted}))]
    wrong = () if fits else (_ALLOWED,)
    return _question(
        me, "s3:GetObject", item, "I14", said, wrong=wrong, context=context, identityPolicies=policies
    )


def _missing(rng: random.Random) -> Asked:
    me = _me(rng)
    if rng.random() < 0.5:
        queue = f"arn:aws:sqs:{draw.region(rng)}:{me.split(':')[4]}:{draw.name(rng)}"
        condition = {"ForAllValues:StringEquals": {"aws:TagKeys": [draw.team(rng), "stage"]}}
        said = "Of no tags at all it is true that all of them are in the list: ForAllValues holds."
        policies = [_document(_statement("Allow", "sqs:CreateQueue", queue, Condition=condition))]
        return _question(
            me, "sqs:CreateQueue", queue, "I15", said, wrong=_DENIED, context={}, identityPolicies=policies
        )
    item = f"arn:aws:s3:::{draw.bucket(rng)}/{draw.key(rng)}"
    absent = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    said = "A request with an access key has no aws:MultiFactorAuthPresent: there is nothing to compare."
    pair = [_statement("Allow", "s3:GetObject", "*"), _statement("Deny", "*", "*", Condition=absent)]
    policies = [_document(*pair)]
    return _question(
        me, "s3:GetObject", item, "I17", said, wrong=_DENIED, context={}, identityPolicies=policies
    )


def _stars(rng: random.Random) -> Asked:
    me, team = _me(rng), draw.team(rng)
    bucket = f"arn:aws:s3:::{draw.bucket(rng)}"
    operator = rng.choice(("StringEquals", "StringEquals", "StringLike"))
    condition = {operator: {"s3:prefix": f"{team}/*"}}
    said = "StringEquals compares letter by letter; * stands for anything in StringLike only."
    policies = [_document(_statement("Allow", "s3:ListBucket", bucket, Condition=condition))]
    context = {"s3:prefix": f"{team}/{rng.randrange(2020, 2027)}"}
    wrong = (_ALLOWED,) if operator == "StringEquals" else ()
    return _question(
        me, "s3:ListBucket", bucket, "I16", said, wrong=wrong, context=context, identityPolicies=policies
    )


def _version(rng: random.Random) -> Asked:
    me, bucket = _me(rng), draw.bucket(rng)
    who = me.rpartition("/")[2]
    version = rng.choice((None, "2008-10-17", "2012-10-17"))
    home = f"arn:aws:s3:::{bucket}/${{aws:username}}/*"
    said = "Without Version 2012-10-17, ${aws:username} is read letter by letter."
    policies = [_document(_statement("Allow", "s3:GetObject", home), version=version)]
    item = f"arn:aws:s3:::{bucket}/{who}/{draw.key(rng)}"
    context = {"aws:username": who}
    wrong = (_ALLOWED,) if version != "2012-10-17" else ()
    return _question(
        me, "s3:GetObject", item, "I18", said, wrong=wrong, context=context, identityPolicies=policies
    )


def _capitals(rng: random.Random) -> Asked:
    me, bucket = _me(rng), draw.bucket(rng)
    key = draw.key(rng)
    in_action = rng.random() < 0.5
    action = rng.choice(("s3:getobject", "S3:GETOBJECT")) if in_action else "s3:GetObject"
    pattern = f"arn:aws:s3:::{bucket}/{key if in_action else key.capitalize()}"
    said = "Capitals do not count in actions; in names of resources they do."
    policies = [_document(_statement("Allow", action, pattern))]
    item = f"arn:aws:s3:::{bucket}/{key}"
    return _question(me, "s3:GetObject", item, "I19", said, wrong=_DECISIONS, identityPolicies=policies)


def _root(rng: random.Random) -> Asked:
    account = draw.account(rng)
    item = f"arn:aws:s3:::{draw.bucket(rng)}/{draw.key(rng)}"
    statements = [_statement("Allow", "*", "*")]
    if rng.random() < 0.6:
        statements.append(_statement("Deny", "s3:*", "*"))
    said = "Root needs no identity policy; an SCP binds the root user of a member account all the same."
    scps = [[_document(*statements)]]
    root = f"arn:aws:iam::{account}:root"
    return _question(root, "s3:GetObject", item, "I21", said, wrong=_DECISIONS, scps=scps)


def _only_star(rng: random.Random) -> Asked:
    me, region = _me(rng), draw.region(rng)
    action, pattern = rng.choice(
        (
            ("ec2:DescribeInstances", f"arn:aws:ec2:{region}:{me.split(':')[4]}:instance/*"),
            ("s3:ListAllMyBuckets", f"arn:aws:s3:::{draw.bucket(rng)}"),
        )
    )
    said = f"{action} takes no resource but *: a statement for an ARN never matches it."
    policies = [_document(_statement("Allow", action, pattern))]
    return _question(me, action, "*", "I23", said, wrong=(_ALLOWED,), identityPolicies=policies)


def _endpoint(rng: random.Random) -> Asked:
    me, second = _me(rng), rng.randrange(256)
    endpoint = f"vpce-0{rng.randrange(16**16):016x}"
    condition: dict[str, Any] = {"IpAddress": {"aws:SourceIp": f"10.{second}.0.0/16"}}
    if rng.random() < 0.3:
        condition = {"StringEquals": {"aws:SourceVpce": endpoint}}
    context = {"aws:SourceVpce": endpoint, "aws:VpcSourceIp": f"10.{second}.{rng.randrange(256)}.7"}
    item = f"arn:aws:s3:::{draw.bucket(rng)}/{draw.key(rng)}"
    said = "A request through a VPC endpoint has aws:SourceVpce and aws:VpcSourceIp, and no aws:SourceIp."
    policies = [_document(_statement("Allow", "s3:GetObject", "*", Condition=condition))]
    wrong = (_ALLOWED,) if "IpAddress" in condition else ()
    return _question(
        me, "s3:GetObject", item, "I24", said, wrong=wrong, context=context, identityPolicies=policies
    )


DRILL: Final = Drill(
    "decisions",
    "Decisions",
    "predict what IAM decides from every policy that applies",
    (
        Form(_deny, ("I1",)),
        Form(_lifted, ("I2",)),
        Form(_silence, ("I3",)),
        Form(_cap, ("I4",)),
        Form(_one_side, ("I5", "I6")),
        Form(_all_but, ("I12",)),
        Form(_conditions, ("I14",)),
        Form(_missing, ("I15", "I17")),
        Form(_stars, ("I16",)),
        Form(_version, ("I18",)),
        Form(_capitals, ("I19",)),
        Form(_root, ("I21",)),
        Form(_only_star, ("I23",)),
        Form(_endpoint, ("I24",)),
    ),
)
