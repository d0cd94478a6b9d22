"""Put the steps in order that lead from an access denied to the line of a policy that caused it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from labs.course import Block, OrderExercise, Variant
from labs.units.arns import names
from labs.units.arns.decisions import case_of, policy_of


class FromMessageToCause(OrderExercise):
    title = "From the message to the cause"
    minutes = 8
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        account, region, bucket = names.account(rng), rng.choice(names.REGIONS), names.bucket(rng)
        team, role = rng.choice(names.TEAMS), rng.choice(("trainer", "crawler", "indexer", "painter"))
        person = rng.choice(names.USERS)
        session = f"arn:aws:sts::{account}:assumed-role/{role}/{person}"
        return {
            "account": account,
            "region": region,
            "bucket": bucket,
            "session": session,
            "role": role,
            "role_arn": f"arn:aws:iam::{account}:role/{team}/{role}",
            "by_path": f"arn:aws:s3:::{bucket}/raw/*",
            "filled": f"arn:aws:s3::{account}:{bucket}/raw/*",
            "read": "read in the message who called, what was asked for, and on which resource",
            "name": f"take the role's name out of the caller's ARN: {role}",
            "get": f"aws iam get-role --role-name {role}, to see that it is the right role",
            "list": f"aws iam list-role-policies --role-name {role}",
            "open": f"aws iam get-role-policy --role-name {role} --policy-name work",
            "compare": "lay the statement's Resource beside the resource of the message, part by part",
            "mend": "change the part that differs, with put-role-policy",
            "again": "make the same call again",
            "by_arn": f"aws iam list-role-policies --role-name assumed-role/{role}/{person}",
            "by_whole": f"aws iam get-role --role-name {team}/{role}",
            "complete": f"fill in the Region too: arn:aws:s3:{region}:{account}:{bucket}/raw/*",
            "capitals": "write the action as in the message: s3:getObject is not s3:GetObject",
            "star": "write * for every part of the Resource: arn:*:*:*:*:*",
        }

    def blocks(self, variant: Variant) -> Sequence[Block]:
        v = variant.values
        account = v["account"]
        return (
            Block(v["read"]),
            Block(v["name"]),
            Block(v["get"]),
            Block(v["list"], after=(v["name"],)),
            Block(v["open"], after=(v["list"],)),
            Block(v["compare"], after=(v["read"], v["open"], v["get"])),
            Block(v["mend"], after=(v["compare"],)),
            Block(v["again"], after=(v["mend"],)),
            Block(
                v["by_arn"],
                why="A session has no policies to list. Its role has, and IAM knows it by its name alone.",
                misconception="A5",
                command=names.show(v["session"]),
            ),
            Block(
                v["by_whole"],
                why="The role's name has no path. With one, IAM refuses the call.",
                misconception="A4",
                command=names.show(v["role_arn"]),
            ),
            Block(
                v["complete"],
                why="An object's ARN has neither, and IAM refuses a policy with the Region in it.",
                misconception="A1",
                command=names.show(f"arn:aws:s3:{v['region']}:{account}:{v['bucket']}"),
            ),
            Block(
                v["capitals"],
                why="Action names are the same in any case. That cannot be the cause.",
                misconception="I19",
                command=("explain", "--case", "-"),
                stdin=_any_case(v),
            ),
            Block(
                v["star"],
                why="The service takes no wildcard, and a policy that is wide is no answer to why it failed.",
                misconception="A6",
                command=names.show(f"arn:*:*:*:*:{v['bucket']}"),
            ),
        )


def _any_case(v: Mapping[str, Any]) -> str:
    """The case in which s3:getobject allows s3:GetObject."""
    policy = policy_of({"Effect": "Allow", "Action": "s3:getobject", "Resource": v["by_path"]})
    return json.dumps(case_of([policy], v["session"], "s3:GetObject", v["by_path"].replace("*", "a.csv")))
