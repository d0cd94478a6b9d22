"""An action and an ARN become the call that needs them, with parameters that botocore takes."""

from __future__ import annotations

import botocore.session
import pytest
from botocore.validate import ParamValidator

from labs.errors import InputError
from labs.sandbox.calls import call_for

ACCOUNT = "123456789012"

COMMANDS = {
    ("s3:GetObject", "arn:aws:s3:::training-7f/data/a.csv"): (
        "aws s3api get-object --bucket training-7f --key data/a.csv"
    ),
    ("s3:ListBucket", "arn:aws:s3:::training-7f"): "aws s3api list-objects-v2 --bucket training-7f",
    ("s3:ListAllMyBuckets", "*"): "aws s3api list-buckets",
    ("ec2:StartInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1234567890abcdef0"): (
        "aws ec2 start-instances --instance-ids i-1234567890abcdef0 --dry-run"
    ),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t"): (
        """aws dynamodb get-item --table-name t --key '{"x": {"S": "x"}}'"""
    ),
    ("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"): (
        f"aws sns publish --topic-arn arn:aws:sns:us-east-1:{ACCOUNT}:alarms --message x"
    ),
    ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"): (
        f"aws sqs send-message --queue-url https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/jobs "
        "--message-body x"
    ),
    ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:resize"): (
        "aws lambda invoke --function-name resize"
    ),
    ("iam:GetUser", f"arn:aws:iam::{ACCOUNT}:user/alice"): "aws iam get-user --user-name alice",
}


@pytest.mark.parametrize(("asked", "command"), COMMANDS.items(), ids=[action for action, _ in COMMANDS])
def test_an_action_becomes_its_call(asked: tuple[str, str], command: str) -> None:
    assert call_for(*asked).command == command


@pytest.mark.parametrize("action", ["s3:BypassGovernanceRetention", "nothing:Here", "s3"])
def test_an_action_that_no_call_is_named_like_is_told(action: str) -> None:
    with pytest.raises(InputError, match="No call is named like"):
        call_for(action, "*")


@pytest.mark.parametrize("service", ["s3", "dynamodb", "sqs", "sns", "lambda", "kms", "iam", "rds"])
def test_all_parameters_are_ones_that_botocore_takes(service: str) -> None:
    model = botocore.session.Session().get_service_model(service)
    validator = ParamValidator()
    for operation in model.operation_names:
        call = call_for(f"{service}:{operation}", f"arn:aws:{service}:::training-7f/x")
        shape = model.operation_model(operation).input_shape
        if shape is not None:
            report = validator.validate(dict(call.parameters), shape)
            assert not report.has_errors(), (operation, report.generate_report())
