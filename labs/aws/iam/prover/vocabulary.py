"""The words for the first parts of an ARN: those that two policies write, and others that they do not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from labs.aws.iam.prover.automaton import ANY, ANY_IN_PART, Automaton, Pattern
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.keys import OWNER
from labs.aws.iam.prover.rules import Rules
from labs.aws.iam.prover.shapes import Vocabulary
from labs.aws.iam.prover.texts import condition_pattern
from labs.aws.iam.prover.walks import account_numbers

__all__ = ["vocabulary"]

_ACCOUNT: Final = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_REGIONS: Final = ("us-east-1", "eu-west-1", "us-west-2", "ap-southeast-2")
_STRANGERS: Final = tuple(str(digit) * 12 for digit in (9, 8, 7, 6, 5, 4, 3, 2, 1))
_WILD: Final = frozenset("*?")


def vocabulary(rules: Rules, budget: Budget) -> Vocabulary:
    """The words for partition, region and account.

    A policy lives in one partition, so there is a second one only when a policy writes it, or a wildcard for
    it. Of the accounts at least one is in neither policy.
    """
    accounts: Counter[str] = Counter()
    written: list[set[str]] = [set(), set(), set()]
    wild: list[set[str]] = [set(), set(), set()]
    for text in _texts(rules):
        accounts.update(_ACCOUNT.findall(text))
        parts = text.split(":", 5)
        if len(parts) == 6 and parts[0] == "arn":
            for place, part in enumerate((parts[1], parts[3], parts[4])):
                (wild if _WILD & set(part) else written)[place].add(part)
    partitions, regions, odd = (sorted(found - {""}) for found in written)
    known = sorted(accounts, key=lambda account: (-accounts[account], account)) or ["123456789012"]
    stranger = next((number for number in _STRANGERS if number not in accounts), _STRANGERS[0])
    numbers = tuple(_matched_numbers(rules, budget))
    return Vocabulary(
        tuple(dict.fromkeys(("aws", *partitions, *(("aws-cn",) if wild[0] else ())))),
        tuple(dict.fromkeys(("us-east-1", *regions, *_REGIONS))),
        tuple(dict.fromkeys((*known, *odd, *numbers, stranger))),
        odd_regions=bool(wild[0] or wild[1] - {"*"}),
        odd_accounts=bool(numbers or wild[0] or wild[2] - {"*"}),
    )


def _texts(rules: Rules) -> Iterator[str]:
    for rule in rules.rules:
        statement = rule.statement
        if statement.resource:
            yield from statement.resource.texts
        if rules.kind == "resource" and statement.principal:
            yield from (entry.text for entry in statement.principal.entries)
    for condition in rules.atoms:
        yield from condition.texts


def _matched_numbers(rules: Rules, budget: Budget) -> Iterator[str]:
    """Account numbers that conditions on accounts match by a wildcard."""
    patterns = [
        Pattern(tuple(ANY_IN_PART if symbol == ANY else symbol for symbol in pattern.symbols))
        for condition in rules.atoms
        if condition.key in (OWNER, "aws:principalaccount")
        for text in condition.texts
        if _WILD & set(text) and (pattern := condition_pattern(condition, text, {}))
    ]
    if patterns:
        machine = Automaton(patterns)
        yield from account_numbers(machine, {machine.start: ""}, budget).values()
