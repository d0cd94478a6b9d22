import json

import boto3

iam = boto3.client("iam")
guard = iam.get_group_policy(GroupName="{{group}}", PolicyName="guard")["PolicyDocument"]
reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{{bucket}}/{{key}}"}
guard["Statement"].insert(0, reading)
iam.put_group_policy(GroupName="{{group}}", PolicyName="guard", PolicyDocument=json.dumps(guard))
