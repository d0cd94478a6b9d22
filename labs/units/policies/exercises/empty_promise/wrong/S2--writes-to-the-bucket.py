import json

import boto3

iam = boto3.client("iam")
uploading = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::{{bucket}}",
        }
    ],
}
iam.put_user_policy(UserName="{{user}}", PolicyName="uploads", PolicyDocument=json.dumps(uploading))
