"""Who may take a role on, by its trust policy; and that this says nothing about what the role may do."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Lettered, Slip, Variant
from labs.units.instances import machines as ec2
from labs.units.policies.cases import USERS, allow, case, decided, document, user_arn

SERVICES = {
    "EC2": "ec2.amazonaws.com",
    "Lambda": "lambda.amazonaws.com",
    "ECS": "ecs-tasks.amazonaws.com",
    "Glue": "glue.amazonaws.com",
}
EVERYTHING = document(allow("*", "*"))


class ReadATrustPolicy(Lettered, AnswerExercise):
    title = "Read a trust policy"
    minutes = 6
    points = 5

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        named, other = rng.sample(list(SERVICES), 2)
        mate, admin = rng.sample(USERS, 2)
        return {
            "role": rng.choice(ec2.ROLES),
            "service": SERVICES[named],
            "other_name": other,
            "other": SERVICES[other],
            "mate": mate,
            "admin": admin,
            "bucket": f"{rng.choice(('reports', 'survey', 'archive'))}-{rng.randrange(16**4):04x}",
            "trust": ec2.trust({"Service": SERVICES[named]}, {"AWS": user_arn(mate)}),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        role = ec2.role_arn(v["role"])

        def assumes(who: str, **beside: Any) -> dict[str, Any]:
            return case(who, "sts:AssumeRole", role, resourcePolicy=v["trust"], **beside)

        session = ec2.session_arn(v["role"], "session-1")
        reads = case(session, "s3:GetObject", f"arn:aws:s3:::{v['bucket']}/a.csv")
        return (
            Field(
                "service",
                "The service that may take the role on, as the policy names it",
                v["service"],
                why="It stands behind Service in a Principal.",
                slips=(Slip("sts.amazonaws.com", "I7", "STS hands the credentials out; it is not trusted."),),
                case=assumes(v["service"]),
            ),
            decided("other", f"{v['other_name']} ({v['other']}) takes the role on", assumes(v["other"])),
            decided(
                "admin",
                f"{v['admin']}, who may do * on *, takes the role on",
                assumes(user_arn(v["admin"]), identityPolicies=[EVERYTHING]),
                Slip("", "I8", f"The role trusts others, and {v['admin']} is not among them."),
            ),
            decided(
                "mate",
                f"{v['mate']}, who has no policy of their own, takes the role on",
                assumes(user_arn(v["mate"])),
                Slip("", "I5", "The trust policy names this user, and within one account that is enough."),
            ),
            decided(
                "read",
                f"A session of the role reads s3://{v['bucket']}/a.csv",
                reads,
                Slip("", "I7", "The role has no permissions policy, so its sessions may do nothing."),
            ),
        )
