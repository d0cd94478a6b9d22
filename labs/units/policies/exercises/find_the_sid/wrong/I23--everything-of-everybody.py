import json
from fnmatch import fnmatchcase

import boto3
from botocore.exceptions import ClientError

iam = boto3.client("iam")
s3 = boto3.client("s3")


def listed(value):
    """A policy may hold one thing where it may hold several."""
    return value if isinstance(value, list) else [value]


def identity_statements(user):
    """Every statement of the policies that the user has, out of everything that the account has."""
    account = iam.get_account_authorization_details(Filter=["User", "Group", "LocalManagedPolicy"])
    (found,) = (each for each in account["UserDetailList"] if each["UserName"] == user)
    groups = [each for each in account["GroupDetailList"] if each["GroupName"] in found["GroupList"]]
    attached = {each["PolicyArn"] for each in found["AttachedManagedPolicies"]}
    for inline in (
        *found.get("UserPolicyList", []),
        *(each for group in groups for each in group["GroupPolicyList"]),
    ):
        yield from listed(inline["PolicyDocument"]["Statement"])
    for policy in account["Policies"]:
        for version in policy["PolicyVersionList"]:
            if policy["Arn"] in attached and version["IsDefaultVersion"]:
                yield from listed(version["Document"]["Statement"])


def bucket_statements(user, bucket):
    """Every statement of the bucket's policy that names the user."""
    try:
        document = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            return
        raise
    arn = iam.get_user(UserName=user)["User"]["Arn"]
    for statement in listed(document["Statement"]):
        principal = statement["Principal"]
        if principal == "*" or arn in listed(principal.get("AWS", [])):
            yield statement


def denies(statement, action, bucket):
    """Whether a statement denies the action on the objects of the bucket."""
    named = any(fnmatchcase(action.lower(), each.lower()) for each in listed(statement["Action"]))
    place = any(each == "*" or f":::{bucket}/" in each for each in listed(statement["Resource"]))
    return statement["Effect"] == "Deny" and named and place


def find_the_sid(user, action, bucket):
    """The Sid of the statement that denies it, or None."""
    for statement in [*identity_statements(user), *bucket_statements(user, bucket)]:
        if denies(statement, action, bucket):
            return statement["Sid"]
    return None
