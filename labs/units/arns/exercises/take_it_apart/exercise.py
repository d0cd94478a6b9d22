"""Take an ARN apart whose resource has colons, in a partition that is not the usual one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.arns import names

REGIONS = ("cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1")


class TakeItApart(AnswerExercise):
    title = "Take it apart"
    minutes = 5
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.arn import Arn
        from labs.aws.identifiers import partition_of_region

        region = rng.choice(REGIONS)
        function = f"{rng.choice(('resize', 'train', 'import', 'notify'))}-{rng.choice(names.TEAMS)}"
        alias = rng.choice(("live", "prod", "blue", "canary"))
        account, partition = names.account(rng), partition_of_region(region)
        arn = Arn.parse(f"arn:{partition}:lambda:{region}:{account}:function:{function}:{alias}")
        bucket = Arn.parse(f"arn:aws:s3:::{names.bucket(rng)}")
        parts = (bucket.partition, bucket.service, bucket.region, bucket.account, bucket.resource)
        return {
            "arn": str(arn),
            "partition": arn.partition,
            "service": arn.service,
            "region": arn.region,
            "account": arn.account,
            "resource": arn.resource,
            "function": function,
            "alias": alias,
            "bucket": bucket.resource,
            "bucket_arn": str(bucket),
            "home": rng.choice(names.REGIONS),
            "owner": names.account(rng),
            "empty": parts.count(""),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        shown = names.show(v["arn"])
        split = "Split at the first five colons. All that follows is the resource, its own colons included."
        return (
            Field(
                "partition",
                "The partition",
                v["partition"],
                why="It is the part right after arn:.",
                slips=(Slip("aws", "A3", f"{v['region']} is not in aws: there are several partitions."),),
                command=shown,
            ),
            Field("service", "The service", v["service"], why="It is the third part.", command=shown),
            Field("region", "The Region", v["region"], why="It is the fourth part.", command=shown),
            Field(
                "account",
                "The account",
                v["account"],
                why="It is the fifth part: twelve digits, zeros at the front included.",
                command=shown,
            ),
            Field(
                "resource",
                "The resource",
                v["resource"],
                why=split,
                slips=tuple(
                    Slip(each, "A2", split)
                    for each in (v["alias"], "function", v["function"], f"{v['function']}:{v['alias']}")
                ),
                command=shown,
            ),
            Field(
                "function",
                "The function's name",
                v["function"],
                why="The resource is function, a colon, the name, a colon, the alias.",
                slips=(
                    Slip(v["alias"], "A2", "The last piece is the alias: the resource has colons itself."),
                ),
                command=shown,
            ),
            Field(
                "empty",
                f"How many parts are empty in the ARN of the bucket {v['bucket']}",
                str(v["empty"]),
                "number",
                why="Write it down and count: between arn:aws:s3 and the name stand three colons.",
                slips=(
                    Slip("0", "A1", "The bucket is in a Region and has an owner. Its ARN says neither."),
                    Slip("1", "A1", "S3 leaves both out of a bucket's ARN, the Region and the account."),
                ),
                command=names.show(v["bucket_arn"]),
            ),
        )
