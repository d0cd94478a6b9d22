"""A session that may do less than its role."""

import json

import boto3


def borrow(role_arn, external_id, bucket, prefix):
    """Credentials that read the objects under the prefix, and do nothing else."""
    ...
