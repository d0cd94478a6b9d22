"""Audit a lecture's handout on ARNs and ids: is each claim right, and what is the exact figure?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.arns import names

VERDICTS = ("right", "imprecise", "wrong")
EXAMPLE_ID = 31
"""The row of the audited lecture that is about the example of an id."""
DIGITS = 17
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


class AuditTheNames(AnswerExercise):
    title = "Audit the names"
    minutes = 10
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.course_numbers import EXAMPLE_INSTANCE_ID
        from labs.aws.identifiers import partition_of_region

        short = names.hexadecimal(rng, rng.choice((5, 6, 7, 9, 10, 11)))
        gov = rng.choice(("us-gov-west-1", "us-gov-east-1"))
        digits = EXAMPLE_INSTANCE_ID.removeprefix("i-")
        return {
            "short": short,
            "missing": DIGITS - len(short),
            "short_arn": f"arn:aws:ec2:us-east-1:123456789012:instance/i-{short}",
            "example": EXAMPLE_INSTANCE_ID,
            "example_verdict": _verdict(),
            "strangers": ", ".join(sorted(set(digits) - set("0123456789abcdef"))),
            "example_arn": f"arn:aws:ec2:us-east-1:123456789012:instance/{EXAMPLE_INSTANCE_ID}",
            "gov": gov,
            "gov_partition": partition_of_region(gov),
            "gov_arn": f"arn:aws:sqs:{gov}:123456789012:orders",
            "bucket": names.bucket(rng),
            "partitions": len(PARTITIONS),
            "copies": (copies := rng.randrange(2, 12)),
            "images": copies + 1,
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        gov, short = names.show(v["gov_arn"]), names.show(v["short_arn"])
        bucket = names.show(f"arn:aws:s3:us-east-1:123456789012:{v['bucket']}")
        image = names.show("arn:aws:ec2:us-east-1::image/ami-0a1b2c3d4e5f60718")
        copy = "An image and its copy are two images, each with an id of its own in its own Region."
        return (
            _verdict_on("claim_1", "Claim 1, the partition", VERDICTS[0], "It says usually, and names one."),
            Field(
                "gov",
                f"The partition of {v['gov']}",
                v["gov_partition"],
                why="GovCloud is a partition of its own.",
                slips=(Slip("aws", "A3", "GovCloud is a partition of its own, and its ARNs say so."),),
                command=gov,
            ),
            _verdict_on(
                "claim_2",
                "Claim 2, the ARN of a bucket",
                VERDICTS[1],
                "Both parts are empty, as it says. But how far does *globally* reach?",
                Slip(VERDICTS[2], "A1", "Both parts are empty in a bucket's ARN, as the claim says."),
                command=bucket,
            ),
            Field(
                "buckets",
                f"How many buckets may be named {v['bucket']}, counting {', '.join(PARTITIONS)}",
                str(v["partitions"]),
                "number",
                why="A name is unique in its partition.",
                slips=(
                    Slip("1", "A3", "There is more than one partition, and a name is unique in its own."),
                ),
                command=gov,
            ),
            _verdict_on(
                "claim_3",
                "Claim 3, the ARN of an instance",
                VERDICTS[2],
                "The five parts before the resource are good. Count the digits of the id.",
                command=short,
            ),
            Field(
                "length",
                "By how many digits that id differs from one that is made today",
                str(v["missing"]),
                "number",
                why=f"Ids that are made today have {DIGITS} digits after the hyphen.",
                command=short,
            ),
            _verdict_on(
                "claim_4",
                "Claim 4, the example of an id",
                v["example_verdict"],
                "Its length is right. Look at each character after the hyphen.",
                command=names.show(v["example_arn"]),
            ),
            Field(
                "characters",
                "The characters of that id that no id can have, or none",
                v["strangers"],
                "list",
                why="Hexadecimal digits are 0-9 and a-f.",
                command=names.show(v["example_arn"]),
            ),
            _verdict_on(
                "claim_5",
                "Claim 5, ids and Regions",
                VERDICTS[1],
                "That images can be copied is so. It does not say what becomes of the id.",
                Slip(VERDICTS[0], "E9", copy),
                command=image,
            ),
            Field(
                "images",
                f"How many ids there are after an image was copied to {v['copies']} more Regions",
                str(v["images"]),
                "number",
                why=copy,
                slips=(Slip("1", "E9", copy),),
                command=image,
            ),
        )


def _verdict() -> str:
    """What the audit says of the example."""
    from labs.aws.billing.audit import audit

    return next(each.verdict for each in audit() if each.number == EXAMPLE_ID)


def _verdict_on(
    name: str, label: str, answer: str, why: str, *slips: Slip, command: tuple[str, ...] = ()
) -> Field:
    return Field(name, label, answer, "choice", VERDICTS, why=why, slips=slips, command=command)
