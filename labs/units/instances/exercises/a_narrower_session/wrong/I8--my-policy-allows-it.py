"""A session that may do less than its role."""

import json

import boto3


def borrow(role_arn, external_id, bucket, prefix):
    """Credentials that read the objects under the prefix, and do nothing else."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/{prefix}*"}
        ],
    }
    session = boto3.client("sts").assume_role(
        RoleArn=role_arn,
        RoleSessionName="script",
        Policy=json.dumps(policy),
    )
    given = session["Credentials"]
    return {name: given[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
