"""A pattern for all roles under a path, and one role outside it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant
from labs.units.arns import names

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy

PASS = "iam:PassRole"
FOR_THE_TEAM = "passes every role of the team"


class PassTheRoles(PolicyExercise):
    title = "Pass the roles"
    minutes = 10
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        team = rng.choice(names.TEAMS)
        one, other = rng.sample(("trainer", "crawler", "indexer", "painter"), 2)
        return {
            "account": names.account(rng),
            "region": rng.choice(names.REGIONS),
            "user": rng.choice(names.USERS),
            "team": team,
            "one": one,
            "other": other,
            "shared": rng.choice(("logger", "reporter", "auditor")),
            "session": f"i-{names.hexadecimal(rng)}",
        }

    def principal(self, variant: Variant) -> str:
        return f"arn:aws:iam::{variant.values['account']}:user/{variant.values['user']}"

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        v = variant.values
        roles = f"arn:aws:iam::{v['account']}:role"
        return (
            Rule(
                FOR_THE_TEAM,
                3,
                True,
                tuple(
                    Ask(PASS, f"{roles}/{v['team']}/{each}")
                    for each in (v["one"], v["other"], f"eu/{v['one']}-2")
                ),
                "A role's ARN holds its path: role, a slash, the path, the name.",
            ),
            Rule(
                f"passes {v['shared']}",
                2,
                True,
                (Ask(PASS, f"{roles}/common/{v['shared']}"),),
                "Its ARN holds its path too.",
            ),
            Rule(
                "nothing else",
                3,
                False,
                (
                    Ask(PASS, f"{roles}/admin"),
                    Ask(PASS, f"{roles}/{v['team']}-admin"),
                    Ask(PASS, f"{roles}/{v['team']}ster/owner"),
                    Ask(PASS, f"{roles}/common/{v['shared']}-admin"),
                    Ask(PASS, f"{roles}/{v['one']}"),
                    Ask("iam:CreateRole", f"{roles}/{v['team']}/{v['one']}"),
                    Ask("sts:AssumeRole", f"{roles}/{v['team']}/{v['one']}"),
                ),
                "This should stay denied.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        if not rule.allowed:
            return "A6" if ask.action == PASS else None
        texts = [text for each in policy.statements if each.resource for text in each.resource.texts]
        name = ask.resource.rpartition("/")[2]
        if any(":assumed-role/" in text for text in texts):
            return "A5"
        if any(text.startswith("arn:") and text.split(":", 5)[3] for text in texts):
            return "A1"
        if any(text.endswith(f":role/{name}") for text in texts):
            return "A4"
        return None
