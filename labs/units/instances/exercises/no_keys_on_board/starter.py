"""An instance that reads reports with a role, and without a key."""

import json

import boto3


def launch(role, bucket, prefix):
    """Start one t3.micro whose role may read the objects under the prefix; return the instance's id."""
    ...


def read_report(bucket, key):
    """The report as a dict. This runs on the instance."""
    ...
