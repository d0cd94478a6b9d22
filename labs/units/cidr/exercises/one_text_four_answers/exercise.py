"""Predict what AWS and three tools make of a block that is written with host bits."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, PredictExercise, Slip, Variant

WAYS = ("refuses it", "sets the host bits to zero", "keeps it as it is")
KEPT = "The bits behind the prefix name a host in the block. They are no part of the block itself."


class OneTextFourAnswers(PredictExercise):
    title = "One text, four answers"
    minutes = 5
    points = 4

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.network.addresses import Block, describe

        prefix = rng.choice((25, 26, 27, 28))
        size = 1 << (32 - prefix)
        # Not the last block of its /24, so that the next one is easy to write down.
        start = rng.randrange(0, 256 // size - 1) * size
        host = start + rng.randrange(1, size)
        written = f"10.{rng.randrange(2, 250)}.{rng.randrange(250)}.{host}/{prefix}"
        answers = {each.who: each.answer for each in describe(Block.parse(written)).dialects}
        return {
            "written": written,
            "prefix": prefix,
            "size": size,
            "aws": answers["AWS"],
            "terraform": answers["Terraform"],
            "python": WAYS[0] if answers["Python"] is None else WAYS[2],
            "cdk": answers["CDK"],
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        dissect = ("cidr", v["written"])
        return (
            Field(
                "aws",
                f"The block of a subnet that is made with {v['written']}",
                v["aws"],
                "cidr",
                why=f"A /{v['prefix']} begins at a multiple of {v['size']}.",
                slips=(Slip(v["written"], "C3", KEPT),),
                command=dissect,
            ),
            Field(
                "terraform",
                f'What cidrsubnet("{v["written"]}", 0, 0) gives in Terraform',
                v["terraform"],
                "cidr",
                why="Terraform sets host bits to zero, as AWS does.",
                slips=(Slip(v["written"], "C3", KEPT),),
                command=("cidr", "subnet", v["written"], "0", "0"),
            ),
            Field(
                "python",
                f'What ipaddress.ip_network("{v["written"]}") does in Python',
                v["python"],
                "choice",
                WAYS,
                why="It takes blocks only, and says so; strict=False makes it set the host bits to zero.",
                slips=(Slip(WAYS[2], "C3", f"A network has no host bits. {KEPT}"),),
                command=dissect,
            ),
            Field(
                "cdk",
                f"What the CDK's CidrBlock makes of {v['written']}",
                v["cdk"],
                "cidr",
                why="It is the odd one out: where host bits are set, it goes on to the next block.",
                slips=(Slip(v["written"], "C3", KEPT),),
                command=dissect,
            ),
        )
