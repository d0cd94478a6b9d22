"""Put the steps in order from nothing to an instance with a role."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from labs.course import Block, Inversion, OrderExercise, Variant
from labs.units.instances import machines as ec2

REGIONS = ("eu-west-1", "eu-central-1", "us-west-2", "ap-northeast-1", "sa-east-1")


class LaunchInOrder(OrderExercise):
    title = "From nothing to an instance with a role"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        role, region = f"{rng.choice(ec2.ROLES)}-{rng.randrange(10, 100)}", rng.choice(REGIONS)
        profile = f"{role.partition('-')[0]}-machines"
        image = f"ami-0{rng.randrange(16**16):016x}"
        return {
            "role": role,
            "profile": profile,
            "region": region,
            "image": image,
            "make_role": f"create-role: {role}, with a trust policy that names ec2.amazonaws.com",
            "permit": f"put-role-policy: {role} may read the bucket",
            "make_profile": f"create-instance-profile: {profile}",
            "add": f"add-role-to-instance-profile: {role} into {profile}",
            "wait": f"wait instance-profile-exists: {profile}",
            "look_up": f"describe-images: the newest image in {region}",
            "launch": f"run-instances: that image, with the profile {profile}",
            "launch_role": f"run-instances: that image, with the ARN of {role} as its profile",
            "attach": f"run-instances: that image; then attach {role} to the instance",
            "tutorial": f"take {image} from a tutorial that works in us-east-1",
            "key": "create-access-key: its id and secret go into the user data",
        }

    def blocks(self, variant: Variant) -> Sequence[Block]:
        v = variant.values
        profiles = {v["profile"]: v["role"]}
        shown: dict[str, ec2.Question] = {
            "attach": {"launch": {}},
            "role": {"launch": {"profile": ec2.role_arn(v["role"])}, "profiles": profiles},
            "image": {"launch": {"image": v["image"], "image_region": "us-east-1", "region": v["region"]}},
            "key": {"credentials": ["instance metadata"]},
        }
        command = {name: ec2.asked(question) for name, question in shown.items()}
        return (
            Block(v["make_role"], after=()),
            Block(v["permit"], after=(v["make_role"],)),
            Block(v["make_profile"], after=()),
            Block(v["add"], after=(v["make_role"], v["make_profile"])),
            Block(v["wait"], after=(v["make_profile"],)),
            Block(v["look_up"], after=()),
            Block(v["launch"], after=(v["permit"], v["add"], v["wait"], v["look_up"])),
            Block(
                v["attach"],
                why="No call attaches a role to an instance. It has a profile, and the role is in that.",
                misconception="E1",
                command=command["attach"][0],
                stdin=command["attach"][1],
            ),
            Block(
                v["launch_role"],
                why="AWS refuses it: the ARN of a role is not that of an instance profile.",
                misconception="E2",
                command=command["role"][0],
                stdin=command["role"][1],
            ),
            Block(
                v["tutorial"],
                why=f"An image's id belongs to one Region. In {v['region']} nothing has this id.",
                misconception="E9",
                command=command["image"][0],
                stdin=command["image"][1],
            ),
            Block(
                v["key"],
                why="With a role the instance needs no key, and whoever may read the user data has it.",
                misconception="E3",
                command=command["key"][0],
                stdin=command["key"][1],
            ),
        )

    def inversions(self, variant: Variant) -> Sequence[Inversion]:
        v = variant.values
        command, stdin = ec2.asked({"launch": {"profile": v["profile"]}, "profiles": {v["profile"]: None}})
        return (
            Inversion(
                v["add"],
                v["launch"],
                "E1",
                "The profile is still empty at the launch, so the instance starts without a role.",
                command,
                stdin,
            ),
        )
