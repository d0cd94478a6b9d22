import boto3

iam = boto3.client("iam")
iam.attach_user_policy(UserName="{{user}}", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
