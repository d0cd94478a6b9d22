from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.parsers import create_parser

from labs.sandbox import faults
from labs.sandbox.faults import Dialect, Fault, render_fault
from labs.sandbox.raw import SignatureFault, SignatureReason

DIALECTS = {
    "s3": Dialect("s3", "rest-xml", "http://s3.amazonaws.com/doc/2006-03-01/"),
    "ec2": Dialect("ec2", "ec2", "http://ec2.amazonaws.com/doc/2016-11-15"),
    "iam": Dialect("iam", "query", "https://iam.amazonaws.com/doc/2010-05-08/"),
    "sts": Dialect("sts", "query", "https://sts.amazonaws.com/doc/2011-06-15/"),
    "sns": Dialect("sns", "query", "http://sns.amazonaws.com/doc/2010-03-31/"),
    "sqs": Dialect("sqs", "json", json_version="1.0", query_compatible=True),
    "dynamodb": Dialect("dynamodb", "json", json_version="1.0"),
    "kms": Dialect("kms", "json"),
    "lambda": Dialect("lambda", "rest-json"),
    "route53": Dialect("route53", "rest-xml", "https://route53.amazonaws.com/doc/2013-04-01/"),
}
OPERATIONS = {
    "s3": "GetObject",
    "ec2": "RunInstances",
    "iam": "GetUser",
    "sts": "AssumeRole",
    "sns": "Publish",
    "sqs": "SendMessage",
    "dynamodb": "GetItem",
    "kms": "Encrypt",
    "lambda": "GetFunction",
    "route53": "ListHostedZones",
}
REQUEST_ID = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture(scope="module")
def read() -> Any:
    """What botocore makes of an error answer."""
    session = botocore.session.get_session()

    def parse(service: str, answer: tuple[int, list[tuple[str, str]], bytes]) -> dict[str, Any]:
        status, headers, body = answer
        model = session.get_service_model(service)
        shape = model.operation_model(OPERATIONS[service]).output_shape
        lower = {name.lower(): value for name, value in headers}
        parser = create_parser(DIALECTS[service].protocol)
        parsed: dict[str, Any] = parser.parse({"status_code": status, "headers": lower, "body": body}, shape)
        return parsed

    return parse


@pytest.mark.parametrize("service", DIALECTS)
def test_botocore_reads_code_message_and_request_id(read: Any, service: str) -> None:
    message = 'User: ü <b> & "quoted" \x00 is not authorized'
    answer = render_fault(Fault("AccessDenied", message, 403), DIALECTS[service], REQUEST_ID)
    parsed = read(service, answer)
    assert parsed["Error"]["Code"] == "AccessDenied"
    assert parsed["Error"]["Message"] == message.replace(
        "\x00", "\x00" if "json" in DIALECTS[service].protocol else "?"
    )
    assert parsed["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert REQUEST_ID in parsed["ResponseMetadata"]["RequestId"]


def test_an_s3_error_names_the_resource_and_both_request_ids(read: Any) -> None:
    answer = render_fault(
        Fault("SignatureDoesNotMatch", "No.", 403, {"AWSAccessKeyId": "AKIA"}),
        DIALECTS["s3"],
        REQUEST_ID,
        method="GET",
        resource="/b/a%20b",
    )
    error = read("s3", answer)["Error"]
    assert (error["Resource"], error["AWSAccessKeyId"]) == ("/b/a%20b", "AKIA")
    assert f"<RequestId>{REQUEST_ID}</RequestId>".encode() in answer[2]
    assert read("s3", answer)["ResponseMetadata"]["HostId"] == dict(answer[1])["x-amz-id-2"]


@pytest.mark.parametrize("service", ["s3", "lambda"])
def test_an_answer_to_head_has_no_body(read: Any, service: str) -> None:
    answer = render_fault(Fault("AccessDenied", "No.", 403), DIALECTS[service], REQUEST_ID, method="HEAD")
    assert answer[2] == b""
    assert dict(answer[1])["Content-Length"] == "0"
    if service == "s3":
        assert read("s3", answer)["Error"]["Code"] == "403"


# Measured on AWS: unknown key and wrong secret, for the services of the course.
@pytest.mark.parametrize(
    ("service", "unknown", "wrong_secret", "expired"),
    [
        ("s3", ("InvalidAccessKeyId", 403), ("SignatureDoesNotMatch", 403), ("ExpiredToken", 400)),
        ("sts", ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403), ("ExpiredToken", 403)),
        ("iam", ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403), ("ExpiredToken", 403)),
        ("sqs", ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403), ("ExpiredToken", 403)),
        ("route53", ("InvalidClientTokenId", 403), ("SignatureDoesNotMatch", 403), ("ExpiredToken", 403)),
        ("ec2", ("AuthFailure", 401), ("AuthFailure", 401), ("RequestExpired", 400)),
        (
            "dynamodb",
            ("UnrecognizedClientException", 400),
            ("InvalidSignatureException", 400),
            ("ExpiredTokenException", 400),
        ),
        (
            "kms",
            ("UnrecognizedClientException", 400),
            ("InvalidSignatureException", 400),
            ("ExpiredTokenException", 400),
        ),
        (
            "lambda",
            ("UnrecognizedClientException", 403),
            ("InvalidSignatureException", 403),
            ("ExpiredTokenException", 403),
        ),
    ],
)
def test_bad_credentials_get_the_codes_of_aws(
    read: Any, service: str, unknown: tuple[str, int], wrong_secret: tuple[str, int], expired: tuple[str, int]
) -> None:
    dialect = DIALECTS[service]
    answers = {
        unknown: faults.credential_fault("unknown", dialect, "AKIA"),
        wrong_secret: faults.signature_fault(SignatureFault("mismatch", "No."), dialect),
        expired: faults.credential_fault("expired", dialect),
    }
    for (code, status), fault in answers.items():
        parsed = read(service, render_fault(fault, dialect, REQUEST_ID))
        assert (parsed["Error"]["Code"], parsed["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)


@pytest.mark.parametrize("service", ["sts", "s3", "ec2", "dynamodb", "lambda"])
def test_an_inactive_key_looks_like_an_unknown_one(service: str) -> None:
    inactive = faults.credential_fault("inactive", DIALECTS[service], "AKIA")
    assert inactive == faults.credential_fault("unknown", DIALECTS[service], "AKIA")


@pytest.mark.parametrize(
    ("service", "reason", "code", "status"),
    [
        ("s3", "skew", "RequestTimeTooSkewed", 403),
        ("s3", "expired", "AccessDenied", 403),
        ("s3", "query", "AuthorizationQueryParametersError", 400),
        ("s3", "header", "AuthorizationHeaderMalformed", 400),
        ("s3", "payload hash wrong", "XAmzContentSHA256Mismatch", 400),
        ("s3", "payload hash missing", "InvalidRequest", 400),
        ("s3", "incomplete body", "IncompleteBody", 400),
        ("sts", "skew", "SignatureDoesNotMatch", 403),
        ("sts", "header", "IncompleteSignature", 403),
        ("dynamodb", "skew", "InvalidSignatureException", 400),
        ("dynamodb", "date", "IncompleteSignatureException", 400),
        ("ec2", "skew", "RequestExpired", 400),
        ("lambda", "mismatch", "InvalidSignatureException", 403),
    ],
)
def test_each_broken_signature_has_its_code(
    service: str, reason: SignatureReason, code: str, status: int
) -> None:
    fault = faults.signature_fault(SignatureFault(reason, "the reason"), DIALECTS[service])
    assert (fault.code, fault.status) == (code, status)


def test_a_skewed_clock_is_told_both_times_except_by_s3() -> None:
    broken = SignatureFault("skew", "Signature expired: … (… - 15 min.)", {"ServerTime": "now"})
    assert "15 min." in faults.signature_fault(broken, DIALECTS["iam"]).message
    s3 = faults.signature_fault(broken, DIALECTS["s3"])
    assert s3.message == "The difference between the request time and the current time is too large."
    assert s3.details == {"ServerTime": "now"}


REFUSALS = json.loads(Path(__file__).with_name("refusals.json").read_text())


@pytest.mark.parametrize("case", REFUSALS["cases"], ids=lambda case: case["action"])
def test_a_refusal_has_the_wording_of_its_service(read: Any, case: dict[str, Any]) -> None:
    dialect = DIALECTS[case["service"]]
    because = f"because no identity-based policy allows the {case['action']} action"
    fault = faults.access_denied(REFUSALS["principal"], case["action"], case["resource"], because, dialect)
    parsed = read(case["service"], render_fault(fault, dialect, REQUEST_ID))
    assert parsed["Error"]["Code"] == case["code"]
    assert parsed["Error"]["Message"] == case["message"]
    assert parsed["ResponseMetadata"]["HTTPStatusCode"] == case["status"]


def test_s3_explains_nothing_to_strangers() -> None:
    fault = faults.access_denied("x", "s3:GetObject", "y", "because …", DIALECTS["s3"], explained=False)
    assert fault == Fault("AccessDenied", "Access Denied", 403)


@pytest.mark.parametrize(
    ("service", "missing", "unknown", "malformed", "internal"),
    [
        ("s3", "AccessDenied", "MethodNotAllowed", "MalformedXML", "InternalError"),
        ("ec2", "MissingAuthenticationToken", "InvalidAction", "MalformedQueryString", "InternalError"),
        ("iam", "MissingAuthenticationToken", "InvalidAction", "MalformedQueryString", "InternalFailure"),
        (
            "dynamodb",
            "MissingAuthenticationTokenException",
            "UnknownOperationException",
            "SerializationException",
            "InternalFailure",
        ),
        (
            "lambda",
            "MissingAuthenticationTokenException",
            "UnknownOperationException",
            "SerializationException",
            "InternalFailure",
        ),
        ("sqs", "MissingAuthenticationToken", "InvalidAction", "MalformedQueryString", "InternalFailure"),
    ],
)
def test_what_makes_no_sense_has_its_code_in_each_service(
    service: str, missing: str, unknown: str, malformed: str, internal: str
) -> None:
    dialect = DIALECTS[service]
    found = (
        faults.missing_credentials(dialect).code,
        faults.unknown_operation("X", dialect).code,
        faults.bad_request("X", dialect).code,
        faults.internal_fault(dialect).code,
    )
    assert found == (missing, unknown, malformed, internal)
    assert faults.not_served("x", dialect).status == 501
