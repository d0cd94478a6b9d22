"""A web server that nobody reaches, in a live world: find what is missing, and open nothing else."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Criterion, Variant, WorldExercise
from labs.course.marks import failed, passed, skipped
from labs.units.cidr.live import Built, Found, allow_ec2
from labs.units.cidr.networks import ANYWHERE, OUTCOMES

if TYPE_CHECKING:
    from labs.sandbox import World

SAID = {
    OUTCOMES[1]: "The request arrives, and the answer is lost.",
    OUTCOMES[2]: "It is blocked on the way there.",
}
DATABASE = 5432
BEYOND = (22, 3306, 8080)
"""Ports that nobody asked to open."""


class DarkServer(WorldExercise):
    title = "The dark server"
    minutes = 25
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        second = rng.randrange(2, 250)
        front, back = rng.sample(range(250), 2)
        bad = rng.choice(("198.51.100", "192.0.2"))
        return {
            "name": rng.choice(("shop", "forum", "atlas", "wiki", "radar")),
            "vpc": f"10.{second}.0.0/16",
            "front": f"10.{second}.{front}.0/24",
            "back": f"10.{second}.{back}.0/24",
            "port": rng.choice((443, 8443)),
            "bad": f"{bad}.0/24",
            "caller": f"{bad}.{rng.randrange(4, 250)}",
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v = variant.values
        built = Built(world, v["vpc"], v["name"])
        front = built.subnet("front", v["front"], "us-east-1a")
        back = built.subnet("back", v["back"], "us-east-1b")
        # The table that would make front public is there, and no subnet is associated with it.
        built.table("public", GatewayId=built.gateway("gateway"))
        web_group = built.group("web", (v["port"], ANYWHERE), (22, v["vpc"]))
        db_group = built.group("db", (DATABASE, web_group))
        built.machines(("web", front, web_group), ("db", back, db_group))
        # Answers go to high ports, and this lets none of them out.
        built.acl("front", front, (
            _entry(90, False, "deny", v["bad"]),
            _entry(100, False, "allow", ANYWHERE, v["port"]),
            _entry(110, False, "allow", v["vpc"]),
            _entry(100, True, "allow", ANYWHERE, v["port"]),
            _entry(110, True, "allow", v["vpc"]),
        ))  # fmt: skip
        allow_ec2(world, "learner")
        world.advance(minutes=1)  # by then the machines run

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        found = Found.by_name(world, v["name"])
        web, db = found.machine("web"), found.machine("db")
        lit = _mark_lit(found, web, v)
        names = (
            f"{v['bad']} is still kept out",
            "nothing else is open to the internet",
            "web still reaches db",
        )
        if lit.state == "fail":
            # A world that nobody has touched keeps all of these, and that earns nothing.
            later = "It counts once the server can be reached."
            return lit, *(skipped(name, 2, later) for name in names)
        return (
            lit,
            _mark_kept_out(names[0], found, web, v),
            _mark_closed(names[1], found, web, db),
            passed(names[2], 2)
            if found.arrives(web, db, DATABASE)
            else failed(names[2], 2, "It did before.", example=found.example(web, db, DATABASE)),
        )


def _entry(number: int, egress: bool, action: str, block: str, port: int | None = None) -> dict[str, Any]:
    """An entry of the ACL: everything from or to a block, or one TCP port."""
    entry = {"RuleNumber": number, "Egress": egress, "RuleAction": action, "CidrBlock": block}
    if port is None:
        return {**entry, "Protocol": "-1"}
    return {**entry, "Protocol": "6", "PortRange": {"From": port, "To": port}}


def _mark_lit(found: Found, web: str, v: Mapping[str, Any]) -> Criterion:
    name = f"the internet reaches web on port {v['port']}, and is answered"
    if not web:
        return failed(name, 4, "There is no instance called web.")
    ends = ("internet", web, v["port"])
    outcome = found.outcome(*ends)
    if outcome == OUTCOMES[0]:
        return passed(name, 4)
    belief = _belief(found, outcome)
    # To whom has changed nothing yet, an example would show the whole solution.
    return failed(
        name, 4, SAID[outcome], misconception=belief, example=found.example(*ends) if belief else None
    )


def _belief(found: Found, outcome: str) -> str | None:
    """What somebody believes who has changed something, and still nobody reaches the server."""
    front = found.subnet("front")
    interfaces = found.network.interfaces.values()
    addressed = any(each.public for interface in interfaces for each in interface.addresses)
    routed = bool(front) and found.is_public(front)
    switched = any(each.get("MapPublicIpOnLaunch") for each in found.subnets if each["SubnetId"] == front)
    if addressed and routed:
        return "C16" if outcome == OUTCOMES[1] else None
    return "C11" if addressed or routed or switched else None


def _mark_kept_out(name: str, found: Found, web: str, v: Mapping[str, Any]) -> Criterion:
    if not found.arrives(v["caller"], web, v["port"]):
        return passed(name, 2)
    said = f"{v['caller']} reaches the server. Only the ACL can keep a block out of what is open to all."
    example = found.example(v["caller"], web, v["port"])
    return failed(name, 2, said, misconception="C17", example=example)


def _mark_closed(name: str, found: Found, web: str, db: str) -> Criterion:
    for machine, port in (*((web, each) for each in BEYOND), (db, DATABASE)):
        if machine and found.arrives("internet", machine, port):
            said = f"Anyone on the internet reaches {machine} on port {port}."
            return failed(
                name, 2, said, misconception="C15", example=found.example("internet", machine, port)
            )
    return passed(name, 2)
