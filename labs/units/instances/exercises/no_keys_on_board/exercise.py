"""Role, trust, permissions, profile, launch; then code on the instance reads S3, and has no keys."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import Call, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.kinds.policy import Ask, s3_beside
from labs.course.marks import failed, passed, skipped
from labs.units.instances import machines as ec2
from labs.units.instances.exercises.no_keys_on_board.scene import RUNNING, Scene, survey
from labs.units.policies.cases import allow, case, deny, document, user_arn

if TYPE_CHECKING:
    from labs.aws.iam import Policy
    from labs.sandbox import Event, World

LAUNCHED = "launch() returns the id of the one t3.micro that runs"
TRUSTED = "EC2 may assume the role, and nobody else"
PROFILED = "The instance has an instance profile, with the role in it"
READ = "read_report() returns the reports, on the instance"
KEYLESS = "The instance uses its role, and no key"
NARROW = "The role may read the reports and nothing else"
ALWAYS = "It never could do more, and nothing else was used on the way"

ATTACHES = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
"""What dev may do and need not: the policies that AWS manages all give more than the reports."""
BAD_KEYS = ("InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch", "AuthFailure")
DAYS = tuple(f"2026-{month:02d}-{day:02d}" for month in range(1, 7) for day in range(1, 29))


class NoKeysOnBoard(CodeExercise):
    title = "No keys on board"
    minutes = 25
    points = 12
    worlds = 1  # its calls are many, and each has a case of its own

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        day, unseen = rng.sample(DAYS, 2)
        topic = rng.choice(("night", "daily", "sales", "visits"))
        reader = rng.choice(("report", "ledger", "metrics", "digest"))
        return {
            "role": f"{reader}-reader-{rng.randrange(10, 100)}",
            "bucket": f"{topic}-reports-{rng.randrange(16**4):04x}",
            "prefix": rng.choice(("nightly/", "finished/", "out/", "checked/")),
            "day": day,
            "unseen": unseen,
        }

    def prepare(self, world: World, variant: Variant) -> None:
        """The bucket with its reports and what lies beside them, and the user dev."""
        v = variant.values
        s3, iam = world.client("s3"), world.client("iam")
        s3.create_bucket(Bucket=v["bucket"])
        for day in (v["day"], v["unseen"]):
            body = json.dumps(report_of(variant, day)).encode()
            s3.put_object(Bucket=v["bucket"], Key=f"{v['prefix']}{day}.json", Body=body)
        s3.put_object(Bucket=v["bucket"], Key="payroll/2026.csv", Body=b"name,salary\n")
        iam.create_user(UserName="dev")
        document = json.dumps(builder(v["role"], world.account))
        iam.put_user_policy(UserName="dev", PolicyName="build", PolicyDocument=document)

    def calls(self, variant: Variant) -> tuple[Call, ...]:
        """The launch, then two reports: the one that the task names, and one that it does not."""
        v = variant.values
        keys = [f"{v['prefix']}{day}.json" for day in (v["day"], v["unseen"])]
        return (
            Call("launch", (v["role"], v["bucket"], v["prefix"]), as_="user/dev"),
            *(Call("read_report", (v["bucket"], key), where="instance") for key in keys),
        )

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        """Each link between the program and the report, in the order in which they are made."""
        scene = survey(world, run, variant)
        return (
            mark_launch(scene, run),
            mark_trust(scene),
            mark_profile(scene),
            mark_reading(scene, run, variant),
            mark_keyless(scene),
            mark_permissions(scene, world, variant),
            mark_use(scene, run, variant),
        )

    def needs(self, variant: Variant) -> Mapping[str, Sequence[str]]:
        """What was used on the way is asked of those who have arrived."""
        return {ALWAYS: (READ, NARROW)}


def report_of(variant: Variant, day: str) -> dict[str, Any]:
    """The report of a day; each world has its own."""
    draw = random.Random(f"{variant.seed} {day}")
    return {"day": day, "visits": draw.randrange(500, 5000), "errors": draw.randrange(40)}


def builder(role: str, account: str) -> dict[str, Any]:
    """What dev may do: build this one role and its profile, pass the role, and launch."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "BuildTheRole",
                "Effect": "Allow",
                "Action": [
                    "iam:CreateRole", "iam:GetRole", "iam:DeleteRole", "iam:UpdateAssumeRolePolicy",
                    "iam:*RolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies",
                    "iam:PassRole",
                ],
                "Resource": f"arn:aws:iam::{account}:role/{role}",
            },
            {
                "Sid": "BuildTheProfile",
                "Effect": "Allow",
                "Action": "iam:*InstanceProfile",
                "Resource": f"arn:aws:iam::{account}:instance-profile/{role}",
            },
            {
                "Sid": "Launch",
                "Effect": "Allow",
                "Action": ["ec2:RunInstances", "ec2:Describe*"],
                "Resource": "*",
            },
        ],
    }  # fmt: skip


# The links, one by one


def mark_launch(scene: Scene, run: Run) -> Criterion:
    """The instance is there, alone, and runs."""
    result = run.results[0]
    if scene.instance and scene.instance["State"]["Name"] in RUNNING:
        if scene.instance["InstanceType"] != "t3.micro":
            return failed(LAUNCHED, 2, f"It is a {scene.instance['InstanceType']}, and bills as one.")
        if scene.instances > 1:
            return failed(LAUNCHED, 2, f"There are {scene.instances} instances, and each of them bills.")
        return passed(LAUNCHED, 2)
    if result.error is not None:
        said = f"launch() ended with an error. {result.error}"
        belief = launch_misconception(scene)
        return failed(LAUNCHED, 2, said, misconception=belief, example=example_of(belief, scene))
    if scene.instance:
        return failed(LAUNCHED, 2, f"The instance is {scene.instance['State']['Name']}.")
    return failed(LAUNCHED, 2, f"It returned {result.value!r}, which is not the id of an instance.")


def launch_misconception(scene: Scene) -> str | None:
    """The belief behind a launch that failed, by the request that failed."""
    for event in scene.failures("RunInstances"):
        said = event.message or ""
        if (event.error or "").startswith("InvalidAMIID"):
            return "E9"
        if ":role/" in said and not event.refused:
            return "E2"
        if "rofile" in said and not scene.in_profiles:
            return "E1"
    if any(scene.failures("AssumeRole")):
        return "I9"
    return "I7" if any(scene.failures("CreateRole")) else None


def example_of(
    belief: str | None, scene: Scene, key: str = "arn:aws:s3:::reports/a.json"
) -> CounterExample | None:
    """What can be run to see that a belief does not hold."""
    role = scene.role_arn or ec2.role_arn(scene.role)
    questions: dict[str, dict[str, Any]] = {
        "E1": {"launch": {}},
        "E2": {"launch": {"profile": role}, "profiles": {scene.role: scene.role}},
        "E3": {"credentials": ["credentials file", "instance metadata"]},
        "E9": {
            "launch": {"image": "ami-0c55b159cbfafe1f0", "image_region": "us-east-2", "region": "us-east-1"}
        },
    }
    if belief in questions:
        return CounterExample.of_command(*ec2.asked(questions[belief]))
    if belief == "I9":
        own, trust = document(allow("iam:PassRole", role)), ec2.trust({"Service": ec2.EC2})
        asked = case(user_arn("dev"), "sts:AssumeRole", role, identityPolicies=[own], resourcePolicy=trust)
        return CounterExample("Whoever may pass the role is denied", asked)
    if belief == "I20":
        reads = document(allow(["s3:Get*", "s3:List*"], "*"))
        asked = case(ec2.session_arn(scene.role, "i-0"), "s3:GetObject", key, identityPolicies=[reads])
        return CounterExample("While it is attached, and a while longer, this is allowed", asked)
    if belief in ("I7", "S2"):
        held = [dict(policy.document) for policy in scene.permissions]
        asked = case(ec2.session_arn(scene.role, "i-0"), "s3:GetObject", key, identityPolicies=held)
        return CounterExample("What the role may do stands in its permissions policies.", asked)
    return None


def mark_trust(scene: Scene) -> Criterion:
    """The trust policy names EC2 and no one else."""
    from labs.aws.iam import PolicySet, Principal, Request, case_to_json, evaluate

    if scene.role_arn is None:
        return failed(TRUSTED, 2, f"There is no role called {scene.role}.")
    if scene.trust is None or grants_more_than_trust(scene.trust):
        said = "A trust policy allows sts:AssumeRole and nothing else; what the role may do goes elsewhere."
        return failed(TRUSTED, 2, said, misconception="I7", example=example_of("I7", scene))
    policies = PolicySet(resource=scene.trust)
    account = scene.role_arn.split(":")[4]
    strangers = (
        f"arn:aws:iam::{account}:user/dev",
        "arn:aws:iam::999999999999:user/eve",
        "lambda.amazonaws.com",
    )
    for caller, expected in (("ec2.amazonaws.com", True), *((each, False) for each in strangers)):
        request = Request(Principal.parse(caller), "sts:AssumeRole", scene.role_arn)
        if evaluate(request, policies).allowed is not expected:
            verb = "may not" if expected else "may"
            example = CounterExample(f"{caller} {verb} assume the role", case_to_json(request, policies))
            return failed(
                TRUSTED, 2, "The trust policy should name ec2.amazonaws.com alone.", example=example
            )
    return passed(TRUSTED, 2)


def grants_more_than_trust(trust: Policy) -> bool:
    """Whether a trust policy speaks of anything but assuming the role."""
    actions = (action for statement in trust.statements for action in statement.action.texts)
    return any(not action.lower().startswith("sts:") for action in actions)


def mark_profile(scene: Scene) -> Criterion:
    """The instance was launched with a profile that holds the role."""
    if not scene.instance:
        return skipped(PROFILED, 2, "There is no instance to look at.")
    arn = scene.instance.get("IamInstanceProfile", {}).get("Arn")
    if arn is None:
        said = "The instance was launched without an instance profile, so it has no role."
        belief = "E1" if scene.role_arn else None
        return failed(PROFILED, 2, said, misconception=belief, example=example_of(belief, scene))
    if arn not in scene.in_profiles:
        said = f"{arn} does not hold the role {scene.role}."
        return failed(PROFILED, 2, said, misconception="E1", example=example_of("E1", scene))
    return passed(PROFILED, 2)


def mark_reading(scene: Scene, run: Run, variant: Variant) -> Criterion:
    """What read_report() gave back is what is in the bucket."""
    if not scene.instance:
        return skipped(READ, 2, "There is no instance for it to run on.")
    for day, result in zip((variant.values["day"], variant.values["unseen"]), run.results[1:], strict=True):
        if result.error is not None:
            belief = reading_misconception(scene, variant)
            example = example_of(belief, scene, f"arn:aws:s3:::{variant.values['bucket']}/report.json")
            return failed(READ, 2, result.error, misconception=belief, example=example)
        if not result.is_exactly(report_of(variant, day)):
            return failed(
                READ, 2, f"For {day} it returned {result.value!r}, which is not what the report says."
            )
    return passed(READ, 2)


def reading_misconception(scene: Scene, variant: Variant) -> str | None:
    """The belief behind a role that cannot read, where the instance did act as the role."""
    if not any(is_session(event, scene) for event in scene.reads):
        return None
    if not scene.permissions:
        return "I7"
    bucket = f"arn:aws:s3:::{variant.values['bucket']}"
    written = json.dumps([dict(policy.document) for policy in scene.permissions])
    return "S2" if f'"{bucket}"' in written else None


def mark_keyless(scene: Scene) -> Criterion:
    """The reports were read by a session of the role, and no key was made or brought along."""
    if any(event.operation == "CreateAccessKey" for event in scene.events):
        said = "An access key was asked for. The instance needs none: it has its role."
        return failed(KEYLESS, 1, said, misconception="E3", example=example_of("E3", scene))
    if any(event.error in BAD_KEYS or not is_session(event, scene) for event in scene.reads):
        said = "A request to read was signed with a key that is not the role's."
        return failed(KEYLESS, 1, said, misconception="E3", example=example_of("E3", scene))
    if not scene.reads:
        return skipped(KEYLESS, 1, "The instance has read nothing yet.")
    return passed(KEYLESS, 1)


def is_session(event: Event, scene: Scene) -> bool:
    """Whether a request was signed by the instance, as its role."""
    session = f":assumed-role/{scene.role}/{scene.instance.get('InstanceId')}"
    return event.principal.endswith(session) and event.on_instance == scene.instance.get("InstanceId")


def mark_permissions(scene: Scene, world: World, variant: Variant) -> Criterion:
    """The role's policies allow the reports, and none of what lies around them."""
    from labs.aws.iam import PolicySet, Principal, Request, case_to_json, evaluate

    v = variant.values
    if scene.role_arn is None or not scene.permissions:
        return skipped(NARROW, 2, "The role has no permissions yet.")
    policies = PolicySet(identity=scene.permissions)
    principal = Principal.session(scene.role_arn, scene.instance.get("InstanceId", "i-00000000"))
    wanted = Ask("s3:GetObject", f"arn:aws:s3:::{v['bucket']}/{v['prefix']}{v['day']}.json")
    beside = (
        *s3_beside(v["bucket"], v["prefix"], ["s3:GetObject"]),
        Ask("s3:ListBucket", f"arn:aws:s3:::{v['bucket']}"),
        Ask("s3:GetObject", f"arn:aws:s3:::{v['bucket']}/payroll/2026.csv"),
    )
    for ask, expected in ((wanted, True), *((ask, False) for ask in beside)):
        request = Request(principal, ask.action, ask.resource, resource_account=world.account)
        if evaluate(request, policies).allowed is not expected:
            said = "It may not read the reports." if expected else "It may do more than read the reports."
            verdict = "is denied" if expected else "is allowed"
            example = CounterExample(f"{ask} {verdict}", case_to_json(request, policies))
            return failed(NARROW, 2, said, example=example)
    return passed(NARROW, 2)


def mark_use(scene: Scene, run: Run, variant: Variant) -> Criterion:
    """What dev used to build it, and what the role used on the instance: the least that it takes."""
    v = variant.values
    keys = [f"arn:aws:s3:::{v['bucket']}/{v['prefix']}{day}.json" for day in (v["day"], v["unseen"])]
    for who, least in (
        ("user/dev", [*builder(v["role"], ec2.ACCOUNT)["Statement"], deny(ATTACHES, "*")]),
        (f"role/{v['role']}", [allow("s3:GetObject", keys)]),
    ):
        more = run.beyond(document(*least, allow("sts:GetCallerIdentity", "*")), who)
        if not more:
            continue
        said = f"{who.partition('/')[2]} made use of {more[0]}, which the task does not take."
        if more[0].action not in ATTACHES:
            return failed(ALWAYS, 1, said)
        said += " What IAM is told takes effect after a while, and so does taking it back."
        example = example_of("I20", scene, f"arn:aws:s3:::{v['bucket']}/payroll/2026.csv")
        return failed(ALWAYS, 1, said, misconception="I20", example=example)
    return passed(ALWAYS, 1)
