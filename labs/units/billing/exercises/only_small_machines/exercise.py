"""Write the policy that a budget is not: who has it can launch small machines, and no others."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy

ACCOUNT = "123456789012"
TYPES = ("t3.nano", "t3.micro", "t3.small", "t4g.micro", "t4g.small")
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1")
LARGE = ("t3.medium", "t3.2xlarge", "m5.xlarge", "p3.2xlarge", "g5.xlarge")
TYPE_KEY, REGION_KEY = "ec2:InstanceType", "aws:RequestedRegion"


class OnlySmallMachines(PolicyExercise):
    title = "Only small machines"
    minutes = 15
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        first, second = rng.sample(TYPES, 2)
        region, elsewhere = rng.sample(REGIONS, 2)
        return {
            "group": rng.choice(("students", "interns", "guests", "workshop")),
            "first": first,
            "second": second,
            "region": region,
            "elsewhere": elsewhere,
        }

    def principal(self, variant: Variant) -> str:
        return f"arn:aws:iam::{ACCOUNT}:user/ada"

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        v = variant.values
        here = v["region"]
        return (
            Rule(
                f"launches a {v['first']} and a {v['second']}",
                2,
                True,
                tuple(ask for each in (v["first"], v["second"]) for ask in _launch(each, here)),
                "A launch is asked of the instance, and of what it is made from: the image, the network, the "
                "volume. Only the instance has a type.",
            ),
            Rule(
                "launches nothing larger",
                2,
                False,
                tuple(_instance(each, here) for each in LARGE),
                "This launch should stay denied, whatever it costs.",
            ),
            Rule(
                f"launches nothing outside {here}",
                1,
                False,
                tuple(_instance(each, v["elsewhere"]) for each in (v["first"], v["second"])),
                "A machine in a Region where nobody looks is the one that is forgotten.",
            ),
            Rule(
                "looks, stops and terminates",
                1,
                True,
                (
                    Ask("ec2:DescribeInstances", "*", {REGION_KEY: here}),
                    Ask("ec2:DescribeVolumes", "*", {REGION_KEY: here}),
                    *(
                        Ask(f"ec2:{call}Instances", _arn(here), _running(v, here))
                        for call in ("Stop", "Terminate")
                    ),
                ),
                "Whoever may start a machine should be able to end it.",
            ),
            Rule(
                "does nothing else that costs",
                2,
                False,
                (
                    Ask("ec2:ModifyInstanceAttribute", _arn(here), _running(v, here)),
                    Ask(
                        "ec2:CreateNatGateway",
                        f"arn:aws:ec2:{here}:{ACCOUNT}:natgateway/*",
                        {REGION_KEY: here},
                    ),
                    Ask(
                        "ec2:AllocateAddress",
                        f"arn:aws:ec2:{here}:{ACCOUNT}:elastic-ip/*",
                        {REGION_KEY: here},
                    ),
                    Ask("ec2:CreateVolume", f"arn:aws:ec2:{here}:{ACCOUNT}:volume/*", {REGION_KEY: here}),
                    Ask("ec2:PurchaseReservedInstancesOffering", "*", {REGION_KEY: here}),
                    Ask(
                        "sagemaker:CreateEndpoint",
                        f"arn:aws:sagemaker:{here}:{ACCOUNT}:endpoint/x",
                        {REGION_KEY: here},
                    ),
                    Ask("iam:PutUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/ada"),
                ),
                "This should stay denied. (A stopped instance can be changed to another type, too.)",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        allowing = [each for each in policy.statements if each.effect == "Allow"]
        if not rule.allowed:
            return "I12" if any(each.action.negated for each in allowing) else None
        about = [each for each in allowing if each.action.matches(decision.request)]
        if not about:
            return "I3"
        for statement in about:
            on_type = [each for each in statement.conditions if each.key.lower() == TYPE_KEY.lower()]
            if len(on_type) > 1:
                return "I14"
            if any(each.written == "StringEquals" and "*" in "".join(each.texts) for each in on_type):
                return "I16"
        return None


def _arn(region: str) -> str:
    return f"arn:aws:ec2:{region}:{ACCOUNT}:instance/i-0123456789abcdef0"


def _instance(type: str, region: str) -> Ask:
    context = {TYPE_KEY: type, REGION_KEY: region}
    return Ask("ec2:RunInstances", f"arn:aws:ec2:{region}:{ACCOUNT}:instance/*", context)


def _launch(type: str, region: str) -> tuple[Ask, ...]:
    """All that one launch is asked of."""
    made_from = (
        f"arn:aws:ec2:{region}::image/ami-0abcdef1234567890",
        *(
            f"arn:aws:ec2:{region}:{ACCOUNT}:{name}"
            for name in (
                "subnet/subnet-0a1b2c3d",
                "security-group/sg-0a1b2c3d",
                "network-interface/*",
                "volume/*",
            )
        ),
    )
    others = (Ask("ec2:RunInstances", each, {REGION_KEY: region}) for each in made_from)
    return (_instance(type, region), *others)


def _running(v: Mapping[str, Any], region: str) -> Mapping[str, str]:
    return {TYPE_KEY: v["first"], REGION_KEY: region}
