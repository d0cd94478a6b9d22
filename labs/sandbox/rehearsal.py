"""A rehearsal: the calls that a course makes most go through a gate, before a world says that it is ready.

What the first call of a kind would load, routers, tables, moto's lazy imports, is loaded then; a world that
is forked afterwards answers its first calls at once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from labs.sandbox import moto_setup, principals
from labs.sandbox.gate import Gate
from labs.sandbox.raw import RawRequest
from labs.sandbox.state import WorldState
from labs.sandbox.values import ACCOUNT

__all__ = ["rehearse"]

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON = {"Content-Type": "application/x-amz-json-1.0"}
_VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15", "ec2": "2016-11-15"}
_ALLOW = '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::rehearsal/*"}'
_POLICY = f'{{"Version": "2012-10-17", "Statement": [{_ALLOW}]}}'
_TRUST = _POLICY.replace("s3:GetObject", "sts:AssumeRole").replace(
    '"Resource": "arn:aws:s3:::rehearsal/*"', '"Principal": {"Service": "ec2.amazonaws.com"}'
)
_BUCKET_POLICY = _POLICY.replace('"Effect"', f'"Principal": {{"AWS": "{ACCOUNT}"}}, "Effect"')
_ARN = f"arn:aws:iam::{ACCOUNT}:policy/rehearsal"

# Service, method, target, headers, body
_Call = tuple[str, str, str, dict[str, str], str]


def _query(service: str, action: str, **parameters: str) -> _Call:
    """A call of a service that takes its parameters as a form; `__` in their names stands for a dot."""
    form = {name.replace("__", "."): value for name, value in parameters.items()}
    return service, "POST", "/", _FORM, urlencode({"Action": action, "Version": _VERSIONS[service], **form})


_ROLE = {"RoleName": "rehearsal"}
_USER = {"UserName": "rehearsal"}
_GROUP = {"GroupName": "rehearsal"}
_PROFILE = {"InstanceProfileName": "rehearsal"}
_NAMED = {"PolicyName": "rehearsal"}
_WRITTEN = {"PolicyName": "rehearsal", "PolicyDocument": _POLICY}

_CALLS: tuple[_Call, ...] = (
    ("s3", "GET", "/", {}, ""),
    ("s3", "GET", "/rehearsal?list-type=2", {}, ""),
    ("s3", "PUT", "/rehearsal", {}, ""),
    ("s3", "PUT", "/rehearsal/key", {}, "body"),
    ("s3", "GET", "/rehearsal/key", {}, ""),
    ("s3", "HEAD", "/rehearsal/key", {}, ""),
    ("s3", "GET", "/rehearsal?list-type=2", {}, ""),
    ("s3", "PUT", "/rehearsal?policy", {}, _BUCKET_POLICY),
    ("s3", "GET", "/rehearsal?policy", {}, ""),
    _query("iam", "ListUsers"),
    _query("iam", "CreateUser", **_USER),
    _query("iam", "GetUser", **_USER),
    _query("iam", "PutUserPolicy", **_USER, **_WRITTEN),
    _query("iam", "GetUserPolicy", **_USER, **_NAMED),
    _query("iam", "ListUserPolicies", **_USER),
    _query("iam", "CreatePolicy", **_WRITTEN),
    _query("iam", "CreatePolicyVersion", PolicyArn=_ARN, PolicyDocument=_POLICY, SetAsDefault="true"),
    _query("iam", "GetPolicy", PolicyArn=_ARN),
    _query("iam", "GetPolicyVersion", PolicyArn=_ARN, VersionId="v2"),
    _query("iam", "AttachUserPolicy", **_USER, PolicyArn=_ARN),
    _query("iam", "ListAttachedUserPolicies", **_USER),
    _query("iam", "CreateGroup", **_GROUP),
    _query("iam", "PutGroupPolicy", **_GROUP, **_WRITTEN),
    _query("iam", "GetGroupPolicy", **_GROUP, **_NAMED),
    _query("iam", "ListGroupPolicies", **_GROUP),
    _query("iam", "AddUserToGroup", **_GROUP, **_USER),
    _query("iam", "ListGroupsForUser", **_USER),
    _query("iam", "CreateRole", **_ROLE, AssumeRolePolicyDocument=_TRUST),
    _query("iam", "PutRolePolicy", **_ROLE, **_WRITTEN),
    _query("iam", "GetRolePolicy", **_ROLE, **_NAMED),
    _query("iam", "ListRolePolicies", **_ROLE),
    _query("iam", "ListAttachedRolePolicies", **_ROLE),
    _query("iam", "ListRoles"),
    _query("iam", "CreateInstanceProfile", **_PROFILE),
    _query("iam", "AddRoleToInstanceProfile", **_PROFILE, **_ROLE),
    _query("iam", "GetInstanceProfile", **_PROFILE),
    _query("iam", "ListInstanceProfiles"),
    _query("sts", "GetSessionToken"),
    _query("sts", "GetCallerIdentity"),
    _query("ec2", "DescribeVpcs"),
    _query("ec2", "DescribeSubnets"),
    _query("ec2", "DescribeImages", Owner__1="amazon"),
    _query("ec2", "DescribeInstances"),
    ("sns", "POST", "/", _FORM, "Action=ListTopics&Version=2010-03-31"),
    ("rds", "POST", "/", _FORM, "Action=DescribeDBInstances&Version=2014-10-31"),
    ("sqs", "POST", "/", {**_JSON, "X-Amz-Target": "AmazonSQS.ListQueues"}, "{}"),
    ("dynamodb", "POST", "/", {**_JSON, "X-Amz-Target": "DynamoDB_20120810.ListTables"}, "{}"),
    ("lambda", "GET", "/2015-03-31/functions", {}, ""),
)


def rehearse() -> None:
    """Send the calls as the admin of a world that is thrown away."""
    state = WorldState()
    gate = Gate(state)
    moto_setup.reset_state(state.seed)
    admin = principals.admin_credential()
    keys = Credentials(admin.access_key_id, admin.secret)
    for service, method, target, headers, body in _CALLS:
        gate.handle(_signed(keys, state.region, service, method, target, headers, body))
    moto_setup.forget_state()


def _signed(
    keys: Credentials,
    region: str,
    service: str,
    method: str,
    target: str,
    headers: dict[str, str],
    body: str,
) -> RawRequest:
    request = AWSRequest(method, f"http://127.0.0.1{target}", {"Host": "127.0.0.1", **headers}, body.encode())
    (S3SigV4Auth if service == "s3" else SigV4Auth)(keys, service, region).add_auth(request)
    given = tuple((name, str(value)) for name, value in request.headers.items())
    return RawRequest(method, target, given, body.encode(), datetime.now(UTC))
