import boto3

iam = boto3.client("iam")


def role_of(arn):
    """The ARN of the role whose session this is; None if it is no session, or the role is gone."""
    kind, *rest = arn.split(":", 5)[5].split("/")
    if kind != "assumed-role":
        return None
    try:
        return iam.get_role(RoleName=rest[0])["Role"]["Arn"]
    except iam.exceptions.NoSuchEntityException:
        return None


def policies_of(role_arn):
    """The names of the inline policies of a role."""
    name = role_arn
    return iam.list_role_policies(RoleName=name)["PolicyNames"]
