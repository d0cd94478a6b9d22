"""Put the parts of a role's ARN in order, and leave out those that do not belong in it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from labs.course import Block, OrderExercise, Variant
from labs.units.arns import names

EMPTY = "(empty)"


class AssembleIt(OrderExercise):
    title = "Assemble it"
    minutes = 4
    points = 4
    choosing = "has the six parts that it needs, and no other"
    ordering = "in the order of an ARN"

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.arn import Arn
        from labs.aws.identifiers import partition_of_region

        region = rng.choice(("cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1"))
        role = rng.choice(("trainer", "crawler", "indexer", "painter"))
        team, account, person = rng.choice(names.TEAMS), names.account(rng), rng.choice(names.USERS)
        partition = partition_of_region(region)
        return {
            "region": region,
            "partition": partition,
            "account": account,
            "team": team,
            "role": role,
            "person": person,
            "whole": f"role/{team}/{role}",
            "bare": f"role/{role}",
            "session": f"assumed-role/{role}/{person}",
            "arn": str(Arn(partition, "iam", "", account, f"role/{team}/{role}")),
        }

    def blocks(self, variant: Variant) -> Sequence[Block]:
        v = variant.values
        account, partition = v["account"], v["partition"]
        return (
            Block("arn"),
            Block(partition),
            Block("iam"),
            Block(EMPTY),
            Block(account),
            Block(v["whole"]),
            Block(
                "aws",
                why=f"{v['region']} is not in the partition aws: accounts there are in {partition}.",
                misconception="A3",
                command=names.show(f"arn:aws:sqs:{v['region']}:{account}:orders"),
            ),
            Block(
                v["region"],
                why="A role is not in a Region: IAM is the same in all of them, and the part stays empty.",
                misconception="A1",
                command=names.show(f"arn:{partition}:iam:{v['region']}:{account}:{v['whole']}"),
            ),
            Block(
                v["bare"],
                why="The path is in the ARN, between the type and the name.",
                misconception="A4",
                command=names.show(v["arn"]),
            ),
            Block(
                v["session"],
                why="That is a session of the role. It belongs to sts, and it is not the role.",
                misconception="A5",
                command=names.show(f"arn:{partition}:iam::{account}:{v['session']}"),
            ),
        )
