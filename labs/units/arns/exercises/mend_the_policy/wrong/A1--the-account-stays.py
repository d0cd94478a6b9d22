import json

import boto3

iam = boto3.client("iam")
role = iam.get_role(RoleName="{{role}}")["Role"]["Arn"]
work = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3::{{account}}:{{bucket}}/*",
        },
        {"Sid": "Look", "Effect": "Allow", "Action": "iam:GetRole", "Resource": role},
    ],
}
iam.put_user_policy(UserName="{{user}}", PolicyName="work", PolicyDocument=json.dumps(work))
