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
    """Every statement of the policies that the user has, in person or through a group."""
    for name in iam.list_user_policies(UserName=user)["PolicyNames"]:
        yield from listed(iam.get_user_policy(UserName=user, PolicyName=name)["PolicyDocument"]["Statement"])
    for attached in iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]:
        policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        yield from listed(version["PolicyVersion"]["Document"]["Statement"])
    for group in iam.list_groups_for_user(UserName=user)["Groups"]:
        name = group["GroupName"]
        for policy in iam.list_group_policies(GroupName=name)["PolicyNames"]:
            found = iam.get_group_policy(GroupName=name, PolicyName=policy)
            yield from listed(found["PolicyDocument"]["Statement"])


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
    return "allowed"
