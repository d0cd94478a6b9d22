"""Predict what a reboot, a stop and a termination leave of what an instance has."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.instances import machines as ec2

FATES = ("kept", "changed", "lost")
STOP, REBOOT, TERMINATE = "stop and start", "reboot", "terminate"
WORDS = ("data", "logs", "models", "cache", "results", "index")

CALLED = {
    "public IPv4": "The public IPv4 address of {first}",
    "Elastic IP": "The Elastic IP address of {second}",
    "private IPv4": "The private IPv4 address",
    "root volume": "The root volume",
    "instance store": "What is on the instance store",
}
"""How the questions speak of what is asked about; of the volumes as they are named."""


class WhatStays(Lettered, PredictExercise):
    title = "What stays?"
    minutes = 7
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        volumes = rng.sample(WORDS, rng.randrange(2, 5))
        return {
            "first": ec2.instance_id(rng),
            "second": ec2.instance_id(rng),
            "type": rng.choice(("m5d.large", "c5d.xlarge", "r5d.large", "m6gd.large", "c6gd.xlarge")),
            "volumes": volumes,
            "listed": f"{', '.join(volumes[:-1])} and {volumes[-1]}",
            "one": volumes[0],
            "count": len(volumes),
            "all": len(volumes) + 1,
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        owned = {"address": "assigned", "instance_store": True, "volumes": v["volumes"]}

        def fate(name: str, action: str, subject: str, *slips: Slip, **other: Any) -> Field:
            called = CALLED.get(subject, f"The volume {subject}").format(**v)
            return _fate(
                name, f"{called}, after {action}", {"after": action, **owned, **other}, subject, slips
            )

        ended = {"after": TERMINATE, **owned}
        command, stdin = ec2.asked(ended)
        left = sum(ec2.word(ended, each) == "kept" for each in ("root volume", *v["volumes"]))
        said = "By default the root volume alone is deleted; what was attached beside it stays, and bills."
        return (
            fate("address", STOP, "public IPv4", Slip("kept", "E6", "It goes back to AWS at the stop.")),
            fate(
                "elastic",
                STOP,
                "Elastic IP",
                Slip("changed", "E6", "An Elastic IP address is yours until you release it."),
                Slip("lost", "E6", "An Elastic IP address is yours until you release it."),
                address="elastic",
            ),
            fate("private", STOP, "private IPv4"),
            fate("store", STOP, "instance store", Slip("kept", "E7", "The disks belong to the host.")),
            fate("reboot", REBOOT, "instance store", Slip("lost", "E7", "A reboot stays on its host.")),
            fate("root", TERMINATE, "root volume"),
            fate("volume", TERMINATE, v["one"], Slip("lost", "E8", said)),
            Field(
                "left",
                f"How many of the {v['all']} volumes are left, and bill, after terminate",
                str(left),
                "number",
                why=said,
                slips=(Slip("0", "E8", said),),
                command=command,
                stdin=stdin,
            ),
        )


def _fate(name: str, label: str, question: ec2.Question, subject: str, slips: tuple[Slip, ...]) -> Field:
    """A field whose answer is what becomes of one thing."""
    from labs.aws.ec2.questions import tell

    line = next(each for each in tell(question).lines if each.subject == subject)
    command, stdin = ec2.asked(question)
    return Field(name, label, line.word, "choice", FATES, 1, line.says, slips, None, command, stdin)
