"""The metadata service, asked by hand."""

import json
import os
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3

HERE = "http://169.254.169.254"
SERVICE = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", HERE).rstrip("/")


def find(name):
    """The id of the instance with this Name. This runs on your laptop."""
    ...


def metadata(path):
    """The text at /latest/PATH, None where there is nothing. This runs on the instance."""
    ...


def role_credentials():
    """The document with the role's credentials. This runs on the instance."""
    ...
