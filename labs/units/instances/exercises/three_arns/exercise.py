"""The ARNs of a role, of a session of it and of an instance profile; and which of them a launch takes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.instances import machines as ec2

KINDS = ("the role's", "the session's", "the profile's")
PATHS = ("jobs", "service", "team-a", "nightly", "apps")


class ThreeArns(AnswerExercise):
    title = "Three ARNs"
    minutes = 6
    points = 5

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        account = f"{rng.randrange(10**11, 10**12)}"
        role, path, machine = rng.choice(ec2.ROLES), rng.choice(PATHS), ec2.instance_id(rng)
        profile = f"{role.partition('-')[0]}-machines"
        return {
            "account": account,
            "role": role,
            "path": path,
            "profile": profile,
            "instance": machine,
            "role_arn": ec2.role_arn(f"{path}/{role}", account),
            "session_arn": ec2.session_arn(role, machine, account),
            "profile_arn": ec2.profile_arn(profile, account),
            "session_in_iam": f"arn:aws:iam::{account}:role/{path}/{role}/{machine}",
            "session_with_path": f"arn:aws:sts::{account}:assumed-role/{path}/{role}/{machine}",
            "profile_of_role": ec2.profile_arn(role, account),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        launch, question = ec2.asked(
            {"launch": {"profile": v["role_arn"]}, "profiles": {v["profile"]: v["role"]}}
        )
        return (
            Field(
                "role",
                "The ARN of the role",
                v["role_arn"],
                "arn",
                why="IAM has no Region, and a path stands before the name.",
                slips=(Slip(v["session_arn"], "A5", "That is a session of the role."),),
                command=("arn", v["role_arn"]),
            ),
            Field(
                "session",
                f"The ARN under which {v['instance']} signs its requests",
                v["session_arn"],
                "arn",
                why="A session is STS's: assumed-role, the role's name without path, the session's name.",
                slips=(
                    Slip(v["role_arn"], "A5", "It signs as a session, and a session has an ARN of its own."),
                    Slip(v["session_in_iam"], "A5", "Sessions are STS's, not IAM's."),
                    Slip(v["session_with_path"], "A5", "The path of the role is not in a session's ARN."),
                ),
                command=("arn", v["session_arn"]),
            ),
            Field(
                "profile",
                "The ARN of the instance profile",
                v["profile_arn"],
                "arn",
                why="Its kind is instance-profile, and it has a name of its own.",
                slips=(
                    Slip(v["role_arn"], "E1", "The profile is a thing of its own, with the role in it."),
                    Slip(
                        v["profile_of_role"], "E1", "The profile has its own name; only the console repeats."
                    ),
                ),
                command=("arn", v["profile_arn"]),
            ),
            Field(
                "launch",
                "Whose ARN RunInstances takes as IamInstanceProfile",
                KINDS[2],
                "choice",
                KINDS,
                2,
                "The parameter is called IamInstanceProfile, and takes nothing else.",
                (
                    Slip(KINDS[0], "E2", "AWS answers: Invalid IAM Instance Profile ARN."),
                    Slip(KINDS[1], "A5", "A session begins only when the instance runs."),
                ),
                command=launch,
                stdin=question,
            ),
        )
