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
# Where
iam.add_role_to_instance_profile(InstanceProfileName="{{profile}}", RoleName="{{role}}")
# To see how far it comes, with a key that goes again
iam.create_user(UserName="{{name}}")
key = iam.create_access_key(UserName="{{name}}")["AccessKey"]
iam.delete_access_key(UserName="{{name}}", AccessKeyId=key["AccessKeyId"])
iam.delete_user(UserName="{{name}}")
