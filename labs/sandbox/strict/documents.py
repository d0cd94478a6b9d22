"""Policy documents: whether they are policies at all, how long they are, and whom they name.

The grammar is that of `labs.aws.iam`; each service refuses in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labs.aws.arn import Arn
from labs.aws.iam import Policy, parse_policy
from labs.aws.iam.grammar import PolicyType
from labs.aws.iam.limits import LIMITS
from labs.errors import ArnError, PolicyError
from labs.sandbox.live import live
from labs.sandbox.strict.pages import page
from labs.sandbox.strict.rules import Asked, Refusal, Rule, Source, clause

__all__ = ["RULES", "read", "strangers"]

_GRAMMAR = page("IAM User Guide", "Grammar of the IAM JSON policy language", "reference_policies_grammar")
_PRINCIPAL = page(
    "IAM User Guide", "AWS JSON policy elements: Principal", "reference_policies_elements_principal"
)
_QUOTAS = page("IAM User Guide", "IAM and AWS STS quotas", "reference_iam-quotas")


@dataclass(frozen=True, slots=True)
class _Form:
    """How a call carries a policy, and how its service refuses it.

    `text` finds the document; None when the call has none. `words` are those of a refusal in general, and
    `principal` those about a principal that does not exist.
    """

    text: Callable[[Asked], str | None]
    type: PolicyType
    code: str
    words: str
    principal: str = ""


def _of(name: str) -> Callable[[Asked], str | None]:
    return lambda ask: ask.text(name) or None


def _queue_policy(ask: Asked) -> str | None:
    policy = (ask.params.get("Attributes") or {}).get("Policy")
    return str(policy) if policy else None


def _topic_policy(ask: Asked) -> str | None:
    if ask.text("AttributeName") == "Policy":
        return ask.text("AttributeValue") or None
    return _queue_policy(ask)


def _identity(name: str = "PolicyDocument") -> _Form:
    return _Form(_of(name), "identity", "MalformedPolicyDocument", "Syntax errors in policy.")


def _trust(name: str) -> _Form:
    words, principal = "Syntax errors in policy.", 'Invalid principal in policy: "{type}":"{text}"'
    return _Form(_of(name), "trust", "MalformedPolicyDocument", words, principal)


def _resource(code: str, words: str, principal: str, name: str) -> _Form:
    return _Form(_of(name), "resource", code, words, principal)


_QUEUE = _Form(
    _queue_policy,
    "resource",
    "InvalidAttributeValue",
    "Invalid value for the parameter Policy.",
    "Invalid value for the parameter Policy.",
)
_TOPIC = _Form(
    _topic_policy,
    "resource",
    "InvalidParameter",
    "Invalid parameter: Policy Error: null",
    "Invalid parameter: Policy Error: PrincipalNotFound",
)
_KEY = _resource(
    "MalformedPolicyDocumentException",
    "The new key policy is not syntactically or semantically correct.",
    "Policy contains a statement with one or more invalid principals.",
    "Policy",
)
_BUCKET = _resource(
    "MalformedPolicy",
    "Policies must be valid JSON and the first byte must be '{'",
    "Invalid principal in policy",
    "Policy",
)
_SECRET = _resource(
    "MalformedPolicyDocumentException",
    "This resource policy contains a syntax error.",
    "This resource policy contains an unsupported principal.",
    "ResourcePolicy",
)
_TABLE = _resource(
    "ValidationException",
    "Invalid policy document",
    "Invalid policy document: Invalid principal",
    "Policy",
)
_FORMS: Mapping[str, _Form] = {
    **{f"iam:{name}": _identity() for name in ("CreatePolicy", "CreatePolicyVersion")},
    **{f"iam:Put{kind}Policy": _identity() for kind in ("User", "Group", "Role")},
    "iam:CreateRole": _trust("AssumeRolePolicyDocument"),
    "iam:UpdateAssumeRolePolicy": _trust("PolicyDocument"),
    "s3:PutBucketPolicy": _BUCKET,
    "sqs:CreateQueue": _QUEUE,
    "sqs:SetQueueAttributes": _QUEUE,
    "sns:CreateTopic": _TOPIC,
    "sns:SetTopicAttributes": _TOPIC,
    "kms:CreateKey": _KEY,
    "kms:PutKeyPolicy": _KEY,
    "secretsmanager:PutResourcePolicy": _SECRET,
    "dynamodb:PutResourcePolicy": _TABLE,
}


def _form(ask: Asked) -> _Form:
    return _FORMS[f"{ask.call.service}:{ask.call.operation}"]


def read(ask: Asked) -> Policy | None:
    """The policy that a call carries; None when it has none, or one that cannot be read."""
    form = _form(ask)
    text = form.text(ask)
    if not text:
        return None
    try:
        return parse_policy(text, type=form.type)
    except PolicyError:
        return None


# -- grammar -----------------------------------------------------------------------------------------------

# AWS's own words for some of the faults: of IAM, and of S3.
_IAM_WORDS = {
    "A trust policy has no Resource": "Has prohibited field Resource",
    "An identity-based policy has no Principal": "Policy document should not specify a principal.",
    "The Sid has a character that IAM refuses": "Statement IDs (SID) must be alpha-numeric. Check that your "
    "input satisfies the regular expression [0-9A-Za-z]*",
    "The statement has no Action": "Policy statement must contain actions.",
    "The statement has no Principal": "Missing required field Principal",
    "The statement has no Resource": "Policy statement must contain resources.",
}
_S3_WORDS = {
    "AWS knows no element of this name": "Unknown field",
    "The Effect is not Allow or Deny": "Invalid effect",
    "The policy has no Statement": "Missing required field Statement",
    "The statement has no Action": "Missing required field Action",
    "The statement has no Effect": "Missing required field Effect",
    "The statement has no Principal": "Missing required field Principal",
    "The statement has no Resource": "Missing required field Resource",
    "This is no principal of AWS": "Invalid principal in policy",
}


def _grammar(ask: Asked) -> Refusal | None:
    form = _form(ask)
    text = form.text(ask)
    if not text:
        return None
    try:
        parse_policy(text, type=form.type)
    except PolicyError as fault:
        known = _S3_WORDS if ask.call.service == "s3" else _IAM_WORDS if ask.call.service == "iam" else {}
        because = f"{clause(fault.title)}. {fault.detail}" if fault.detail else clause(fault.title)
        return Refusal(form.code, known.get(fault.title, form.words), because, fault.hint)
    return None


def _trust_actions(ask: Asked) -> Refusal | None:
    policy = read(ask)
    for statement in policy.statements if policy else ():
        wrong = [text for text in statement.action.texts if not text.lower().startswith(("sts:", "*"))]
        if wrong and not statement.action.negated:
            return Refusal(
                "MalformedPolicyDocument",
                "AssumeRole policy may only specify STS AssumeRole actions.",
                f"a trust policy is about assuming the role, and {wrong[0]} is not",
                "Write sts:AssumeRole, and allow the rest in a policy of the role.",
            )
    return None


# -- sizes -------------------------------------------------------------------------------------------------


def _managed_size(ask: Asked) -> Refusal | None:
    limit = LIMITS["managed"]
    size = limit.size(ask.text("PolicyDocument"))
    if size <= limit.most:
        return None
    return Refusal(
        "LimitExceeded",
        f"Cannot exceed quota for PolicySize: {limit.most}",
        f"the document has {size:,} characters without white space, and {limit.most:,} is the most",
        "Use wildcards, or several policies.",
        409,
    )


def _trust_size(ask: Asked) -> Refusal | None:
    limit = LIMITS["trust"]
    size = limit.size(ask.text(_TRUST_PARAMETER[ask.call.operation]))
    if size <= limit.most:
        return None
    return Refusal(
        "LimitExceeded",
        f"Cannot exceed quota for ACLSizePerRole: {limit.most}",
        f"the document has {size:,} characters without white space, and {limit.most:,} is the most",
        "Name accounts in place of users, or add a Condition.",
        409,
    )


_TRUST_PARAMETER = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}
_INLINE = {"PutUserPolicy": "user", "PutGroupPolicy": "group", "PutRolePolicy": "role"}


def _inline_size(ask: Asked) -> Refusal | None:
    kind = _INLINE[ask.call.operation]
    limit, name = LIMITS[kind], ask.text(f"{kind.title()}Name")
    held = getattr(live("iam", ask.account), f"{kind}s").values()
    entity = next((each for each in held if each.name == name), None)
    if entity is None:
        return None
    others = [text for policy, text in entity.policies.items() if policy != ask.text("PolicyName")]
    size = sum(limit.size(str(text)) for text in (*others, ask.text("PolicyDocument")))
    if size <= limit.most:
        return None
    return Refusal(
        "LimitExceeded",
        f"Maximum policy size of {limit.most} bytes exceeded for {kind} {name}",
        f"the inline policies of {name} would have {size:,} characters together without white space, and "
        f"{limit.most:,} is the most",
        "Make it a managed policy, and attach it.",
        409,
    )


# -- principals --------------------------------------------------------------------------------------------

_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|aws\.internal)", re.ASCII)
_UNIQUE_ID = re.compile(r"A(IDA|ROA)[A-Z0-9]{12,}", re.ASCII)
_KINDS = {"iam": ("root", "user", "role"), "sts": ("assumed-role", "federated-user")}


def strangers(policy: Policy) -> Iterator[tuple[str, str]]:
    """The principals of a policy that are nobody, each as its type and its text.

    Of accounts that this world does not have, nothing is known, and anybody may be there.
    """
    for statement in policy.statements:
        for entry in statement.principal.entries if statement.principal else ():
            if entry.type == "Service" and entry.text != "*" and not _SERVICE.fullmatch(entry.text):
                yield "SERVICE", entry.text
            if entry.type == "AWS" and entry.text != "*" and not _exists(entry.text):
                yield "AWS", entry.text


def _exists(text: str) -> bool:
    if _UNIQUE_ID.fullmatch(text):
        return any(entity.id == text for iam in _all_iam() for entity in _entities(iam))
    try:
        arn = Arn.parse(text)
    except ArnError:
        return True  # an account id; the grammar has refused everything else
    kind, _, rest = arn.resource.partition("/")
    if any(sign in arn.resource for sign in "*?") or kind not in _KINDS.get(arn.service, ()):
        return False
    iam = live("iam", arn.account or "")
    if iam is None or kind in ("root", "federated-user"):
        return True
    if kind == "assumed-role":
        return any(role.name == rest.partition("/")[0] for role in iam.roles.values())
    return any(entity.arn == text for entity in _entities(iam))


def _all_iam() -> Iterator[Any]:
    from moto.iam.models import iam_backends

    for regions in list(iam_backends.values()):
        if "aws" in regions:
            yield regions["aws"]


def _entities(iam: Any) -> Iterator[Any]:
    yield from iam.users.values()
    yield from iam.roles.values()


def _known_principals(ask: Asked) -> Refusal | None:
    policy = read(ask)
    found = next(strangers(policy), None) if policy is not None else None
    if found is None:
        return None
    form = _form(ask)
    message = form.principal.replace("{type}", found[0]).replace("{text}", found[1])
    return Refusal(
        form.code,
        message,
        f"{found[1]} is nobody: a policy that is saved names users and roles that exist, and no groups",
        "Create it first, or name the account and compare aws:PrincipalArn in a Condition.",
    )


def _on_documents(id: str, says: str, moto: str, source: Source, code: str, check: Any, *only: str) -> Rule:
    return Rule(id, "refuses", says, moto, source, operations=only, code=code, check=check)


_WITH_PRINCIPALS = tuple(name for name, form in _FORMS.items() if form.principal)

RULES = (
    _on_documents(
        "iam.managed-policy-size",
        "A managed policy has 6,144 characters at most, without white space.",
        "It takes any length.",
        _QUOTAS,
        "LimitExceeded",
        _managed_size,
        "iam:CreatePolicy",
        "iam:CreatePolicyVersion",
    ),
    _on_documents(
        "iam.inline-policy-size",
        "The inline policies of a user have 2,048 characters together, of a group 5,120, of a role 10,240.",
        "It takes any length.",
        _QUOTAS,
        "LimitExceeded",
        _inline_size,
        *(f"iam:{operation}" for operation in _INLINE),
    ),
    _on_documents(
        "iam.trust-policy-size",
        "A trust policy has 2,048 characters at most, without white space.",
        "It takes any length.",
        _QUOTAS,
        "LimitExceeded",
        _trust_size,
        *(f"iam:{operation}" for operation in _TRUST_PARAMETER),
    ),
    _on_documents(
        "iam.policy-grammar",
        "A policy that is saved keeps the grammar of its type.",
        "It takes principals in identity-based policies, none in trust policies, and any text for a bucket.",
        _GRAMMAR,
        "MalformedPolicyDocument",
        _grammar,
        *_FORMS,
    ),
    _on_documents(
        "iam.trust-actions",
        "A trust policy is about actions of STS.",
        "It takes any action.",
        page("IAM User Guide", "Create a role using custom trust policies", "id_roles_create_for-custom"),
        "MalformedPolicyDocument",
        _trust_actions,
        "iam:CreateRole",
        "iam:UpdateAssumeRolePolicy",
    ),
    _on_documents(
        "iam.policy-principals",
        "A policy names users and roles that exist, no groups, and no wildcards in their ARNs.",
        "It takes anybody.",
        _PRINCIPAL,
        "MalformedPolicyDocument",
        _known_principals,
        *_WITH_PRINCIPALS,
    ),
)
