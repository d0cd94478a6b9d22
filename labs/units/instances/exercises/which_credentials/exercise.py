"""Predict which credentials a program uses, where several lie about, by boto3's order."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.aws.ec2.credential_sources import CredentialSource, winning
from labs.course import Field, PredictExercise, Slip, Variant
from labs.units.instances import machines as ec2
from labs.units.policies.cases import USERS, user_arn

CODE, ENVIRONMENT, FILE, CONFIG, CONTAINER, METADATA = CredentialSource
NOTHING = "nothing"
THINGS = ("an access key", NOTHING, "the role's ARN")


class WhichCredentials(PredictExercise):
    title = "Which credentials win?"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        middle = rng.sample((ENVIRONMENT, FILE, CONFIG), 2)
        role, user, machine = rng.choice(ec2.ROLES), rng.choice(USERS), ec2.instance_id(rng)
        first = rng.choice((CODE, ENVIRONMENT, FILE, CONFIG))
        return {
            "role": role,
            "user": user,
            "instance": machine,
            "one": first.value,
            "two_a": middle[0].value,
            "two_b": middle[1].value,
            "two_won": str(winning(middle)),
            "session": ec2.session_arn(role, machine),
            "user_arn": user_arn(user),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        return (
            _source("one", f"Keys in the {v['one']}, and a role", v["one"], METADATA),
            Field(
                "who",
                "Who get_caller_identity names there",
                v["user_arn"],
                "arn",
                why=f"The keys are {v['user']}'s, and they come before the role.",
                slips=(
                    Slip(
                        v["session"], "E4", f"The role comes last; the keys of {v['user']} were found before."
                    ),
                ),
                **_shows(v["one"], METADATA),
            ),
            _source(
                "two",
                f"Keys in the {v['two_a']} and in the {v['two_b']}, and a role",
                v["two_a"],
                v["two_b"],
                METADATA,
            ),
            _source(
                "three",
                "Keys passed to boto3.client, keys in the environment, and a role",
                CODE,
                ENVIRONMENT,
                METADATA,
            ),
            _source("four", "A role, and no keys anywhere", METADATA),
            Field(
                "copy",
                "What has to be copied to the instance so that the last program finds its credentials",
                NOTHING,
                "choice",
                THINGS,
                why="The SDK asks the metadata service, and asks again before the credentials end.",
                slips=(
                    Slip(THINGS[0], "E3", "A key on the instance is what the role is there to save you."),
                    Slip(THINGS[2], "E1", "The instance profile tells the instance its role."),
                ),
                **_shows(METADATA),
            ),
        )


def _shows(*sources: str) -> dict[str, Any]:
    command, stdin = ec2.asked({"credentials": [str(each) for each in sources]})
    return {"command": command, "stdin": stdin}


def _source(name: str, label: str, *sources: str) -> Field:
    """A field whose answer is the source that wins."""
    first = winning(map(CredentialSource, sources))
    slips = () if first is METADATA else (Slip(METADATA.value, "E4", "The role comes last in the order."),)
    choices = tuple(each.value for each in CredentialSource)
    why = "The first source in the order that has any credentials is taken."
    return Field(name, label, str(first), "choice", choices, 1, why, slips, **_shows(*sources))
