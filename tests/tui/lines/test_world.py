"""The sandbox in lines: its requests and why, its parts, instruments that ask it, live calls for a class."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from typer.testing import Result

DENIED = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
PROGRAM = f"""
import boto3, json
iam, ec2, s3 = (boto3.client(name) for name in ("iam", "ec2", "s3"))
s3.create_bucket(Bucket="first-bucket")
iam.create_user(UserName="alice")
iam.put_user_policy(UserName="alice", PolicyName="no", PolicyDocument={json.dumps(json.dumps(DENIED))})
image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
started = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
print(started["Instances"][0]["State"])
""".strip().splitlines()


def test_the_world_is_worked_in_and_looked_at_in_lines(typed: Callable[..., Result]) -> None:
    lines = [
        "world",
        "python",
        *PROGRAM,
        ".",
        'run eval "$(skylab env --as alice)" && aws s3 ls',
        "requests denied",
    ]
    lines += ["why", "resources", "network", "advance 3d", "bill", "bill 1", "time", "rewind 1", "run exit 3"]
    lines += ["back", "open proof", "send", "open tracer", "to i-none", "open bill", "source sandbox"]
    lines += ["present 4", "run", "run", "undo", "undo", "undo"]

    result = typed(*lines)

    said = result.stdout
    step = dict(re.findall(r"\?> (.+?)\n(.*?)(?=\S[^\n]*\?> |\Z)", said, re.DOTALL))
    assert "{'Code': 0, 'Name': 'pending'}" in step["python"]
    assert "AccessDenied" in step['run eval "$(skylab env --as alice)" && aws s3 ls']
    assert re.search(r"\d+\. [\d:]+ user/alice asks s3:ListBuckets: denied", step["requests denied"])
    assert "1. Any explicit deny? yes" in step["why"]
    assert "first-bucket" in step["resources"]
    assert "internet gateway" in step["network"]
    assert "EC2" in step["bill"]
    assert "3 days ahead of this machine" in step["advance 3d"]
    assert "Rule: " in step["bill 1"]
    assert "the clock moves 3d ahead" in step["time"]
    assert "as on this machine" in step["rewind 1"]
    assert "It ended with status 3." in step["run exit 3"]
    assert "candidate" in step["send"]
    assert "Problem: " in step["to i-none"]
    assert "EBS" in step["source sandbox"]  # the instance may not run yet
    assert said.count("Taken back: ") == 2
    assert "Problem: There is no live call to take back here." in step["undo"]
    assert result.exit_code == 2
