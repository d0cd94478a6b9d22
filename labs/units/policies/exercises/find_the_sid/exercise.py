"""Write a function that finds the statement which denies a call, wherever it stands."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import Call, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.marks import failed, passed, skipped
from labs.units.policies import cases

if TYPE_CHECKING:
    from labs.sandbox import World

AUDITOR = "user/auditor"
ASKING = "asks for no more than it needs"
MAY_LOOK = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "s3:GetBucketPolicy"], "Resource": "*"}
    ],
}


class FindTheSid(CodeExercise):
    title = "Find the Sid"
    minutes = 20
    points = 10
    worlds = 1  # its calls are many, and each has a case of its own

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        users = rng.sample(("alice", "chen", "dana", "femi", "ines", "kofi", "mira", "omar"), 4)
        sids = rng.sample(
            ("NoDeletes", "KeepOut", "Frozen", "HandsOff", "Protect", "ReadOnly", "Guard", "Locked"), 4
        )
        return {
            "own": users[0],
            "grouped": users[1],
            "blocked": users[2],
            "nobody": users[3],
            "sids": sids,
            "group": rng.choice(("interns", "readers", "night-shift", "field-team")),
            "bucket": f"{rng.choice(('lab', 'course', 'team', 'field'))}-{rng.randrange(16**4):04x}",
            "spare": f"spare-{rng.randrange(16**4):04x}",
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v = variant.values
        objects = f"arn:aws:s3:::{v['bucket']}/*"
        iam, s3 = world.client("iam"), world.client("s3")
        for name in (v["own"], v["grouped"], v["blocked"], v["nobody"], "auditor"):
            iam.create_user(UserName=name)
        iam.put_user_policy(UserName="auditor", PolicyName="look", PolicyDocument=json.dumps(MAY_LOOK))

        # A customer managed policy whose second version is the one in force.
        old = _policy(("Allow", "Everything", "s3:*", "*"))
        made = iam.create_policy(PolicyName="guard-rails", PolicyDocument=old)["Policy"]["Arn"]
        new = _policy(
            ("Allow", "Everything", "s3:*", "*"),
            ("Deny", v["sids"][0], ["s3:PutObject", "s3:DeleteObject"], objects),
        )
        iam.create_policy_version(PolicyArn=made, PolicyDocument=new, SetAsDefault=True)
        iam.attach_user_policy(UserName=v["own"], PolicyArn=made)

        # A group's inline policy, with letters in another case: IAM does not mind. It denies in all buckets,
        # among them one that has no policy.
        iam.create_group(GroupName=v["group"])
        iam.put_group_policy(GroupName=v["group"], PolicyName="rules", PolicyDocument=_group_rules(v))
        iam.add_user_to_group(GroupName=v["group"], UserName=v["grouped"])

        # A user who is allowed everything, and a bucket that says no to that user alone.
        iam.put_user_policy(
            UserName=v["blocked"], PolicyName="all", PolicyDocument=_policy(("Allow", "All", "*", "*"))
        )
        s3.create_bucket(Bucket=v["spare"])
        s3.create_bucket(Bucket=v["bucket"])
        s3.put_bucket_policy(Bucket=v["bucket"], Policy=json.dumps(_bucket_rules(v)))

    def calls(self, variant: Variant) -> Sequence[Call]:
        v = variant.values
        asked = {
            v["own"]: v["bucket"],
            v["grouped"]: v["spare"],
            v["blocked"]: v["bucket"],
            v["nobody"]: v["bucket"],
        }
        return tuple(
            Call("find_the_sid", (user, "s3:DeleteObject", bucket), as_=AUDITOR)
            for user, bucket in asked.items()
        )

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        wanted = (
            ("finds it in a managed policy", v["sids"][0], None),
            ("finds it in a group's policy", v["sids"][1], "I19"),
            ("finds it in the bucket's policy", v["sids"][2], "I2"),
            ("says None where no statement denies", None, "I3"),
        )
        found = [result.value for result in run.results]
        some = any(value in v["sids"] for value in found)
        criteria: list[Criterion] = []
        for (name, sid, belief), result in zip(wanted, run.results, strict=True):
            if result.error is not None:
                criteria.append(failed(name, 2, result.error))
            elif sid is None and not some:
                criteria.append(
                    skipped(name, 2, "It counts once the function finds a statement that denies.")
                )
            elif result.is_exactly(sid):
                criteria.append(passed(name, 2))
            else:
                # Whoever never finds anything holds no belief about it yet.
                suspected = belief if some and (sid is None or result.value is None) else None
                message = f"It returned {result.value!r}; the answer is {sid!r}."
                example = _example(v, belief) if suspected else None
                criteria.append(failed(name, 2, message, misconception=suspected, example=example))
        criteria.append(
            _mark_asking(run, v) if some else skipped(ASKING, 2, "It counts once a Deny is found.")
        )
        return tuple(criteria)


def _mark_asking(run: Run, v: Mapping[str, Any]) -> Criterion:
    """It looks at the policies of those that it is asked about, and at nobody else's."""
    if denied := [event for event in run.events if event.refused]:
        what = f"{denied[0].service}:{denied[0].operation}"
        return failed(ASKING, 2, f"{what} was denied: the auditor may look at policies, and do nothing else.")
    more = run.beyond(_least(v), AUDITOR)
    if not more:
        return passed(ASKING, 2)
    said = f"It made use of {more[0]}, and so it could look at everybody. The task needs no such right."
    if more[0].resource != "*":
        return failed(ASKING, 2, said)
    user = cases.user_arn(v["own"])
    own = [cases.document(cases.allow(more[0].action, user))]
    asked = cases.case(cases.user_arn("auditor"), more[0].action, "*", identityPolicies=own)
    example = CounterExample(f"With {more[0].action} allowed on {user} alone, it is denied", asked)
    return failed(ASKING, 2, said, misconception="I23", example=example)


def _least(v: Mapping[str, Any]) -> dict[str, Any]:
    """What a program has to look at: these users, their group, their policy, and the buckets."""
    users = [cases.user_arn(v[each]) for each in ("own", "grouped", "blocked", "nobody")]
    account = f"arn:aws:iam::{cases.ACCOUNT}"
    return cases.document(
        cases.allow(["iam:Get*", "iam:List*"], users),
        cases.allow(
            ["iam:Get*", "iam:List*"], [f"{account}:group/{v['group']}", f"{account}:policy/guard-rails"]
        ),
        cases.allow("s3:GetBucketPolicy", [f"arn:aws:s3:::{v['bucket']}", f"arn:aws:s3:::{v['spare']}"]),
        cases.allow("sts:GetCallerIdentity", "*"),
    )


def _policy(*statements: tuple[str, str, str | list[str], str]) -> str:
    listed = [
        {"Effect": effect, "Sid": sid, "Action": action, "Resource": resource}
        for effect, sid, action, resource in statements
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": listed})


def _group_rules(v: Mapping[str, Any]) -> str:
    """The group's policy."""
    return _policy(("Deny", "Elsewhere", "sqs:*", "*"), ("Deny", v["sids"][1], "S3:deleteOBJECT", "*"))


def _bucket_rules(v: Mapping[str, Any]) -> dict[str, Any]:
    """The bucket's policy: a Deny for everybody that is about another action, and one for a user."""
    bucket = f"arn:aws:s3:::{v['bucket']}"
    who = {"AWS": cases.user_arn(v["blocked"])}
    return cases.document(
        cases.deny("s3:DeleteBucket", bucket, Sid="KeepTheBucket", Principal="*"),
        cases.deny("s3:*", [bucket, f"{bucket}/*"], Sid=v["sids"][2], Principal=who),
    )


def _example(v: Mapping[str, Any], belief: str | None) -> CounterExample:
    """How the decision falls that somebody with this belief takes for another."""
    who, own = {
        "I19": (v["grouped"], [json.loads(_group_rules(v))]),
        "I2": (v["blocked"], [cases.document(cases.allow("*", "*"))]),
    }.get(belief or "", (v["nobody"], []))
    resource = f"arn:aws:s3:::{v['bucket']}/a.csv"
    beside: dict[str, Any] = {"identityPolicies": own, "resourcePolicy": _bucket_rules(v)}
    asked = cases.case(cases.user_arn(who), "s3:DeleteObject", resource, **beside)
    return CounterExample(f"{who} deletes an object: is denied", asked)
