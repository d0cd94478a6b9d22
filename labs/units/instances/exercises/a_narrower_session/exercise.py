"""Assume a partner's role with its external id, and take less than the role has: a session policy."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import Call, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.marks import failed, passed, skipped
from labs.units.instances import live
from labs.units.instances import machines as ec2
from labs.units.policies.cases import allow, case, document, user_arn

if TYPE_CHECKING:
    from labs.sandbox import World

TAKEN = "borrow() returns credentials of a session of the role"
READS = "the session reads the objects under the prefix"
NARROW = "the session may do nothing else"
MAY = "sts:AssumeRole"


class ANarrowerSession(CodeExercise):
    title = "A narrower session"
    minutes = 15
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {
            "role": rng.choice(ec2.ROLES),
            "external": f"partner-{rng.randrange(16**6):06x}",
            "bucket": f"{rng.choice(('survey', 'sensor', 'archive'))}-{rng.randrange(16**4):04x}",
            "prefix": rng.choice(("shared/", "public/", "2026/", "out/")),
        }

    def prepare(self, world: World, variant: Variant) -> None:
        """A bucket; a role for those who say the external id; and the user dev."""
        v = variant.values
        s3, bucket = world.client("s3"), f"arn:aws:s3:::{v['bucket']}"
        s3.create_bucket(Bucket=v["bucket"])
        for key in (f"{v['prefix']}a.csv", "keys/root.pem"):
            s3.put_object(Bucket=v["bucket"], Key=key, Body=b"1,2,3\n")
        live.make_user(world, "dev", MAY, resource=ec2.role_arn(v["role"], world.account))
        allowed = allow("s3:*", [bucket, f"{bucket}/*"])
        live.make_role(world, v["role"], _trust(v, world.account), allowed)

    def calls(self, variant: Variant) -> tuple[Call, ...]:
        v = variant.values
        args = (ec2.role_arn(v["role"]), v["external"], v["bucket"], v["prefix"])
        return (Call("borrow", args, as_="user/dev"),)

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        v, (result,) = variant.values, run.results
        later = skipped(READS, 3, ""), skipped(NARROW, 3, "")
        if result.error is not None:
            belief, example = self._belief(run, variant)
            return failed(TAKEN, 4, result.error, misconception=belief, example=example), *later
        given = result.value if isinstance(result.value, dict) else {}
        who = live.caller(world, given)
        if not who.startswith(ec2.session_arn(v["role"], "", world.account)):
            return failed(TAKEN, 4, f"With what it returned, get_caller_identity answers {who}."), *later
        # The session was made for all objects under the prefix, also for those that come later.
        world.client("s3").put_object(Bucket=v["bucket"], Key=f"{v['prefix']}late.csv", Body=b"4,5,6\n")
        allowed = set(self._allowed(world, given, v))
        wanted = {f"GetObject {v['prefix']}{each}" for each in ("a.csv", "late.csv")}
        missed, beyond = sorted(wanted - allowed), sorted(allowed - wanted)
        narrow = f"It may {beyond[0]}, as the role may. A session policy takes that away." if beyond else ""
        return (
            passed(TAKEN, 4),
            failed(READS, 3, f"{missed[0]} is refused.") if missed else passed(READS, 3),
            failed(NARROW, 3, narrow) if beyond else passed(NARROW, 3),
        )

    def needs(self, variant: Variant) -> Mapping[str, Sequence[str]]:
        """A session that may do nothing at all may do nothing else, and that is no merit."""
        return {READS: (TAKEN,), NARROW: (READS,)}

    def _allowed(self, world: World, given: Mapping[str, Any], v: Mapping[str, Any]) -> Iterator[str]:
        """The calls that the session may make, of those that are tried."""
        from botocore.exceptions import ClientError

        s3 = live.client_of(world, "s3", given)
        for operation, key, more in (
            ("GetObject", f"{v['prefix']}a.csv", {}),
            ("GetObject", f"{v['prefix']}late.csv", {}),
            ("GetObject", "keys/root.pem", {}),
            ("PutObject", f"{v['prefix']}b.csv", {"Body": b""}),
            ("ListObjectsV2", "", {}),
        ):
            call = {
                "GetObject": s3.get_object,
                "PutObject": s3.put_object,
                "ListObjectsV2": s3.list_objects_v2,
            }
            try:
                call[operation](Bucket=v["bucket"], **({"Key": key} if key else {}), **more)
            except ClientError:
                continue
            yield f"{operation} {key}".strip()

    def _belief(self, run: Run, variant: Variant) -> tuple[str | None, CounterExample | None]:
        """What somebody believes whose borrow() failed, and a case that shows it."""
        v = variant.values
        role, dev = ec2.role_arn(v["role"]), user_arn("dev")
        own = [document(allow(MAY, role))]
        failures = {event.operation for event in run.events if event.error}
        if "CreateAccessKey" in failures:
            asked = case(dev, "iam:CreateAccessKey", role, identityPolicies=own)
            return "I22", CounterExample("A role has no keys that one could ask for.", asked)
        if "AssumeRole" in failures:
            asked = case(dev, MAY, role, identityPolicies=own, resourcePolicy=_trust(v, ec2.ACCOUNT))
            return "I8", CounterExample("The role's trust policy has its condition.", asked)
        return None, None


def _trust(v: Mapping[str, Any], account: str) -> dict[str, Any]:
    """Who may take the role on: users of the account who say the external id."""
    condition = {"StringEquals": {"sts:ExternalId": v["external"]}}
    return ec2.trust({"AWS": f"arn:aws:iam::{account}:root"}, Condition=condition)
