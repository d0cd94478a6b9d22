"""Which services a piece of work names."""

from __future__ import annotations

import boto3
import pytest
from botocore.loaders import JSONFileLoader

from graders.box.ready import ReadyClients
from graders.box.services import named_in
from graders.box.warm import warm_likely
from labs.sandbox.quick_start import one_loader


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("ec2 = boto3.client('ec2')\niam = boto3.client(\"iam\")", ("iam", "ec2")),
        ('boto3.resource("s3").Bucket("iam-notes")', ("s3",)),
        (
            '{"headers":[["Authorization","AWS4 Credential=AKIA/20260114/us-east-1/sts/aws4_request"]]}',
            ("sts",),
        ),
        ("def double(n):\n    return 2 * n  # not ec2", ()),
        ("", ()),
    ],
)
def test_they_are_found_in_programs_and_in_journals(text: str, services: tuple[str, ...]) -> None:
    assert named_in(text) == services


def test_once_they_are_loaded_a_client_of_each_reads_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)  # the AWS CLI sets it in a process that imports it
    with one_loader():
        assert len(list(warm_likely(ReadyClients(), ("sqs", "sts")))) == 2
        monkeypatch.setattr(JSONFileLoader, "load_file", lambda *_: pytest.fail("a model was read"))
        for service in ("sqs", "sts"):
            boto3.Session("key", "secret", region_name="us-east-1").client(service)
