"""Answers on their way out: what the gate says itself, and what it changes and reads in moto's."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import escape, unescape

from labs.aws.iam import Principal
from labs.sandbox import principals
from labs.sandbox.carrier import Answer

__all__ = ["error_of", "tidy", "whoami"]

# The server writes its own; moto's would stand beside them.
_REPLACED = frozenset({"connection", "date", "server", "transfer-encoding"})
_REQUEST_ID = re.compile(rb"(<[Rr]equestI[dD]>)[^<]*(</[Rr]equestI[dD]>)")
_XML_ERROR = re.compile(rb"<Code>([^<]*)</Code>\s*(?:<Message>([^<]*)</Message>)?")


def tidy(answer: Answer, service: str, request_id: str) -> Answer:
    """An answer of moto with AWS's headers, and with the request id under which the ledger knows it."""
    name = "x-amz-request-id" if service == "s3" else "x-amzn-RequestId"
    dropped = _REPLACED | {"x-amz-request-id", "x-amzn-requestid"}
    headers = [pair for pair in answer.headers if pair[0].lower() not in dropped]
    body = answer.body
    if service != "s3" and body.startswith(b"<"):
        identity = request_id.encode()
        body = _REQUEST_ID.sub(lambda found: found[1] + identity + found[2], body, count=1)
        headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        headers.append(("Content-Length", str(len(body))))
    return Answer(answer.status, (*headers, (name, request_id)), body)


def whoami(principal: Principal, request_id: str) -> Answer:
    """The answer to GetCallerIdentity. moto knows no root user and calls it `user/moto`."""
    fields = {
        "Arn": principal.arn,
        "UserId": principals.unique_id(principal) or "",
        "Account": principal.account or "",
    }
    result = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<GetCallerIdentityResult>{result}</GetCallerIdentityResult>"
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        "</GetCallerIdentityResponse>"
    ).encode()
    headers = (
        ("Content-Type", "text/xml"),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", request_id),
    )
    return Answer(200, headers, body)


def error_of(answer: Answer) -> tuple[str, str | None]:
    """The code and message of an error answer; an answer without a body has only its status."""
    body = answer.body[:20_000]
    if found := _XML_ERROR.search(body):
        code, message = (part.decode(errors="replace") if part else None for part in found.groups())
        return code or str(answer.status), unescape(message) if message else None
    try:
        fields = json.loads(body)
    except ValueError:
        return str(answer.status), None
    if not isinstance(fields, dict):
        return str(answer.status), None
    code = fields.get("__type") or answer.header("x-amzn-errortype") or fields.get("code") or answer.status
    message = fields.get("message") or fields.get("Message")
    return str(code).rpartition("#")[2].partition(":")[0], str(message) if message else None
