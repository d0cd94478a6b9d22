"""Write five ARNs from what is said about five things."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.arns import names


class PutItTogether(AnswerExercise):
    title = "Put it together"
    minutes = 8
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.arn import Arn
        from labs.aws.identifiers import partition_of_region

        account, region = names.account(rng), rng.choice(names.REGIONS)
        bucket, team, person = names.bucket(rng), rng.choice(names.TEAMS), rng.choice(names.USERS)
        role = rng.choice(("trainer", "crawler", "indexer", "painter"))
        key = f"raw/2026-0{rng.randrange(1, 10)}-{rng.randrange(10, 29)}T08:00/a.csv"
        queue, digits = rng.choice(("orders", "letters", "jobs", "scans")), names.hexadecimal(rng)
        china = rng.choice(("cn-north-1", "cn-northwest-1"))
        arns = {
            "bucket": Arn("aws", "s3", "", "", bucket),
            "object": Arn("aws", "s3", "", "", f"{bucket}/{key}"),
            "role": Arn("aws", "iam", "", account, f"role/{team}/{role}"),
            "session": Arn("aws", "sts", "", account, f"assumed-role/{role}/{person}"),
            "queue": Arn(partition_of_region(china), "sqs", china, account, queue),
            "machine": Arn("aws", "ec2", region, account, f"instance/i-{digits}"),
        }
        return {
            "account": account,
            "region": region,
            "china": china,
            "name": bucket,
            "key": key,
            "team": team,
            "role_name": role,
            "person": person,
            "queue_name": queue,
            "digits": digits,
            **{name: str(arn) for name, arn in arns.items()},
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        region, account, role = v["region"], v["account"], v["role_name"]
        bucket_why = "Of a bucket the ARN says neither the Region nor the account: three colons in a row."
        session_why = "A session is sts, assumed-role, the role's name without its path, and its own name."
        slips = {
            "bucket": tuple(
                Slip(f"arn:aws:s3:{where}:{whose}:{v['name']}", "A1", bucket_why)
                for where, whose in ((region, account), (region, ""), ("", account))
            ),
            "role": (
                Slip(f"arn:aws:iam:{region}:{account}:role/{v['team']}/{role}", "A1", "IAM has no Regions."),
                Slip(f"arn:aws:iam::{account}:role/{role}", "A4", "The path is in the ARN too."),
            ),
            "session": (
                Slip(v["role"], "A5", "That is the role. Its session has an ARN of its own."),
                Slip(
                    f"arn:aws:sts::{account}:assumed-role/{v['team']}/{role}/{v['person']}", "A5", session_why
                ),
                Slip(f"arn:aws:iam::{account}:assumed-role/{role}/{v['person']}", "A5", session_why),
                Slip(f"arn:aws:iam::{account}:role/{v['team']}/{role}/{v['person']}", "A5", session_why),
            ),
            "queue": (
                Slip(
                    f"arn:aws:sqs:{v['china']}:{account}:{v['queue_name']}",
                    "A3",
                    "Regions in China are in the partition aws-cn.",
                ),
            ),
        }
        labels = {
            "bucket": (1, f"The bucket {v['name']}", bucket_why),
            "object": (2, "The object in it", "It is the bucket's ARN, a slash, and the key as it is."),
            "role": (2, f"The role {role}", "IAM, no Region, the account, role, the path and the name."),
            "session": (2, f"The session of {v['person']}", session_why),
            "queue": (2, f"The queue {v['queue_name']}", "SQS writes no type: the name follows the account."),
            "machine": (1, "The instance", "EC2, the Region, the account, then instance/ and the id."),
        }
        return tuple(
            Field(
                name,
                label,
                v[name],
                "arn",
                points=points,
                why=why,
                slips=slips.get(name, ()),
                command=names.show(v[name]),
            )
            for name, (points, label, why) in labels.items()
        )
