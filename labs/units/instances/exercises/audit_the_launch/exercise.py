"""Audit a lecture's handout on instances: is each claim right, and what is so exactly?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.instances import machines as ec2

if TYPE_CHECKING:
    from labs.aws.billing.audit import Figure

RIGHT, IMPRECISE, WRONG = VERDICTS = ("right", "imprecise", "wrong")
CREDITS, IDS = 24, 31
"""The rows of the audited lecture that are about CPU credits and about ids."""
FATES = ("kept", "changed", "lost")
SAME = ("the same", "another")
REGIONS = ("eu-west-1", "eu-central-1", "us-west-2", "ap-northeast-1", "sa-east-1")


class AuditTheLaunch(AnswerExercise):
    title = "Audit the lecture on instances"
    minutes = 12
    points = 12

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        size = rng.choice(_figures(CREDITS))
        (wrong_characters,) = _figures(IDS)
        return {
            "type": size.name,
            "claimed": str(size.says),
            "credits": f"{size.computed().normalize():f}",
            "credits_verdict": RIGHT if Decimal(str(size.says)) == size.computed() else WRONG,
            "characters": f"{wrong_characters.computed().normalize():f}",
            "volumes": rng.randrange(1, 16),
            "about": rng.choice(("instance-id", "instance-type", "ami-id", "local-ipv4")),
            "region": rng.choice(REGIONS),
            "image": f"ami-0{rng.randrange(16**16):016x}",
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        volumes = [f"volume {number}" for number in range(1, v["volumes"] + 1)]
        ended = {"after": "terminate", "volumes": volumes}
        left = sum(ec2.word(ended, each) == "kept" for each in ("root volume", *volumes))
        stopped = {"after": "stop and start", "instance_store": True}
        plain = {"metadata": {"path": f"/latest/meta-data/{v['about']}"}}
        copied = {"launch": {"image": v["image"], "image_region": "us-east-1", "region": v["region"]}}
        stays = "By default the root volume alone is deleted."
        return (
            _verdict("ids", "1", WRONG, "Ids are hexadecimal: 0 to 9 and a to f."),
            Field(
                "characters",
                "1: how many of its characters no id can have",
                v["characters"],
                "number",
                why="g and h.",
            ),
            _verdict("credits", "2", v["credits_verdict"], "vCPUs × baseline × 60; a T3 has two vCPUs."),
            Field(
                "hourly",
                f"2: the CPU credits that a {v['type']} earns in an hour",
                v["credits"],
                "number",
                why="vCPUs × baseline × 60.",
            ),
            _verdict("terminate", "3", RIGHT, "That is the default of DeleteOnTermination."),
            Field(
                "left",
                f"3: how many of {v['volumes'] + 1} volumes are left",
                str(left),
                "number",
                why=stays,
                slips=(Slip("0", "E8", stays),),
                **_shows(ended),
            ),
            _verdict("metadata", "4", IMPRECISE, "It leaves out the token that version 2 requires."),
            Field(
                "status",
                "4: the status of that call where version 2 is required",
                ec2.word(plain),
                "number",
                why="Without a token it is unauthorized.",
                slips=(Slip("200", "E5", "That is version 1. Where version 2 is required, it is refused."),),
                **_shows(plain),
            ),
            _verdict("stop", "5", RIGHT, "It says nothing of the public address, and nothing wrong."),
            _fate("address", "5: the public IPv4 address that AWS gave", stopped, "public IPv4", "E6"),
            _fate("store", "5: what is on the instance store", stopped, "instance store", "E7"),
            Field(
                "copy",
                f"6: the id of the copy in {v['region']}",
                SAME[1],
                "choice",
                SAME,
                why="Each Region has images of its own, and a copy is another image.",
                slips=(Slip(SAME[0], "E9", "An id belongs to one Region, and a copy gets its own."),),
                **_shows(copied),
            ),
        )


def _figures(row: int) -> tuple[Figure, ...]:
    from labs.aws.billing.audit import audit

    return next(finding.figures for finding in audit() if finding.number == row)


def _shows(question: ec2.Question) -> dict[str, Any]:
    command, stdin = ec2.asked(question)
    return {"command": command, "stdin": stdin}


def _verdict(name: str, claim: str, answer: str, why: str) -> Field:
    return Field(name, f"Claim {claim}", answer, "choice", VERDICTS, why=why)


def _fate(name: str, label: str, question: ec2.Question, subject: str, belief: str) -> Field:
    """What a stop and a start make of one thing; that it is kept is the belief."""
    answer = ec2.word(question, subject)
    why = "It is not in the claim, and it does not stay."
    return Field(name, label, answer, "choice", FATES, 1, why, (Slip("kept", belief),), **_shows(question))
