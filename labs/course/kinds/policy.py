"""Policy: a JSON document, judged by how IAM decides real requests under it, and then by proof.

A rule is a set of requests and the decision that they should meet. The first request of a rule that meets
another one is its counter-example: a case that the learner can run. What keeps every rule is compared with
the exercise's reference over all requests that there are; a difference is a counter-example too.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from labs.course.exercise import Exercise
from labs.course.kinds.proof import Found, Proof, prove
from labs.course.marks import CounterExample, Criterion, Kind, failed, passed, skipped
from labs.course.variants import Variant
from labs.errors import PolicyError

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy

__all__ = ["Ask", "PolicyExercise", "Rule", "s3_beside"]

_LINTED_AS = {"identity": "user", "resource": "bucket", "trust": "trust"}
PROVED = "Proved: of all requests that AWS knows, it allows no other."
NOT_PROVED = "It was judged by examples alone; a proof did not come to its end. "


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, apart from who makes it."""

    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    principal: str | None = None

    def __str__(self) -> str:
        what = self.resource.removeprefix("arn:aws:s3:::")
        return f"{self.action} on {what}" if what != "*" else self.action


@dataclass(frozen=True, slots=True)
class Rule:
    """What should hold of a policy: all these requests are allowed, or none is.

    `why` is said when it does not hold.
    """

    name: str
    points: int
    allowed: bool
    asks: tuple[Ask, ...]
    why: str = ""


class PolicyExercise(Exercise):
    """Write a policy. Subclasses say for whom, and which rules it should keep."""

    kind: ClassVar[Kind] = Kind.POLICY
    filename: ClassVar[str] = "policy.json"
    suffix: ClassVar[str] = ".json"
    policy_type: ClassVar[str] = "identity"
    """`identity`, `resource` or `trust`: what kind of policy the document is to be."""

    @property
    def linted_as(self) -> str:
        """The kind of policy as `labs.aws.iam.lint` names it."""
        return _LINTED_AS[self.policy_type]

    @abstractmethod
    def principal(self, variant: Variant) -> str:
        """Who makes the requests, unless an `Ask` says otherwise: an ARN."""

    @abstractmethod
    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        """What should hold."""

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        """The misconception behind a request that met the wrong decision; None when there is no telling."""
        return None

    def diagnose_document(self, fault: PolicyError) -> str | None:
        """The misconception behind a document that AWS would refuse."""
        place = fault.path.rpartition(".")[2]
        if self.policy_type == "identity" and place in ("Principal", "NotPrincipal"):
            return "I10"
        return None

    def beside(self, variant: Variant) -> Mapping[str, Any]:
        """Other policies that apply to the requests, as keyword arguments of `PolicySet`."""
        return {}

    def least(self, variant: Variant) -> str:
        """What each right answer must allow, as a policy: `least.json`, else the solution."""
        return self._bound("least", variant)

    def most(self, variant: Variant) -> str:
        """What a right answer may allow at most, as a policy: `most.json`, else the solution."""
        return self._bound("most", variant)

    def mark(self, text: str, variant: Variant) -> tuple[Criterion, ...]:
        """A criterion for each rule; when AWS would refuse the document, the rules are skipped."""
        from labs.aws.iam import parse_policy

        rules = self.rules(variant)
        try:
            policy = parse_policy(text, name="your policy", type=self.policy_type)  # type: ignore[arg-type]
        except PolicyError as fault:
            where = f" ({fault.path})" if fault.path else ""
            said = " ".join(part for part in (f"{fault.title}{where}.", fault.detail, fault.hint) if part)
            example = CounterExample.of_command(("lint", "--as", self.linted_as, "-"), text)
            refused = failed(
                "AWS accepts the policy",
                0,
                said,
                misconception=self.diagnose_document(fault),
                example=example,
            )
            return (refused, *(skipped(rule.name, rule.points, "") for rule in rules))
        criteria = tuple(self._mark(policy, rule, variant) for rule in rules)
        if any(criterion.state != "pass" for criterion in criteria):
            return criteria
        return self._proved(policy, rules, criteria, variant)

    def _proved(
        self, policy: Policy, rules: Sequence[Rule], criteria: Sequence[Criterion], variant: Variant
    ) -> tuple[Criterion, ...]:
        """The criteria of a policy that keeps every rule, after the proof."""
        least, most = (self._reference(text) for text in (self.least(variant), self.most(variant)))
        identity = self.policy_type == "identity"
        proof = prove(policy, least, most, identity=identity, beside=self.beside(variant))
        marked = list(criteria)
        for found in filter(None, (proof.wider, proof.narrower)):
            number = _rule_about(rules, found)
            marked[number] = self._differs(policy, rules[number], found)
        if not proof.wider:
            number = _last(rules, allowed=False)
            marked[number] = replace(marked[number], message=_said_of(proof))
        return tuple(marked)

    def _bound(self, name: str, variant: Variant) -> str:
        file = f"{name}{self.suffix}"
        there = (self.folder / file).is_file()
        return self._text(file, variant) if there else self.solution(variant)

    def _reference(self, text: str) -> Policy:
        from labs.aws.iam import parse_policy

        return parse_policy(text, name="the reference", type=self.policy_type)  # type: ignore[arg-type]

    def _differs(self, policy: Policy, rule: Rule, found: Found) -> Criterion:
        """The criterion of a rule whose examples all hold, and which a request breaks that was found."""
        from labs.aws.iam import case_to_json

        request = found.request
        context = {key: str(value) for key, value in request.context.items()}
        ask = Ask(request.action, request.resource, context, request.principal.arn)
        more = found.side == "wider"
        said = "This is allowed, and should not be." if more else "This is denied, and should not be."
        why = rule.why if _is_about(rule, found) else ""
        return failed(
            rule.name,
            rule.points,
            f"{said} No example shows it; the proof found it among all requests. {why}".strip(),
            misconception=self.diagnose(policy, rule, ask, found.decision),
            example=CounterExample(
                f"{ask} is {'allowed' if more else 'denied'}", case_to_json(request, found.policies)
            ),
        )

    def _mark(self, policy: Policy, rule: Rule, variant: Variant) -> Criterion:
        from labs.aws.iam import PolicySet, Principal, Request, case_to_json, evaluate

        policies = self._policies(policy, variant)
        for ask in rule.asks:
            principal = Principal.parse(ask.principal or self.principal(variant))
            request = Request(principal, ask.action, ask.resource, context=ask.context)
            decision = evaluate(request, policies)
            if decision.allowed is not rule.allowed:
                assert isinstance(policies, PolicySet)
                verdict = "is allowed" if decision.allowed else "is denied"
                example = CounterExample(f"{ask} {verdict}", case_to_json(request, policies))
                return failed(
                    rule.name,
                    rule.points,
                    rule.why,
                    misconception=self.diagnose(policy, rule, ask, decision),
                    example=example,
                )
        return passed(rule.name, rule.points)

    def _policies(self, policy: Policy, variant: Variant) -> Any:
        from labs.aws.iam import PolicySet

        if self.policy_type == "identity":
            return PolicySet(identity=(policy,), **self.beside(variant))
        return PolicySet(resource=policy, **self.beside(variant))


def _rule_about(rules: Sequence[Rule], found: Found) -> int:
    """The number of the rule that a difference breaks: the last on its action, else the last of its side."""
    allowed = found.side == "narrower"
    about = [
        number for number, rule in enumerate(rules) if rule.allowed is allowed and _is_about(rule, found)
    ]
    return about[-1] if about else _last(rules, allowed=allowed)


def _is_about(rule: Rule, found: Found) -> bool:
    """Whether a rule asks for the action of a difference."""
    return any(ask.action.casefold() == found.request.action.casefold() for ask in rule.asks)


def _last(rules: Sequence[Rule], *, allowed: bool) -> int:
    """The number of the last rule of a side; of the last of all where there is none."""
    of_side = [number for number, rule in enumerate(rules) if rule.allowed is allowed]
    return of_side[-1] if of_side else len(rules) - 1


def _said_of(proof: Proof) -> str:
    return f"{NOT_PROVED}{proof.undecided}" if proof.undecided else PROVED


# What an over-wide policy for S3 tends to allow as well.
_OBJECT_ACTIONS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:GetObjectVersion",
    "s3:DeleteObjectVersion",
    "s3:PutObjectAcl",
    "s3:GetObjectTagging",
    "s3:PutObjectTagging",
)
_BUCKET_ACTIONS = (
    "s3:DeleteBucket",
    "s3:PutBucketPolicy",
    "s3:GetBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:ListBucketVersions",
    "s3:PutLifecycleConfiguration",
)
_ELSEWHERE = (
    Ask("s3:ListAllMyBuckets", "*"),
    Ask("ec2:DescribeInstances", "*"),
    Ask("ec2:RunInstances", "arn:aws:ec2:us-east-1:123456789012:instance/*"),
    Ask("iam:CreateUser", "arn:aws:iam::123456789012:user/mallory"),
    Ask("iam:PassRole", "arn:aws:iam::123456789012:role/admin"),
    Ask("sts:AssumeRole", "arn:aws:iam::123456789012:role/admin"),
)


def s3_beside(bucket: str, prefix: str, allowed: Iterable[str]) -> tuple[Ask, ...]:
    """Requests around `bucket/prefix` that a policy for just that should not allow.

    Args:
        prefix: the keys that may be touched, such as `data/`; empty for the whole bucket.
        allowed: the object actions that are meant to be allowed there.
    """
    wanted = set(allowed)
    inside = f"arn:aws:s3:::{bucket}/{prefix}a.csv"

    def asks() -> Iterator[Ask]:
        for action in _OBJECT_ACTIONS:
            if action not in wanted:
                yield Ask(action, inside)
        for action in sorted(wanted):
            if prefix:
                yield Ask(action, f"arn:aws:s3:::{bucket}/keys/root.pem")
                # The neighbour whose name only begins alike: data* also names database/.
                yield Ask(action, f"arn:aws:s3:::{bucket}/{prefix.rstrip('/')}base/users.csv")
            yield Ask(action, f"arn:aws:s3:::{bucket}-backup/{prefix}a.csv")
            yield Ask(action, f"arn:aws:s3:::somebody-else/{prefix}a.csv")
        for action in _BUCKET_ACTIONS:
            yield Ask(action, f"arn:aws:s3:::{bucket}")
        yield from _ELSEWHERE

    return tuple(asks())
