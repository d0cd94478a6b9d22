"""The callers that two policies tell apart: one for each way in which statements name them.

Callers come from what the policies say: each principal that they name, callers whose names and ARNs the
conditions tell apart, and one of each kind that nothing mentions.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from labs.aws.iam.elements import Grant, PrincipalElement
from labs.aws.iam.principals import Principal, PrincipalKind
from labs.aws.iam.prover.automaton import ANY, ANY_IN_NAME, ANY_IN_PART, Automaton, Pattern, Symbol
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.keys import FROM_CALLER
from labs.aws.iam.prover.rules import Rules, bits
from labs.aws.iam.prover.shapes import Shape, Slot, Vocabulary
from labs.aws.iam.prover.texts import Filling, condition_pattern, variables_in
from labs.aws.iam.prover.values import probe
from labs.aws.iam.prover.walks import texts_of
from labs.errors import InputError

__all__ = ["Caller", "callers", "candidates"]

_INSIDERS: Final = frozenset(
    {PrincipalKind.USER, PrincipalKind.SESSION, PrincipalKind.ROOT, PrincipalKind.FEDERATED}
)
_MAYBE_FROM_CALLER: Final = FROM_CALLER | {"aws:userid"}
_HEAD: Final = ("arn:", Slot.PARTITION, ":iam::", Slot.ACCOUNT, ":")
_SHAPES: Final = tuple(
    Shape("", "iam", _HEAD, (f"{kind}/", *path, Slot.NAME))
    for kind in ("user", "role")
    for path in ((), (Slot.PATH, "/"))
)
_FEDERATED: Final = Shape(
    "", "sts", ("arn:", Slot.PARTITION, ":sts::", Slot.ACCOUNT, ":"), ("federated-user/", Slot.NAME)
)
_STRANGERS: Final = ("lambda.amazonaws.com", "ec2.amazonaws.com", "accounts.google.com", "www.amazon.com")


@dataclass(frozen=True, slots=True)
class Caller:
    """Callers that no statement tells apart, by account.

    `alive` has a bit for each rule that can match for them, and `grants` says how closely each of those names
    them. `keys` are the condition keys that follow from them.
    """

    accounts: dict[str | None, Principal]
    alive: int
    grants: tuple[Grant, ...]
    keys: Filling
    anywhere: bool = False
    """Whether they can be in every account."""

    @property
    def example(self) -> Principal:
        """The most readable of them."""
        return next(iter(self.accounts.values()))

    @property
    def insider(self) -> bool:
        """Whether they belong to an account."""
        return self.example.kind in _INSIDERS

    def at(self, account: str) -> Principal | None:
        """One of them in the account, if there can be one."""
        found = self.accounts.get(account)
        like = next((each for each in self.accounts.values() if each.issuer is None), None)
        if found is None and self.anywhere and like is not None:
            parts = like.arn.split(":")
            found = Principal.parse(":".join([*parts[:4], account, *parts[5:]]))
        return found


def callers(
    rules: Rules, candidates: Iterable[Principal], accounts: tuple[str, ...], budget: Budget
) -> tuple[Caller, ...]:
    """The classes of some callers that the rules tell apart, in the order of their first ones.

    Who is the same in all of the `accounts` is taken to be so in every account.
    """
    conditions = [
        (1 << place, condition)
        for place, condition in enumerate(rules.atoms)
        if condition.key in _MAYBE_FROM_CALLER and variables_in(condition) <= FROM_CALLER
    ]
    telling = sorted(_telling(rules))
    grants_to = _grants(rules)
    found: dict[Hashable, Caller] = {}
    for principal in candidates:
        budget.spend(1 + (len(rules.rules) + len(conditions)) // 4)
        keys: Filling = {key: principal.keys.get(key) for key in FROM_CALLER} | dict(principal.keys)
        request = probe(keys)
        failing = sum(
            bit for bit, condition in conditions if condition.key in keys and not condition.matches(request)
        )
        grants = grants_to(principal)
        alive = sum(
            1 << place
            for place, rule in enumerate(rules.rules)
            if grants[place] is not Grant.NONE and not rule.atoms & failing
        )
        kind = (principal.kind, principal.has_root_permissions)
        sign = (kind, alive, grants, tuple(keys.get(key) for key in telling))
        caller = found.setdefault(sign, Caller({}, alive, grants, keys))
        caller.accounts.setdefault(principal.account, principal)
    return tuple(
        replace(caller, anywhere=caller.insider and caller.accounts.keys() >= set(accounts))
        for caller in found.values()
    )


def _grants(rules: Rules) -> Callable[[Principal], tuple[Grant, ...]]:
    """What tells how closely each rule names a principal."""
    if rules.kind == "identity":
        named = (Grant.CALLER,) * len(rules.rules)
        return lambda principal: named

    elements = [rule.statement.principal for rule in rules.rules]

    @cache
    def near(sign: str) -> list[PrincipalElement | None]:
        """The elements with only those entries that can name who has the sign: `*`, or ones that hold it."""
        found: list[PrincipalElement | None] = []
        for element in elements:
            if element is not None and not element.negated:
                entries = tuple(entry for entry in element.entries if entry.text == "*" or sign in entry.text)
                element = replace(element, entries=entries) if entries else None
            found.append(element)
        return found

    def grants(principal: Principal) -> tuple[Grant, ...]:
        return tuple(
            element.grant(principal, False) if element else Grant.NONE
            for element in near(principal.account or principal.arn)
        )

    return grants


def _telling(rules: Rules) -> frozenset[str]:
    """The keys of the caller whose values themselves matter: those that meet a free key."""
    named = frozenset().union(*(rule.variables for rule in rules.rules)) & FROM_CALLER
    compared = (
        condition.key
        for condition in rules.atoms
        if condition.key in FROM_CALLER and not variables_in(condition) <= FROM_CALLER
    )
    return named | frozenset(compared)


# Candidates


def candidates(rules: Rules, words: Vocabulary, names: Iterable[str], budget: Budget) -> Iterator[Principal]:
    """Callers that stand for all, the most readable first.

    `names` are those that users should have because policy variables are compared with them.
    """
    resource = rules.kind == "resource"
    if resource:
        yield Principal.anonymous()
    names = [name for name in dict.fromkeys(("x", *names)) if name and not set(name) & set(":/*?")]
    for account in words.numbers:
        for name in names:
            yield from _parsed(f"arn:aws:iam::{account}:user/{name}")
        yield from _parsed(f"arn:aws:sts::{account}:assumed-role/x/x")
        if resource:
            yield from _parsed(f"arn:aws:iam::{account}:root", f"arn:aws:sts::{account}:federated-user/x")
    if resource:
        for element in _elements(rules):
            for entry in element.entries:
                yield from _named(entry.text)
        yield from _parsed(*_STRANGERS, *_services(rules))
    for arn in _arns(rules, words, budget):
        yield from _behind(arn)


def _elements(rules: Rules) -> Iterator[PrincipalElement]:
    for rule in rules.rules:
        if rule.statement.principal is not None:
            yield rule.statement.principal


def _services(rules: Rules) -> Iterator[str]:
    """The services that conditions name."""
    for place in bits(rules.keys.get("aws:principalservicename", 0)):
        for text in rules.atoms[place].texts:
            yield text.replace("*", "x").replace("?", "x")


def _parsed(*texts: str) -> Iterator[Principal]:
    for text in texts:
        try:
            yield Principal.parse(text)
        except InputError:
            continue


def _named(text: str) -> Iterator[Principal]:
    """The callers that one entry of a Principal element names, themselves and through sessions."""
    if "*" in text or "?" in text:
        return
    if ":role/" in text:
        yield from _behind(text)
        return
    yield from _parsed(text)
    if ":user/" in text:
        for user in _parsed(text):
            if user.kind is PrincipalKind.USER:
                yield Principal.federated(text, "x")


def _behind(arn: str) -> Iterator[Principal]:
    """The caller with this `aws:PrincipalArn`: a user, or a session of a role."""
    for principal in _parsed(arn):
        if principal.kind is PrincipalKind.SESSION:
            yield from _parsed(
                f"{arn.split(':role/')[0].replace(':iam:', ':sts:')}:assumed-role/{principal.name}/x"
            )
            yield Principal.session(arn, "x")
        else:
            yield principal


def _arns(rules: Rules, words: Vocabulary, budget: Budget) -> Iterator[str]:
    """An ARN of a user or a role for each way in which the conditions on the caller turn out together."""
    patterns = [pattern for key in sorted(FROM_CALLER) for pattern in _patterns(rules, key)]
    if not patterns:
        return
    if rules.kind == "resource":
        entries = {entry.text for element in _elements(rules) for entry in element.entries}
        patterns += [Pattern((text,)) for text in sorted(entries) if text.startswith("arn:")]
    machine = Automaton(patterns)
    for shape in (*_SHAPES, _FEDERATED) if rules.kind == "resource" else _SHAPES:
        found: dict[int, str] = {}
        for state, text in texts_of(machine, shape, words, budget).items():
            found.setdefault(state & machine.accept, text)
        yield from found.values()


def _patterns(rules: Rules, key: str) -> Iterator[Pattern]:
    """What the conditions on a key of the caller say of the ARN of the user or role."""
    for place in bits(rules.keys.get(key, 0)):
        condition = rules.atoms[place]
        for text in condition.texts:
            pattern = condition_pattern(condition, text, {}, loose=True)
            if pattern is None:
                continue
            if key == "aws:principalarn":
                yield pattern
            elif key == "aws:username":
                name = _within(pattern.symbols, ANY_IN_NAME)
                user = ("arn:", ANY_IN_PART, ":iam::", ANY_IN_PART, ":user/")
                yield Pattern((*user, *name), pattern.fold)
                yield Pattern((*user, ANY, "/", *name), pattern.fold)
            elif key == "aws:principalaccount":
                account = _within(pattern.symbols, ANY_IN_PART)
                yield Pattern(("arn:", ANY_IN_PART, ":iam::", *account, ":", ANY), pattern.fold)


def _within(symbols: tuple[Symbol, ...], many: Symbol) -> tuple[Symbol, ...]:
    return tuple(many if symbol == ANY else symbol for symbol in symbols)
