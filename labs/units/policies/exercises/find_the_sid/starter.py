import json
from fnmatch import fnmatchcase

import boto3


def statements_of_user(user):
    """Every statement of the user's own policies."""
    iam = boto3.client("iam")
    for name in iam.list_user_policies(UserName=user)["PolicyNames"]:
        document = iam.get_user_policy(UserName=user, PolicyName=name)["PolicyDocument"]
        yield from document["Statement"]
    # The attached policies and the groups are still missing.


def find_the_sid(user, action, bucket):
    """The Sid of the statement that denies it, or None."""
    for statement in statements_of_user(user):
        print(statement)
    return None
