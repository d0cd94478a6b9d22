import json

import boto3

iam = boto3.client("iam")
wider = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::{{bucket}}", "arn:aws:s3:::{{bucket}}/*"],
        }
    ],
}
iam.create_policy_version(
    PolicyArn="arn:aws:iam::123456789012:policy/limits",
    PolicyDocument=json.dumps(wider),
    SetAsDefault=True,
)
