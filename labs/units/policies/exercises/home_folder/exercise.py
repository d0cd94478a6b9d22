"""Write one policy that gives each user of a group a folder of their own, by a policy variable."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant
from labs.course.kinds.policy import s3_beside
from labs.units.policies import cases

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy


class HomeFolder(PolicyExercise):
    title = "A folder for each"
    minutes = 12
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user, mate = rng.sample(cases.USERS, 2)
        return {
            "user": user,
            "mate": mate,
            "group": rng.choice(("interns", "readers", "night-shift", "field-team")),
            "bucket": cases.bucket_name(
                rng.choice(("homes", "desk", "course", "team")), rng.randrange(16**4)
            ),
            "top": rng.choice(("home", "people", "desks", "members")),
        }

    def principal(self, variant: Variant) -> str:
        return cases.user_arn(variant.values["user"])

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        v = variant.values
        user, mate, top = v["user"], v["mate"], v["top"]
        arn = f"arn:aws:s3:::{v['bucket']}"

        def on(who: str, whose: str, *actions: str) -> tuple[Ask, ...]:
            key = f"{arn}/{top}/{whose}/a.csv"
            return tuple(Ask(action, key, principal=cases.user_arn(who)) for action in actions)

        def listing(who: str, *prefixes: str) -> tuple[Ask, ...]:
            asker = cases.user_arn(who)
            return tuple(Ask("s3:ListBucket", arn, {"s3:prefix": each}, asker) for each in prefixes)

        both = ("s3:GetObject", "s3:PutObject")
        return (
            Rule(
                "each reads and writes in their own folder",
                2,
                True,
                (*on(user, user, *both), *on(mate, mate, *both)),
                "The policy is the same for all, so the name must come from the request.",
            ),
            Rule(
                "each lists their own folder",
                2,
                True,
                (*listing(user, f"{top}/{user}/", f"{top}/{user}/2026/"), *listing(mate, f"{top}/{mate}/")),
                "ListBucket is asked of the bucket, and s3:prefix holds what the call asks for.",
            ),
            Rule(
                "nobody looks into another's folder",
                2,
                False,
                (
                    *on(user, mate, *both),
                    *on(mate, user, *both),
                    *listing(user, "", f"{top}/", f"{top}/{mate}/"),
                    Ask("s3:ListBucket", arn),
                ),
                "This request reaches beyond the caller's own folder.",
            ),
            Rule(
                "allows nothing else",
                2,
                False,
                s3_beside(v["bucket"], f"{top}/{user}/", both),
                "This request should stay denied.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        if not rule.allowed:
            return None
        about = [
            each
            for each in policy.statements
            if each.effect == "Allow" and each.action.matches(decision.request)
        ]
        conditions = [condition for each in about for condition in each.conditions]
        resources = [text for each in about if each.resource is not None for text in each.resource.texts]
        written = [*resources, *(text for each in conditions for text in each.texts)]
        if policy.version != "2012-10-17" and any("${" in text for text in written):
            return "I18"
        if any(
            each.written == "StringEquals" and any("*" in text for text in each.texts) for each in conditions
        ):
            return "I16"
        if ask.action == "s3:ListBucket" and resources and all("/" in text for text in resources):
            return "S1"
        return None
