import json

import boto3

iam = boto3.client("iam")
group = iam.list_groups_for_user(UserName="{{user}}")["Groups"][0]["GroupName"]
guard = iam.get_group_policy(GroupName=group, PolicyName="guard")["PolicyDocument"]
for statement in guard["Statement"]:
    if statement["Sid"] == "KeepKeysSecret":
        statement["Resource"] = "arn:aws:s3:::{{bucket}}/keys/*"
iam.put_group_policy(GroupName=group, PolicyName="guard", PolicyDocument=json.dumps(guard))
