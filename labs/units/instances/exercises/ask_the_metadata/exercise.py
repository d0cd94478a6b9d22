"""Predict what an instance's metadata service answers: token, lifetime, hop limit, no role."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.aws.ec2.metadata import LONGEST_TOKEN, ROLE_PATH, TOKEN_PATH
from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.instances import machines as ec2

CHOICES = ("200", "400", "401", "404", "no answer")
ABOUT = ("instance-id", "ami-id", "instance-type", "local-ipv4", "hostname", "mac")


class AskTheMetadata(Lettered, PredictExercise):
    title = "What does the metadata service answer?"
    minutes = 8
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        about, later = rng.sample(ABOUT, 2)
        return {
            "role": rng.choice(ec2.ROLES),
            "path": f"/latest/meta-data/{about}",
            "later": f"/latest/meta-data/{later}",
            "ttl": rng.randrange(60, 3600, 60),
            "hours": rng.randrange(7, 13),
            "roles": ROLE_PATH,
            "token_path": TOKEN_PATH,
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        role = {"role": v["role"]}
        put = {"method": "PUT", "path": TOKEN_PATH, "ttl": v["ttl"]}
        no_token = Slip("200", "E5", "Version 2 is required, so a GET without a token is refused.")
        return (
            _answer("plain", f"GET {v['path']}, without a token", {"path": v["path"]}, role, no_token),
            _answer("put", f"PUT {TOKEN_PATH}, for {v['ttl']} seconds", put, role),
            _answer(
                "long",
                f"PUT {TOKEN_PATH}, for {v['hours']} hours",
                {**put, "ttl": v["hours"] * 3600},
                role,
                Slip("200", "E5", f"A token lives six hours at most, {LONGEST_TOKEN:,} seconds."),
            ),
            _answer(
                "token",
                f"GET {ROLE_PATH}{v['role']}, with a fresh token",
                {"path": f"{ROLE_PATH}{v['role']}", "token": "valid"},
                role,
            ),
            _answer(
                "expired",
                f"GET {v['later']}, with a token for {v['ttl']} seconds that is {v['ttl'] + 30} seconds old",
                {"path": v["later"], "token": "expired"},
                role,
                Slip("200", "E5", "A token ends when its lifetime is over; then another PUT is needed."),
            ),
            _answer(
                "container",
                f"PUT {TOKEN_PATH}, for {v['ttl']} seconds, from a container one network hop further away",
                {**put, "hops": 2},
                role,
                Slip("200", "E5", "The hop limit is 1: the reply to the PUT never reaches the container."),
            ),
            _answer(
                "roleless",
                f"GET {ROLE_PATH}, with a fresh token, on an instance without a profile",
                {"path": ROLE_PATH, "token": "valid"},
                {},
                Slip("200", "E1", "Without an instance profile there is no role, and the path is not there."),
            ),
        )


def _answer(
    name: str, label: str, request: Mapping[str, Any], options: Mapping[str, Any], *slips: Slip
) -> Field:
    """A field whose answer is the status that the service gives."""
    from labs.aws.ec2.questions import tell

    question = {"metadata": dict(request), "options": dict(options)}
    command, stdin = ec2.asked(question)
    (line,) = tell(question).lines
    return Field(name, label, line.word, "choice", CHOICES, 1, line.says, slips, None, command, stdin)
