"""Answers on their way out: what the gate says itself, and what it changes and reads in moto's."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import unescape

from labs.sandbox.carrier import Answer
from labs.sandbox.wire import Call, operation_model

__all__ = ["error_of", "output_of", "render", "tidy"]

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


def render(call: Call, output: Mapping[str, Any], request_id: str) -> Answer:
    """An answer of the sandbox's own: the members of the output, in the protocol of the request."""
    from moto.core.serialize import SerializationContext, get_serializer_class

    write = get_serializer_class(call.service, call.protocol)
    written = write(operation_model(call), SerializationContext(request_id)).serialize(dict(output))
    body = written["body"]
    data = body.encode() if isinstance(body, str) else body
    headers = {**written["headers"], "Content-Length": str(len(data))}
    return Answer(written["status_code"], tuple(headers.items()), data)


def output_of(call: Call, answer: Answer) -> dict[str, Any]:
    """The members of the output in an answer to a call that went through."""
    from botocore.awsrequest import HeadersDict
    from botocore.parsers import create_parser

    raw = {"status_code": answer.status, "headers": HeadersDict(answer.headers), "body": answer.body}
    parsed: dict[str, Any] = create_parser(call.protocol).parse(raw, operation_model(call).output_shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


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
