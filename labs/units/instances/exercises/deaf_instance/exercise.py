"""An instance that cannot read its bucket, in a live world: find the broken links, and put them right."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import CounterExample, Criterion, Variant, WorldExercise
from labs.course.kinds.use import used
from labs.course.marks import failed, passed, skipped
from labs.units.instances import live
from labs.units.instances import machines as ec2
from labs.units.policies.cases import allow, case

if TYPE_CHECKING:
    from labs.sandbox import World

READS = "a program on the instance reads the report"
TRUSTED = "EC2 may take the role on, and nobody else"
NARROW = "the role may read the bucket's objects, and nothing else"
KEYLESS = "no access key was made, not even for a moment"
SERVICES = ("lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "glue.amazonaws.com", "s3.amazonaws.com")
OWN = frozenset({"admin", "learner"})
"""Those who have a key from the start."""


class DeafInstance(WorldExercise):
    title = "The instance that cannot read"
    minutes = 25
    points = 12

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        role = rng.choice(ec2.ROLES)
        return {
            "name": f"{rng.choice(('worker', 'nightly', 'reader'))}-{rng.randrange(10, 100)}",
            "role": role,
            "profile": f"{role.partition('-')[0]}-machines",
            "service": rng.choice(SERVICES),
            "bucket": f"{rng.choice(('reports', 'survey', 'archive'))}-{rng.randrange(16**4):04x}",
            "key": rng.choice(("2026/report.csv", "out/report.csv", "data/report.csv")),
        }

    def prepare(self, world: World, variant: Variant) -> None:
        """Three links are broken: whom the role trusts, the empty profile, the resource of the policy."""
        v = variant.values
        world.client("s3").create_bucket(Bucket=v["bucket"])
        world.client("s3").put_object(Bucket=v["bucket"], Key=v["key"], Body=b"1,2,3\n")
        bucket = f"arn:aws:s3:::{v['bucket']}"
        live.make_role(world, v["role"], ec2.trust({"Service": v["service"]}), allow("s3:GetObject", bucket))
        live.make_profile(world, v["profile"])
        live.launch(world, v["name"], profile=v["profile"])
        live.make_user(world, "learner", "iam:*", "ec2:Describe*", "ec2:*IamInstanceProfile*", "s3:List*")
        world.advance(minutes=1)  # by then it runs

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        found = Links.of(world, v)
        read = _reads(world, found, v)
        others = ((TRUSTED, 3), (NARROW, 3), (KEYLESS, 1))
        if not read:
            belief, example = found.belief(v)
            said = "It gets no credentials." if not found.credentials else "AccessDenied."
            return (
                failed(READS, 5, said, misconception=belief, example=example),
                *(skipped(name, points, "") for name, points in others),
            )
        return passed(READS, 5), _mark_trust(found), _mark_permissions(found, v), _mark_keys(world, found)

    def needs(self, variant: Variant) -> Mapping[str, Sequence[str]]:
        """A world that nobody has touched keeps the others, and that earns nothing."""
        return dict.fromkeys((TRUSTED, NARROW, KEYLESS), (READS,))


class Links:
    """The links between the instance and its report, as they are now."""

    def __init__(self, role: str, trust: Mapping[str, Any], permissions: list[Any], held: bool) -> None:
        self.role = role
        self.trust = trust
        self.permissions = permissions
        self.held = held
        self.instance = ""
        self.credentials: Mapping[str, Any] = {}
        self.made = 0

    @classmethod
    def of(cls, world: World, v: Mapping[str, Any]) -> Links:
        """Look at the world."""
        iam = world.client("iam")
        roles = {each["RoleName"]: each for each in iam.list_roles()["Roles"]}
        role = roles.get(v["role"])
        profiles = iam.list_instance_profiles()["InstanceProfiles"]
        machine = live.instance_of(world, v["name"])
        profile = machine.get("IamInstanceProfile", {}).get("Arn")
        held = any(each["Arn"] == profile and each["Roles"] for each in profiles)
        trust = role["AssumeRolePolicyDocument"] if role else {}
        found = cls(ec2.role_arn(v["role"]), trust, _permissions(iam, v["role"]) if role else [], held)
        found.instance = str(machine.get("InstanceId", ""))
        found.credentials = live.role_credentials(world, found.instance) if found.instance else {}
        users = [each["UserName"] for each in iam.list_users()["Users"]]
        keys = sum(len(iam.list_access_keys(UserName=each)["AccessKeyMetadata"]) for each in users)
        found.made = keys - len(OWN.intersection(users))
        return found

    @property
    def trusted(self) -> bool:
        """Whether EC2 may take the role on."""
        return _allowed(self.assumes(ec2.EC2))

    def assumes(self, who: str) -> dict[str, Any]:
        """The question whether somebody may take the role on."""
        beside = {"resourcePolicy": self.trust} if self.trust else {}
        return case(who, "sts:AssumeRole", self.role, **beside)

    def asks(self, action: str, resource: str) -> dict[str, Any]:
        """The question whether a session of the role may do something."""
        session = ec2.session_arn(self.role, self.instance or "i-0")
        return case(session, action, resource, identityPolicies=self.permissions)

    def belief(self, v: Mapping[str, Any]) -> tuple[str | None, CounterExample | None]:
        """What somebody believes who has mended some links and not all; nothing where none is mended."""
        reads = self.asks("s3:GetObject", f"arn:aws:s3:::{v['bucket']}/{v['key']}")
        mended = (self.trusted, self.held, _allowed(reads))
        if not any(mended):
            return None, None
        if not self.held:
            question = ec2.asked({"launch": {"profile": v["profile"]}, "profiles": {v["profile"]: None}})
            return "E1", CounterExample.of_command(*question)
        if not self.trusted:
            return "I8", CounterExample("EC2 is not trusted.", self.assumes(ec2.EC2))
        if not _allowed(reads):
            bare = f'"arn:aws:s3:::{v["bucket"]}"' in str(self.permissions).replace("'", '"')
            example = CounterExample(f"Reading {v['key']} is denied", reads)
            return ("S2" if bare else "I7"), example
        return None, None


def _permissions(iam: Any, role: str) -> list[Any]:
    """The documents of the role's permissions policies."""
    found = [
        iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"]
        for each in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = each["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found.append(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    return found


def _allowed(asked: dict[str, Any]) -> bool:
    from labs.aws.iam import case_from_json, evaluate

    return evaluate(*case_from_json(asked)).allowed


def _reads(world: World, found: Links, v: Mapping[str, Any]) -> bool:
    """Read the report as the instance does."""
    from botocore.exceptions import ClientError

    if not found.credentials:
        return False
    try:
        live.client_of(world, "s3", found.credentials).get_object(Bucket=v["bucket"], Key=v["key"])
    except ClientError:
        return False
    return True


def _first(cases: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
    """The first of these questions to which the answer is yes."""
    return next((each for each in cases if _allowed(each)), None)


def _mark_trust(found: Links) -> Criterion:
    strangers = (*SERVICES, f"arn:aws:iam::{ec2.ACCOUNT}:user/eve", "arn:aws:iam::999999999999:user/eve")
    open_to = _first(found.assumes(each) for each in strangers)
    if open_to is None:
        return passed(TRUSTED, 3)
    said = f"{open_to['request']['principal']} may take it on as well."
    return failed(TRUSTED, 3, said, example=CounterExample("Taking the role on is allowed", open_to))


def _mark_permissions(found: Links, v: Mapping[str, Any]) -> Criterion:
    bucket = f"arn:aws:s3:::{v['bucket']}"
    beyond = (
        ("s3:PutObject", f"{bucket}/{v['key']}"),
        ("s3:DeleteObject", f"{bucket}/{v['key']}"),
        ("s3:DeleteBucket", bucket),
        ("s3:GetObject", "arn:aws:s3:::somebody-else/a.csv"),
        ("iam:CreateUser", f"arn:aws:iam::{ec2.ACCOUNT}:user/mallory"),
    )
    wide = _first(found.asks(*each) for each in beyond)
    if wide is None:
        return passed(NARROW, 3)
    said = f"It may {wide['request']['action']} on {wide['request']['resource']} as well."
    return failed(NARROW, 3, said, example=CounterExample("This is allowed", wide))


def _mark_keys(world: World, found: Links) -> Criterion:
    """No access key is there that was not, and none was made on the way."""
    made = any(use.action == "iam:CreateAccessKey" for use in used(world.events()))
    if found.made <= 0 and not made:
        return passed(KEYLESS, 1)
    command, stdin = ec2.asked({"credentials": ["instance metadata"]})
    example = CounterExample.of_command(command, stdin)
    said = "There is an access key that was not there." if found.made > 0 else "One was made, and is gone."
    said += " The instance needs none: it has its role."
    return failed(KEYLESS, 1, said, misconception="E3", example=example)
