"""Ids and names from a log: what each is, and whom it stands for."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.arns import names

IMAGE = ("the same id", "an id of its own")
PERSON = ("the same id", "a new id")
KEYS = ("for good", "for a time")
THINGS = {
    "eni": "network interface",
    "snap": "snapshot",
    "sg": "security group",
    "vol": "volume",
    "rtb": "route table",
}
KINDS = ("a user", "a role", "a session of a role")


class WhoWasIt(AnswerExercise):
    title = "Who was it?"
    minutes = 7
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.arn import Arn
        from labs.aws.identifiers import ResourceId, unique_id_kind

        account, team, person = names.account(rng), rng.choice(names.TEAMS), rng.choice(names.USERS)
        machine = f"i-{names.hexadecimal(rng)}"
        role = rng.choice(("trainer", "crawler", "indexer", "painter"))
        session = Arn.parse(f"arn:aws:sts::{account}:assumed-role/{role}/{machine}")
        user = Arn.parse(f"arn:aws:iam::{account}:user/{team}/{person}")
        thing = f"{rng.choice(tuple(THINGS))}-{names.hexadecimal(rng)}"
        split = ResourceId.split(thing)
        assert split is not None
        key = names.unique_id(rng, rng.choice(("AKIA", "ASIA")))[:20]
        home, there = rng.sample(names.REGIONS, 2)
        return {
            "account": account,
            "team": team,
            "role": role,
            "role_id": names.unique_id(rng, "AROA"),
            "machine": machine,
            "session": str(session),
            "user": str(user),
            "person": user.name,
            "thing": thing,
            "thing_kind": split.kind,
            "prefix": split.prefix,
            "key": key,
            "key_lasts": KEYS[0] if unique_id_kind(key) == "long-term access key" else KEYS[1],
            "image": f"ami-{names.hexadecimal(rng)}",
            "home": home,
            "there": there,
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        by_id = f"{v['role_id']}:{v['machine']}"
        image_here = f"arn:aws:ec2:{v['home']}::image/{v['image']}"
        session_why = "Between assumed-role/ and the next slash stands the role's name; then its session's."
        path_why = "The path is in the ARN, and the name is what follows the last slash."
        user = names.show(v["user"])
        session = names.show(v["session"])
        return (
            Field(
                "role",
                "The role in the first line",
                v["role"],
                why=session_why,
                slips=(
                    Slip(v["machine"], "A5", session_why),
                    Slip(f"{v['role']}/{v['machine']}", "A5", session_why),
                    Slip(f"assumed-role/{v['role']}", "A5", session_why),
                ),
                command=session,
            ),
            Field(
                "machine",
                "The id of the instance that called",
                v["machine"],
                why="On an instance, the session is named after the instance.",
                command=session,
            ),
            Field(
                "user",
                "The user's name in the second line",
                v["person"],
                why=path_why,
                slips=(
                    Slip(f"{v['team']}/{v['person']}", "A4", path_why),
                    Slip(f"user/{v['team']}/{v['person']}", "A4", path_why),
                ),
                command=user,
            ),
            Field(
                "who",
                f"What {by_id[:8]}…:i-… stands for",
                KINDS[2],
                "choice",
                KINDS,
                why="AROA begins the id of a role; a colon and the name of a session follow it.",
                slips=(
                    Slip(KINDS[1], "A5", "The role's id is only the first half. The second is a session."),
                ),
                command=session,
            ),
            Field(
                "thing",
                f"What kind of thing {v['thing']} is",
                v["thing_kind"],
                "choice",
                tuple(THINGS.values()),
                why=f"The prefix says it: {v['prefix']} is short for {v['thing_kind']}.",
            ),
            Field(
                "key",
                f"How long the key {v['key'][:8]}… is good",
                v["key_lasts"],
                "choice",
                KEYS,
                why="AKIA begins a key that lasts, ASIA one that STS gave out for a time.",
            ),
            Field(
                "image",
                f"The image {v['image'][:9]}…, copied to {v['there']}, has there",
                IMAGE[1],
                "choice",
                IMAGE,
                why="An image belongs to one Region, and its id with it.",
                slips=(
                    Slip(IMAGE[0], "E9", "An image's id belongs to one Region: a copy is another image."),
                ),
                command=names.show(image_here),
            ),
            Field(
                "again",
                f"The unique id of {v['person']}, deleted and made again",
                PERSON[1],
                "choice",
                PERSON,
                why="The ARN is the same and the unique id is new, so that old grants do not pass on.",
                command=user,
            ),
        )
