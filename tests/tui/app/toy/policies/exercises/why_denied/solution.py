import boto3


def deciding_statement(user: str) -> str:
    """The name of the policy that denies."""
    iam = boto3.client("iam")
    return iam.list_user_policies(UserName=user)["PolicyNames"][0]  # is it this one?
