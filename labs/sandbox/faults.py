"""AWS's own errors: which code and status a service answers with, in which words, in which shape.

Two steps. The functions of the first half choose a `Fault` (code, message, status) for something that went
wrong; `render_fault` writes it in the dialect of the service that was called. Codes and statuses of bad
credentials were measured on AWS; the wording of a refusal is that of the IAM User Guide, "Access denied error
message examples", and of each service's list of common errors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import escape

from labs.sandbox.raw import SignatureFault, SignatureReason

__all__ = [
    "CredentialKind",
    "Dialect",
    "Fault",
    "access_denied",
    "bad_request",
    "credential_fault",
    "internal_fault",
    "missing_credentials",
    "not_served",
    "render_fault",
    "signature_fault",
    "unknown_operation",
]

Protocol = Literal["query", "ec2", "json", "rest-json", "rest-xml"]
CredentialKind = Literal["unknown", "inactive", "token", "expired"]
_Manner = Literal["s3", "ec2", "query", "json"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one service speaks: its botocore name, wire protocol, XML namespace and JSON version.

    `query_compatible` marks the services that moved from the query protocol to JSON and kept their old codes.
    """

    service: str
    protocol: str
    namespace: str = ""
    json_version: str = "1.1"
    query_compatible: bool = False

    @property
    def manner(self) -> _Manner:
        """The family of error codes that the service uses."""
        if self.service == "s3":
            return "s3"
        if self.protocol == "ec2":
            return "ec2"
        if self.protocol in ("query", "rest-xml") or self.query_compatible:
            return "query"
        return "json"

    @property
    def refusal_status(self) -> int:
        """The status of a refusal: the JSON protocol has only 400."""
        return 400 if self.protocol == "json" and not self.query_compatible else 403


@dataclass(frozen=True, slots=True)
class Fault:
    """One error answer. `details` are the further elements that S3 adds to its error document, `headers` the
    further headers of the answer.
    """

    code: str
    message: str
    status: int
    details: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


# -- credentials and signatures ----------------------------------------------------------------------------

_TOKEN_INVALID = "The security token included in the request is invalid."
_TOKEN_EXPIRED = "The security token included in the request is expired"
_EC2_AUTH_FAILURE = Fault(
    "AuthFailure", "AWS was not able to validate the provided access credentials", status=401
)


def credential_fault(kind: CredentialKind, dialect: Dialect, access_key_id: str = "") -> Fault:
    """The answer to an access key or session token that is not good."""
    status = dialect.refusal_status
    match dialect.manner, kind:
        case "s3", "expired":
            return Fault("ExpiredToken", "The provided token has expired.", 400)
        case "s3", "token":
            return Fault("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
        case "s3", _:
            message = "The AWS Access Key Id you provided does not exist in our records."
            return Fault("InvalidAccessKeyId", message, 403, {"AWSAccessKeyId": access_key_id})
        case "ec2", "expired":
            return Fault("RequestExpired", "Request has expired.", 400)
        case "ec2", _:
            return _EC2_AUTH_FAILURE
        case "query", "expired":
            return Fault("ExpiredToken", _TOKEN_EXPIRED, status)
        case "query", _:
            return Fault("InvalidClientTokenId", _TOKEN_INVALID, status)
        case _, "expired":
            return Fault("ExpiredTokenException", _TOKEN_EXPIRED, status)
        case _:
            return Fault("UnrecognizedClientException", _TOKEN_INVALID, status)


def missing_credentials(dialect: Dialect) -> Fault:
    """The answer to a request that nobody signed and that nobody may make unsigned."""
    match dialect.manner:
        case "s3":
            return Fault("AccessDenied", "Access Denied", 403)
        case "ec2":
            message = (
                "The request must contain either a valid (registered) AWS access key ID or X.509 certificate."
            )
            return Fault("MissingAuthenticationToken", message, 403)
        case manner:
            suffix = "Exception" if manner == "json" else ""
            message = "Request is missing Authentication Token"
            return Fault(f"MissingAuthenticationToken{suffix}", message, dialect.refusal_status)


_S3_SIGNATURE_CODES: Mapping[SignatureReason, tuple[str, int]] = {
    "mechanisms": ("InvalidArgument", 400),
    "header": ("AuthorizationHeaderMalformed", 400),
    "algorithm": ("InvalidArgument", 400),
    "query": ("AuthorizationQueryParametersError", 400),
    "date": ("AccessDenied", 403),
    "unsigned header": ("AccessDenied", 403),
    "mismatch": ("SignatureDoesNotMatch", 403),
    "skew": ("RequestTimeTooSkewed", 403),
    "expired": ("AccessDenied", 403),
    "early": ("AccessDenied", 403),
    "payload hash missing": ("InvalidRequest", 400),
    "payload hash wrong": ("XAmzContentSHA256Mismatch", 400),
    "incomplete body": ("IncompleteBody", 400),
    "form": ("AccessDenied", 403),
}
_UNREADABLE: frozenset[SignatureReason] = frozenset({"mechanisms", "header", "algorithm", "query", "date"})
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)


def signature_fault(broken: SignatureFault, dialect: Dialect) -> Fault:
    """The answer to a signature that cannot be read or does not hold."""
    message = broken.message
    status = dialect.refusal_status
    match dialect.manner:
        case "s3":
            code, status = _S3_SIGNATURE_CODES[broken.reason]
            if broken.reason == "header":
                message = f"The authorization header is malformed; {message}"
            elif broken.reason == "date":
                message = "AWS authentication requires a valid Date or x-amz-date header"
            elif broken.reason == "skew":
                message = "The difference between the request time and the current time is too large."
            return Fault(code, message, status, broken.details)
        case "ec2" if broken.reason in ("skew", "expired"):
            return Fault("RequestExpired", "Request has expired.", 400)
        case "ec2" if broken.reason not in _UNREADABLE:
            return _EC2_AUTH_FAILURE
        case "json":
            code = (
                "IncompleteSignatureException"
                if broken.reason in _UNREADABLE
                else "InvalidSignatureException"
            )
        case _:
            code = "IncompleteSignature" if broken.reason in _UNREADABLE else "SignatureDoesNotMatch"
    return Fault(code, _MISMATCH if broken.reason == "mismatch" else message, status)


# -- permission --------------------------------------------------------------------------------------------


# Services that name no resource in the refusal of an action that has none; the others write `*`.
_SILENT_ON_STAR = frozenset({"s3", "ec2", "secretsmanager"})
# What a service answers when it may not use a key on the caller's behalf, where that is a code of its own.
_KMS_CODES = {"sns": "KMSAccessDenied", "sqs": "KMS.AccessDeniedException"}
# How a service writes its actions in refusals, where that is not IAM's way.
_SPELLING: Mapping[str, Callable[[str], str]] = {
    "sns": lambda action: action.replace("sns:", "SNS:"),
    "sqs": str.lower,
}


def access_denied(
    principal_arn: str, action: str, resource: str, because: str, dialect: Dialect, *, explained: bool = True
) -> Fault:
    """The answer to a request that the policies do not allow.

    Args:
        because: the end of the sentence: `because no identity-based policy allows the iam:GetUser action`.
        explained: False where AWS only says "Access Denied": to anonymous callers and across accounts.
    """
    where = ""
    if resource != "*" or dialect.service not in _SILENT_ON_STAR:
        quoted = f'"{resource}"' if action.startswith("s3:") else resource
        where = f" on resource: {quoted}"
    if dialect.service in _SPELLING and action.startswith(f"{dialect.service}:"):
        spelled = _SPELLING[dialect.service](action)
        action, because = spelled, because.replace(action, spelled)
    sentence = f"User: {principal_arn} is not authorized to perform: {action}{where} {because}"
    if action.startswith("kms:") and dialect.service in _KMS_CODES:
        return Fault(_KMS_CODES[dialect.service], sentence.rstrip(), 400)
    match dialect.manner:
        case "s3":
            return Fault("AccessDenied", sentence.rstrip() if explained else "Access Denied", 403)
        case "ec2":
            prefix = "You are not authorized to perform this operation."
            return Fault("UnauthorizedOperation", f"{prefix} {sentence}".rstrip(), 403)
        case "query":
            code = "AuthorizationError" if dialect.service == "sns" else "AccessDenied"
            return Fault(code, sentence.rstrip(), dialect.refusal_status)
        case _:
            return Fault("AccessDeniedException", sentence.rstrip(), dialect.refusal_status)


# -- requests that make no sense, and our own failures -------------------------------------------------------


def unknown_operation(name: str, dialect: Dialect) -> Fault:
    """The answer to an operation that the service does not have."""
    match dialect.manner:
        case "s3":
            return Fault(
                "MethodNotAllowed", "The specified method is not allowed against this resource.", 405
            )
        case "json" if dialect.protocol == "json":
            return Fault("UnknownOperationException", f"The operation {name} is not known.", 400)
        case "json":
            return Fault("UnknownOperationException", f"No operation answers to {name}.", 404)
        case _ if dialect.protocol == "json":
            return Fault("InvalidAction", f"The action {name} is not valid for this endpoint.", 400)
        case _:
            return Fault("InvalidAction", f"The action {name} is not valid for this web service.", 400)


def not_served(what: str, dialect: Dialect) -> Fault:
    """The answer to something that AWS has and the sandbox has not."""
    return Fault("NotImplemented", f"The sandbox does not have {what}.", 501)


def bad_request(message: str, dialect: Dialect) -> Fault:
    """The answer to a request whose body or parameters cannot be read."""
    match dialect.manner:
        case "s3":
            return Fault("MalformedXML", message, 400)
        case "json":
            return Fault("SerializationException", message, 400)
        case _:
            return Fault("MalformedQueryString", message, 400)


def internal_fault(dialect: Dialect) -> Fault:
    """The answer when the sandbox itself failed; what happened is in its log, under the request id."""
    message = "We encountered an internal error. Please try again."
    code = "InternalError" if dialect.manner in ("s3", "ec2") else "InternalFailure"
    return Fault(code, message, 500)


# -- shape -------------------------------------------------------------------------------------------------


def render_fault(
    fault: Fault, dialect: Dialect, request_id: str, *, method: str = "POST", resource: str = "/"
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of an error, as the service itself would write them.

    Args:
        method: an answer to HEAD has no body, so a client learns only the status.
        resource: the path that was asked for; S3 repeats it.
    """
    if dialect.service == "s3":
        headers = {"x-amz-request-id": request_id, "x-amz-id-2": _host_id(request_id)}
        body = _s3(fault, request_id, resource)
        headers["Content-Type"] = "application/xml"
    elif dialect.protocol == "ec2":
        headers = {"x-amzn-RequestId": request_id, "Content-Type": "text/xml;charset=UTF-8"}
        error = _element("Code", fault.code) + _element("Message", fault.message)
        errors = f"<Errors><Error>{error}</Error></Errors>"
        body = f"{_XML}<Response>{errors}{_element('RequestID', request_id)}</Response>"
    elif dialect.protocol in ("query", "rest-xml"):
        headers = {"x-amzn-RequestId": request_id, "Content-Type": "text/xml"}
        body = _query(fault, dialect.namespace, request_id)
    else:
        headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": fault.code}
        body = _json(fault, dialect)
        if dialect.protocol == "json":
            headers["Content-Type"] = f"application/x-amz-json-{dialect.json_version}"
        else:
            headers["Content-Type"] = "application/json"
        if dialect.query_compatible:
            headers["x-amzn-query-error"] = f"{fault.code};{_blame(fault)}"
    data = b"" if method == "HEAD" else body.encode()
    headers["Content-Length"] = str(len(data))
    headers.update(fault.headers)
    return fault.status, list(headers.items()), data


_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(_NOT_XML.sub('?', text))}</{name}>"


def _s3(fault: Fault, request_id: str, resource: str) -> str:
    parts = {
        "Code": fault.code,
        "Message": fault.message,
        **fault.details,
        "Resource": resource,
        "RequestId": request_id,
        "HostId": _host_id(request_id),
    }
    return f"{_XML}<Error>{''.join(_element(name, text) for name, text in parts.items())}</Error>"


def _query(fault: Fault, namespace: str, request_id: str) -> str:
    xmlns = f' xmlns="{escape(namespace)}"' if namespace else ""
    parts = {"Type": _blame(fault), "Code": fault.code, "Message": fault.message}
    error = "".join(_element(name, text) for name, text in parts.items())
    identity = _element("RequestId", request_id)
    return f"{_XML}<ErrorResponse{xmlns}><Error>{error}</Error>{identity}</ErrorResponse>"


def _json(fault: Fault, dialect: Dialect) -> str:
    key = "Message" if fault.code.startswith("AccessDenied") else "message"
    body = {key: fault.message}
    if dialect.protocol == "json":
        body = {"__type": f"com.amazon.coral.service#{fault.code}", **body}
    return json.dumps(body)


def _blame(fault: Fault) -> str:
    return "Sender" if fault.status < 500 else "Receiver"


def _host_id(request_id: str) -> str:
    return f"skylab/{request_id}"
