"""lambda:Invoke, which really runs the function; moto would want Docker for it.

Source: Lambda API Reference, "Invoke"; Lambda Developer Guide, "Lambda quotas".
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from labs.errors import SandboxError
from labs.sandbox.carrier import Answer
from labs.sandbox.functions.deliveries import enqueue
from labs.sandbox.functions.facts import Function, find_function, split_name
from labs.sandbox.functions.lineage import LONGEST, depth_at_hand
from labs.sandbox.functions.report import Report, tail
from labs.sandbox.functions.roles import UNTRUSTED
from labs.sandbox.functions.runner import Gone, Throttled
from labs.sandbox.served.ask import Ask, Declined, Handler, Key, Later
from labs.sandbox.values import Explanation
from labs.sandbox.wire import Call

__all__ = ["HANDLERS", "leaves_all_as_it_was"]

LARGEST = {"RequestResponse": 6 * 1024 * 1024, "Event": 1024 * 1024}
"""Bytes of an event, by how a function is invoked."""


def leaves_all_as_it_was(call: Call) -> bool:
    """Whether a call is an invocation that changes nothing but by what the function does."""
    kind = call.params.get("InvocationType") or "RequestResponse"
    return call.service == "lambda" and call.operation == "Invoke" and kind != "Event"


def _invoke(ask: Ask) -> Answer | Later:
    kind = ask.text("InvocationType") or "RequestResponse"
    qualifier = ask.text("Qualifier") or split_name(ask.text("FunctionName"), "", "")[3]
    function = _function(ask, qualifier)
    event = _event(ask.params.get("Payload"), kind)
    if kind == "DryRun":
        return Answer(204, (), b"")
    if kind == "Event":
        _queue(ask, function, qualifier, event)
        return Answer(202, (("Content-Type", "application/json"),), b"")
    depth = depth_at_hand()
    if depth >= LONGEST:
        raise Declined(
            "RecursiveInvocationException", f"{depth} functions have invoked each other in a loop."
        )
    return Later(lambda request_id: _run(ask, function, qualifier, event, request_id, depth))


def _invoke_async(ask: Ask) -> Answer:
    function = _function(ask, None)
    _queue(ask, function, None, _event(ask.params.get("InvokeArgs"), "Event"))
    return Answer(202, (("Content-Type", "application/json"),), b"{}")


def _function(ask: Ask, qualifier: str | None) -> Function:
    name = ask.text("FunctionName")
    function = find_function(name, ask.account, ask.call.region, qualifier)
    if function is None:
        account, region, bare, _ = split_name(name, ask.account, ask.call.region)
        arn = f"arn:aws:lambda:{region}:{account}:function:{bare}" + (f":{qualifier}" if qualifier else "")
        raise Declined("ResourceNotFoundException", f"Function not found: {arn}", 404)
    return function


def _event(payload: object, kind: str) -> str:
    data = payload.read() if hasattr(payload, "read") else payload
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data or "")
    most = LARGEST.get(kind, LARGEST["RequestResponse"])
    if len(text) > most:
        raise Declined(
            "RequestTooLargeException",
            f"Request must be smaller than {most} bytes for the InvokeFunction operation",
            413,
        )
    try:
        json.loads(text or "{}")
    except ValueError as broken:
        raise Declined(
            "InvalidRequestContentException", f"Could not parse request body into json: {broken}"
        ) from None
    return text or "{}"


def _queue(ask: Ask, function: Function, qualifier: str | None, event: str) -> None:
    arn = f"{function.unqualified}:{qualifier}" if qualifier else function.unqualified
    enqueue(arn, event, ask.caller.principal.arn)


def _run(
    ask: Ask, function: Function, qualifier: str | None, event: str, request_id: str, depth: int
) -> tuple[Answer, tuple[Explanation, ...]]:
    functions = ask.state.functions
    if functions is None:
        raise Declined("ServiceException", "Nobody runs functions here.", 501)
    try:
        report, told = functions.invoke(function, event, request_id, qualifier, depth)
    except Throttled as throttled:
        raise Declined(
            "TooManyRequestsException", "Rate Exceeded.", 429, {"Reason": throttled.reason}
        ) from None
    except Gone:
        raise Declined("ServiceException", "The world was put back while the function ran.", 409) from None
    except SandboxError as refused:
        if refused.detail != UNTRUSTED:
            raise
        raise Declined("AccessDeniedException", UNTRUSTED, 403) from None
    return _answer(report, wants_log=ask.text("LogType") == "Tail"), told


def _answer(report: Report, *, wants_log: bool) -> Answer:
    body = report.payload.encode()
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "X-Amz-Executed-Version": report.function.version,
    }
    if report.failed:
        headers["X-Amz-Function-Error"] = "Unhandled"
    if wants_log:
        headers["X-Amz-Log-Result"] = tail(report.log)
    return Answer(200, tuple(headers.items()), body)


HANDLERS: Mapping[Key, Handler] = {("lambda", "Invoke"): _invoke, ("lambda", "InvokeAsync"): _invoke_async}
