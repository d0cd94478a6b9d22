"""Ask the metadata service for the role's credentials, with nothing but urllib, as the SDK does."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import Call, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.marks import failed, passed, skipped
from labs.units.instances import live
from labs.units.instances import machines as ec2

if TYPE_CHECKING:
    from labs.sandbox import World

FOUND = "find() returns the id of the instance"
ASKED = "metadata() returns what is there, and None where nothing is"
GIVEN = "role_credentials() returns the credentials of the role"
NAMES = ("web", "worker", "trainer", "index", "relay")


class AskForYourself(CodeExercise):
    title = "Ask for yourself"
    minutes = 20
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        name, other = rng.sample(NAMES, 2)
        number = rng.randrange(10, 100)
        return {"role": rng.choice(ec2.ROLES), "name": f"{name}-{number}", "other": f"{other}-{number}"}

    def prepare(self, world: World, variant: Variant) -> None:
        """Two instances that require version 2, one of them with the role; dev may look at instances."""
        v = variant.values
        live.make_role(world, v["role"], ec2.trust({"Service": ec2.EC2}))
        live.make_profile(world, v["role"], v["role"])
        live.launch(world, v["name"], profile=v["role"])
        live.launch(world, v["other"])
        live.make_user(world, "dev", "ec2:DescribeInstances")
        world.advance(minutes=1)  # by then both run

    def calls(self, variant: Variant) -> tuple[Call, ...]:
        v = variant.values
        return (
            Call("find", (v["name"],), as_="user/dev"),
            Call("metadata", ("meta-data/instance-id",), where="instance"),
            Call("metadata", ("meta-data/instance-type",), where="instance"),
            Call("metadata", ("meta-data/spot/instance-action",), where="instance"),
            Call("role_credentials", (), where="instance"),
        )

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        found, *asked, given = run.results
        machine = live.instance_of(world, variant.values["name"])
        if not found.is_exactly(machine["InstanceId"]):
            said = found.error or f"It returned {found.value!r}, and that is another."
            return failed(FOUND, 2, said), skipped(ASKED, 4, ""), skipped(GIVEN, 4, "")
        wanted = (machine["InstanceId"], machine["InstanceType"], None)
        return (
            passed(FOUND, 2),
            self._asked(wanted, asked, variant),
            self._given(world, given, machine["InstanceId"], variant),
        )

    def needs(self, variant: Variant) -> Mapping[str, Sequence[str]]:
        """Both run on the instance that was found."""
        return {ASKED: (FOUND,), GIVEN: (FOUND,)}

    def _asked(self, wanted: tuple[str | None, ...], asked: list[Any], variant: Variant) -> Criterion:
        for value, result in zip(wanted, asked, strict=True):
            if result.error is not None:
                return self._refused(ASKED, result.error, variant)
            if not result.is_exactly(value):
                return failed(ASKED, 4, f"It returned {result.value!r}, and not {value!r}.")
        return passed(ASKED, 4)

    def _given(self, world: World, given: Any, machine: str, variant: Variant) -> Criterion:
        if given.error is not None:
            return self._refused(GIVEN, given.error, variant)
        document = given.value
        if not isinstance(document, dict) or document.get("Type") != "AWS-HMAC":
            return failed(GIVEN, 4, "The service's document is asked for, as a dict; it has a Type.")
        if live.caller(world, document) != ec2.session_arn(variant.values["role"], machine, world.account):
            return failed(GIVEN, 4, "With these credentials STS does not know the instance's session.")
        return passed(GIVEN, 4)

    def _refused(self, name: str, said: str, variant: Variant) -> Criterion:
        """What comes of a request that the service does not answer with 200."""
        refused = any(f"Error {status}" in said for status in (400, 401, 405))
        command, stdin = ec2.asked(
            {"metadata": {"token": "none"}, "options": {"role": variant.values["role"]}}
        )
        example = CounterExample.of_command(command, stdin) if refused else None
        return failed(name, 4, said, misconception="E5" if refused else None, example=example)
