"""A pattern over names that have colons in them, in a partition that is not the usual one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant
from labs.units.arns import names

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy
    from labs.errors import PolicyError

INVOKE = "lambda:InvokeFunction"


class LiveAndNoOther(PolicyExercise):
    title = "Live, and no other"
    minutes = 12
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.identifiers import partition_of_region

        region = rng.choice(("us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1"))
        account = names.account(rng)
        return {
            "region": region,
            "partition": partition_of_region(region),
            "account": account,
            "other_account": f"{(int(account) + 7) % 10**12:012d}",
            "user": rng.choice(names.USERS),
            "stem": rng.choice(("resize", "import", "notify", "score")),
            "alias": rng.choice(("live", "prod", "blue")),
        }

    def principal(self, variant: Variant) -> str:
        v = variant.values
        return f"arn:{v['partition']}:iam::{v['account']}:user/{v['user']}"

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        v = variant.values
        stem, alias = v["stem"], v["alias"]
        head = f"arn:{v['partition']}:lambda:{v['region']}:{v['account']}:function:"
        elsewhere = head.replace(v["account"], v["other_account"])
        return (
            Rule(
                f"invokes the alias {alias} of each {stem} function",
                4,
                True,
                tuple(Ask(INVOKE, f"{head}{stem}-{each}:{alias}") for each in ("images", "mail", "x-2")),
                "Lay your pattern beside this ARN: do all six parts agree?",
            ),
            Rule(
                "no other alias, and no function without one",
                2,
                False,
                (
                    Ask(INVOKE, f"{head}{stem}-images"),
                    Ask(INVOKE, f"{head}{stem}-images:dev"),
                    Ask(INVOKE, f"{head}{stem}-images:{alias}-old"),
                ),
                "This should stay denied: a * at the end crosses the colon and takes every alias with it.",
            ),
            Rule(
                "nothing else",
                2,
                False,
                (
                    Ask(INVOKE, f"{head}payroll:{alias}"),
                    Ask(INVOKE, f"{head}{stem}r:{alias}"),
                    Ask(INVOKE, f"{elsewhere}{stem}-images:{alias}"),
                    Ask("lambda:InvokeFunctionUrl", f"{head}{stem}-images:{alias}"),
                    Ask("lambda:DeleteFunction", f"{head}{stem}-images:{alias}"),
                    Ask("lambda:UpdateFunctionCode", f"{head}{stem}-images:{alias}"),
                ),
                "This should stay denied.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        texts = [text for each in policy.statements if each.resource for text in each.resource.texts]
        if rule.allowed:
            partition = ask.resource.split(":")[1]
            return "A3" if any(text.split(":")[1:2] not in ([partition], ["*"]) for text in texts) else None
        return "A6" if ask.action == INVOKE else None

    def diagnose_document(self, fault: PolicyError) -> str | None:
        """A wildcard in the service is refused."""
        return "A6" if "service" in fault.title else super().diagnose_document(fault)
