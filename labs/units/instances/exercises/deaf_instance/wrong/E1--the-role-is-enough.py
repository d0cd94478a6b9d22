import json

import boto3

iam = boto3.client("iam")
trust = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
read = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{{bucket}}/*"}],
}
# Who
iam.update_assume_role_policy(RoleName="{{role}}", PolicyDocument=json.dumps(trust))
# What
iam.put_role_policy(RoleName="{{role}}", PolicyName="work", PolicyDocument=json.dumps(read))
