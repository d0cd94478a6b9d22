"""What a request asks for: service, operation and parameters, by moto's own router and parsers.

This is the only module that touches `moto.core.routing` and `moto.core.parse`, which are young and may move.

What is decided and what is carried out come from one reading. `route` makes the clean request that moto will
be given, reads the operation from that, and drops every parameter that the operation does not have. Without
this, a request with `?Action=DeleteUser` in its target and `Action=GetUser` in its body is one request for
the gate and another for moto.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree.ElementTree import ParseError

from labs.sandbox.clean import CleanRequest, Unreadable, clean
from labs.sandbox.faults import (
    Dialect,
    Fault,
    bad_request,
    not_served,
    signature_fault,
    unknown_operation,
)
from labs.sandbox.quick_forms import read_form
from labs.sandbox.raw import Payload, RawRequest, SignatureFault
from labs.sandbox.services import candidates, known_regions, unsigned_service
from labs.sandbox.signature import Signed

__all__ = [
    "Call",
    "Routed",
    "Unroutable",
    "dialect_of",
    "identify",
    "operation_model",
    "route",
    "with_fields",
]

DEFAULT_REGION = "us-east-1"
# The sub-resources that moto looks at, by level and method. For any other it would quietly do what the bare
# path asks for (list the bucket, delete it, give the object), so the others are refused.
_S3_SERVED: Mapping[tuple[str, str], frozenset[str]] = {
    key: frozenset(names.split())
    for key, names in {
        ("bucket", "GET"): "accelerate acl cors encryption inventory lifecycle list-type location logging "
        "notification object-lock ownershipControls policy policyStatus publicAccessBlock replication "
        "tagging uploads versioning versions website",
        (
            "bucket",
            "PUT",
        ): "accelerate acl cors encryption inventory lifecycle logging notification object-lock "
        "ownershipControls policy publicAccessBlock replication tagging versioning website",
        (
            "bucket",
            "DELETE",
        ): "cors encryption lifecycle ownershipControls policy publicAccessBlock replication tagging website",
        ("bucket", "POST"): "delete",
        ("object", "GET"): "acl attributes legal-hold tagging",
        ("object", "PUT"): "acl legal-hold retention tagging",
        ("object", "DELETE"): "tagging",
        ("object", "POST"): "restore select select-type uploads",
    }.items()
}
# What moto's parsers raise for input that is not as its model says, a thousand open brackets among it.
_UNREADABLE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
# A queue may be named by the path of the request as well.
_NAMED_BY_PATH_TOO = frozenset({"sqs"})
_S3_ELSEWHERE = frozenset({"ListDirectoryBuckets", "WriteGetObjectResponse"})


@dataclass(frozen=True, slots=True)
class Call:
    """One API call: botocore's service name, operation and parameters, the region and the wire protocol."""

    service: str
    operation: str
    params: Mapping[str, Any]
    region: str
    protocol: str


@dataclass(frozen=True, slots=True)
class Routed:
    """A call, the clean request from which it was read, and the labels of its path."""

    call: Call
    request: CleanRequest
    labels: Mapping[str, str]
    signing_name: str


class Unroutable(Exception):
    """A request that names no operation that can be carried out; `fault` is what to answer."""

    def __init__(self, fault: Fault, dialect: Dialect) -> None:
        super().__init__(fault.code, fault.message)
        self.fault = fault
        self.dialect = dialect


def identify(raw: RawRequest, body: bytes, signed: Signed | None) -> Call:
    """The call that a request makes; `body` is without its chunk framing."""
    return route(raw, Payload(body), signed).call


def route(raw: RawRequest, payload: Payload, signed: Signed | None) -> Routed:
    """The call that a request makes, and the clean request that makes it.

    Raises:
        Unroutable: no such service, operation or region, or a body that cannot be read.
    """
    signing_name = signed.service if signed else unsigned_service(raw)
    region = signed.region if signed else DEFAULT_REGION
    try:
        request = clean(raw, payload, signed, signing_name)
    except Unreadable as error:
        raise _lost(Fault(error.code, str(error), 400), raw, signed) from None
    if region not in known_regions():
        broken = SignatureFault("header", f"Credential should be scoped to a valid region, not '{region}'.")
        raise _lost(signature_fault(broken, dialect_of(raw, signed)), raw, signed)
    names = candidates(signing_name, request)
    if not any(_model(name) for name in names):
        raise _lost(
            not_served(f"a service that signs as '{signing_name}'", dialect_of(raw, signed)), raw, signed
        )
    request = _as_form(request, names)
    found = _match(names, request)
    if found is None:
        raise _lost(unknown_operation(_asked(request), dialect_of(raw, signed)), raw, signed)
    dialect = _dialect(found.service, found.protocol)
    _refuse_what_moto_would_mistake(found, request, dialect)
    request = _only_known(found, request)
    params = _parse(found, request, dialect)
    call = Call(found.service, found.operation.name, params, region, found.protocol)
    return Routed(call, request, found.labels, signing_name)


def with_fields(routed: Routed, changed: Mapping[str, str]) -> Routed:
    """The same call of the query protocol, with some of its form fields changed or added."""
    call = routed.call
    form = parse_qsl(routed.request.body.decode("utf-8", "replace"), keep_blank_values=True)
    request = replace(routed.request, body=urlencode({**dict(form), **changed}).encode())
    found = _match((call.service,), request)
    assert found is not None
    params = _parse(found, request, _dialect(call.service, call.protocol))
    return replace(routed, call=replace(call, params=params), request=request)


def _lost(fault: Fault, raw: RawRequest, signed: Signed | None) -> Unroutable:
    return Unroutable(fault, dialect_of(raw, signed))


def dialect_of(raw: RawRequest, signed: Signed | None) -> Dialect:
    """How to answer a request whose operation is not known, or not yet."""
    service = signed.service if signed else unsigned_service(raw)
    name = candidates(service, None)[0]
    content_type = raw.header("content-type") or ""
    if _model(name) is None:
        return Dialect(service, "json" if "json" in content_type else "query")
    return _dialect(name, _protocol(name, content_type) or str(_model(name).protocol))


# -- service ---------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _model(service: str) -> Any:
    """The service model with moto's additions, or None for a service that nobody has."""
    from botocore.exceptions import UnknownServiceError
    from moto.core.utils import get_service_model

    try:
        return get_service_model(service)
    except (UnknownServiceError, ValueError):
        return None


def operation_model(call: Call) -> Any:
    """botocore's model of the operation that a call is of."""
    return _model(call.service).operation_model(call.operation)


def _protocol(service: str, content_type: str) -> str | None:
    from moto.core.request import determine_request_protocol

    try:
        protocol = str(determine_request_protocol(_model(service), content_type))
    except NotImplementedError:
        return None
    return protocol if protocol in ("query", "ec2", "json", "rest-json", "rest-xml") else None


@lru_cache(maxsize=512)
def _dialect(service: str, protocol: str) -> Dialect:
    metadata = _model(service).metadata
    return Dialect(
        service,
        protocol,
        namespace=metadata.get("xmlNamespace", ""),
        json_version=metadata.get("jsonVersion", "1.1"),
        query_compatible="awsQueryCompatible" in metadata,
    )


# -- operation -------------------------------------------------------------------------------------------


def _as_form(request: CleanRequest, names: tuple[str, ...]) -> CleanRequest:
    """A query-protocol request with its parameters in the URL, written as every other one."""
    if request.body or not any(name == "Action" for name, _ in request.query):
        return request
    protocols = {
        p for name in names if (m := _model(name)) for p in m.metadata.get("protocols", [m.protocol])
    }
    return request.as_form() if protocols & {"query", "ec2"} else request


@dataclass(frozen=True, slots=True)
class _Match:
    """An operation that fits a request; `view` is the request as moto's router saw it."""

    service: str
    operation: Any
    labels: dict[str, str]
    protocol: str
    view: Any


def _match(names: tuple[str, ...], request: CleanRequest) -> _Match | None:
    """The first service among the candidates that has an operation for this request."""
    from moto.core.routing import get_service_router
    from werkzeug.datastructures import ImmutableMultiDict
    from werkzeug.exceptions import NotFound

    view = _view_class()(request.environ("", ""))
    view.args = ImmutableMultiDict(request.query)
    read_form(view)
    for name in names:
        model = _model(name)
        protocol = _protocol(name, request.header("content-type")) if model else None
        if protocol is None:
            continue
        if len(names) > 1 and protocol == "query" and view.values.get("Version") != model.api_version:
            continue
        if protocol in ("query", "ec2") and name not in _NAMED_BY_PATH_TOO:
            operation = _operations(name).get(
                view.values.get("Action", "")
            )  # as moto's router, more directly
            if operation is not None and not operation.endpoint:
                return _Match(name, operation, {}, protocol, view)
        try:
            operation, labels = get_service_router(name).match(view)
        except NotFound:
            continue
        return _Match(name, operation, labels, protocol, view)
    return None


@lru_cache(maxsize=64)
def _operations(service: str) -> Mapping[str, Any]:
    """A service's operations by their names, by which the query protocol calls them."""
    model = _model(service)
    return {name: model.operation_model(name) for name in model.operation_names}


@cache
def _view_class() -> Any:
    """moto's request with its arguments in a plain attribute: the router looks at them thirty times."""
    from moto.core.request import Request

    return type("View", (Request,), {"args": None})


def _refuse_what_moto_would_mistake(found: _Match, request: CleanRequest, dialect: Dialect) -> None:
    operation = found.operation
    if found.protocol in ("query", "ec2"):
        names = [name for name, _ in parse_qsl(request.body.decode("latin-1"), keep_blank_values=True)]
        if request.query or len(set(names)) < len(names):
            message = "Each parameter must stand once, either in the URL or in the body."
            raise Unroutable(bad_request(message, dialect), dialect)
    if operation.name == "PostObject":
        # An upload from a form has become a PUT before it comes here.
        condition = {"Condition": "Bucket POST must be of the enclosure-type multipart/form-data, with a key"}
        message = "At least one of the pre-conditions you specified did not hold"
        raise Unroutable(Fault("PreconditionFailed", message, 412, condition), dialect)
    if found.service == "s3" and not _s3_serves(operation):
        raise Unroutable(not_served(f"the S3 operation {operation.name}", dialect), dialect)


def _s3_serves(operation: Any) -> bool:
    trait = operation.http_trait
    level = "object" if "{Key" in trait.path else "bucket"
    if operation.name in _S3_ELSEWHERE:
        return False
    return set(trait.query_args) - {"x-id"} <= _S3_SERVED.get((level, trait.method), frozenset())


def _only_known(found: _Match, request: CleanRequest) -> CleanRequest:
    if found.protocol in ("query", "ec2"):
        return request
    if found.protocol == "json":
        return request.keeping((), found.operation.name)
    known = _known_parameters(found.service, found.operation.name)
    return request.keeping(known, found.operation.name, without="x-amz-target")


@lru_cache(maxsize=4096)
def _known_parameters(service: str, operation_name: str) -> frozenset[str] | None:
    """The names that an operation reads from the query; None when it takes any."""
    operation = _model(service).operation_model(operation_name)
    members = operation.input_shape.members.items() if operation.input_shape else ()
    bound = {
        shape.serialization.get("name", name): shape.type_name
        for name, shape in members
        if shape.serialization.get("location") == "querystring"
    }
    if "map" in bound.values():
        return None
    return frozenset(bound) | frozenset(operation.http_trait.query_args)


def _parse(found: _Match, request: CleanRequest, dialect: Dialect) -> Mapping[str, Any]:
    from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
    from werkzeug.datastructures import MultiDict

    operation, protocol, view = found.operation, found.protocol, found.view
    form, known = protocol in ("query", "ec2"), _header_names(found.service, operation.name)
    try:
        if protocol == "json" or (protocol == "rest-json" and _has_json_body(operation)):
            _check_json(request.body)
        parsed: Mapping[str, Any] = PROTOCOL_PARSERS[protocol](operation).parse(
            {
                "method": request.method,
                # A form in the body of a REST request is a payload, not parameters.
                "values": view.values if form else MultiDict(request.query),
                "headers": {known.get(name, name): value for name, value in request.headers},
                "body": b"" if form else request.body,
                "url_path": view.path,
                "url_params": found.labels,
            }
        )
    except (RequestParserError, ParseError, *_UNREADABLE) as error:
        raise Unroutable(bad_request(f"The request could not be read: {error}", dialect), dialect) from error
    return parsed


@lru_cache(maxsize=4096)
def _header_names(service: str, operation_name: str) -> Mapping[str, str]:
    """The headers that an operation reads: from their names in lower case to those that moto looks for."""
    shape = _model(service).operation_model(operation_name).input_shape
    names = [
        str(member.serialization.get("name", name))
        for name, member in (shape.members.items() if shape else ())
        if member.serialization.get("location") == "header"
    ]
    return {name.lower(): name for name in names}


def _has_json_body(operation: Any) -> bool:
    """Whether the body holds members of the input, and not one opaque payload."""
    shape = operation.input_shape
    payload = shape.serialization.get("payload") if shape else None
    return payload is None or shape.members[payload].type_name == "structure"


def _check_json(body: bytes) -> None:
    """Refuse what moto's parser would take for an empty input."""
    if body and not isinstance(json.loads(body), dict):
        raise ValueError("The body is not a JSON object.")


def _asked(request: CleanRequest) -> str:
    """What an unknown operation was called, for the message."""
    if target := request.header("x-amz-target"):
        return target
    fields = dict(parse_qsl(request.body.decode("latin-1"))) if len(request.body) < 100_000 else {}
    return fields.get("Action") or dict(request.query).get("Action") or f"{request.method} {request.path}"
