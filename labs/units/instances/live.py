"""What the live exercises of unit 5 build, and how they look at what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from labs.units.policies.cases import allow, document

if TYPE_CHECKING:
    from labs.sandbox import World

__all__ = [
    "caller",
    "client_of",
    "instance_of",
    "launch",
    "make_profile",
    "make_role",
    "make_user",
    "role_credentials",
]

TOKEN = "X-aws-ec2-metadata-token"
ROLES = "meta-data/iam/security-credentials/"
SECONDS = 5


def make_user(world: World, name: str, *actions: str, resource: str = "*") -> None:
    """A user who may make these calls."""
    iam = world.client("iam")
    iam.create_user(UserName=name)
    text = json.dumps(document(allow(list(actions), resource)))
    iam.put_user_policy(UserName=name, PolicyName="work", PolicyDocument=text)


def make_role(world: World, name: str, trust: Mapping[str, Any], *statements: Mapping[str, Any]) -> None:
    """A role with a trust policy, and an inline policy `work` of the statements where there are any."""
    iam = world.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    if statements:
        text = json.dumps(document(*statements))
        iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=text)


def make_profile(world: World, name: str, role: str | None = None) -> None:
    """An instance profile, with a role in it or empty."""
    iam = world.client("iam")
    iam.create_instance_profile(InstanceProfileName=name)
    if role is not None:
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)


def launch(world: World, name: str, profile: str | None = None) -> None:
    """A t3.micro with a name that requires version 2 of the metadata service; it is pending at first."""
    ec2 = world.client("ec2")
    images = ec2.describe_images(
        Owners=["amazon"],
        Filters=[
            {"Name": "name", "Values": ["al2023-ami-*"]},
            {"Name": "architecture", "Values": ["x86_64"]},
        ],
    )["Images"]
    having = {"IamInstanceProfile": {"Name": profile}} if profile else {}
    ec2.run_instances(
        ImageId=images[0]["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        MetadataOptions={"HttpTokens": "required"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}],
        **having,
    )


def instance_of(world: World, name: str) -> Mapping[str, Any]:
    """The description of the instance with a name; the first in the list where several have it."""
    wanted = [{"Name": "tag:Name", "Values": [name]}]
    reservations = world.client("ec2").describe_instances(Filters=wanted)["Reservations"]
    return next((machine for each in reservations for machine in each["Instances"]), {})


def client_of(world: World, service: str, document: Mapping[str, Any]) -> Any:
    """A client with the credentials of a document such as the metadata service gives."""
    from labs.sandbox.clients import make_session
    from labs.sandbox.values import Credentials

    token = document.get("Token") or document.get("SessionToken")
    given = Credentials(
        str(document.get("AccessKeyId")), str(document.get("SecretAccessKey")), str(token) if token else None
    )
    return make_session(world.endpoint, world.region, lambda: given).client(service)


def caller(world: World, document: Mapping[str, Any]) -> str:
    """The ARN of whoever has these credentials; the error's code where they are nobody's."""
    from botocore.exceptions import ClientError

    try:
        return str(client_of(world, "sts", document).get_caller_identity()["Arn"])
    except ClientError as refusal:
        return str(refusal.response["Error"]["Code"])


def role_credentials(world: World, instance: str) -> Mapping[str, Any]:
    """What a program on the instance gets from the metadata service; empty where it gets no credentials."""
    from labs.errors import SkylabError

    direct = build_opener(ProxyHandler({}))

    def ask(path: str, method: str = "GET", **headers: str) -> str:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        request = Request(f"{service}/latest/{path}", method=method, headers=named)
        with direct.open(request, timeout=SECONDS) as answer:
            return str(answer.read().decode())

    try:
        service = world.metadata_endpoint(instance).rstrip("/")
        token = {TOKEN.replace("-", "_"): ask("api/token", "PUT", X_aws_ec2_metadata_token_ttl_seconds="60")}
        found = json.loads(ask(ROLES + ask(ROLES, **token), **token))
    except (HTTPError, URLError, OSError, ValueError, SkylabError):
        return {}
    return found if found.get("Code") == "Success" else {}
