"""The metadata service, asked by hand."""

import json
import os
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3

HERE = "http://169.254.169.254"
SERVICE = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", HERE).rstrip("/")
ROLES = "meta-data/iam/security-credentials/"


def find(name):
    """The id of the instance with this Name. This runs on your laptop."""
    wanted = [{"Name": "tag:Name", "Values": [name]}]
    reservations = boto3.client("ec2").describe_instances(Filters=wanted)["Reservations"]
    return reservations[0]["Instances"][0]["InstanceId"]


def token():
    """A token that lives five minutes."""
    with urlopen(Request(f"{SERVICE}/latest/api/token", method="PUT")) as answer:
        return answer.read().decode()


def metadata(path):
    """The text at /latest/PATH, None where there is nothing. This runs on the instance."""
    request = Request(f"{SERVICE}/latest/{path}", headers={"X-aws-ec2-metadata-token": token()})
    try:
        with urlopen(request) as answer:
            return answer.read().decode()
    except HTTPError as refusal:
        if refusal.code == 404:
            return None
        raise


def role_credentials():
    """The document with the role's credentials. This runs on the instance."""
    return json.loads(metadata(ROLES + metadata(ROLES)))
