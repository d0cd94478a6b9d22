"""An instance that reads reports with a role, and without a key."""

import json

import boto3

READ_ALL = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def launch(role, bucket, prefix):
    """Start one t3.micro whose role may read the objects under the prefix; return the instance's id."""
    iam = boto3.client("iam")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName=role, PolicyArn=READ_ALL)  # until it works
    iam.create_instance_profile(InstanceProfileName=role)
    iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName=role)

    ec2 = boto3.client("ec2")
    launched = ec2.run_instances(
        ImageId=newest_image(ec2),
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        IamInstanceProfile={"Name": role},
    )
    iam.put_role_policy(
        RoleName=role,
        PolicyName="read-reports",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "s3:GetObject",
                        "Resource": f"arn:aws:s3:::{bucket}/{prefix}*",
                    }
                ],
            }
        ),
    )
    iam.detach_role_policy(RoleName=role, PolicyArn=READ_ALL)
    return launched["Instances"][0]["InstanceId"]


def newest_image(ec2):
    """The id of the newest Amazon Linux 2023 for x86_64 in this Region."""
    images = ec2.describe_images(
        Owners=["amazon"],
        Filters=[
            {"Name": "name", "Values": ["al2023-ami-*"]},
            {"Name": "architecture", "Values": ["x86_64"]},
        ],
    )["Images"]
    return max(images, key=lambda image: image["CreationDate"])["ImageId"]


def read_report(bucket, key):
    """The report as a dict. This runs on the instance."""
    answer = boto3.client("s3").get_object(Bucket=bucket, Key=key)
    return json.load(answer["Body"])
