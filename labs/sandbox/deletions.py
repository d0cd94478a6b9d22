"""DeleteObjects, the one call that AWS allows in part: each key is checked, and those refused are listed.

Amazon S3 API Reference, "DeleteObjects": the answer is 200, with an `<Error>` for each key not deleted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.sax.saxutils import escape

from labs.sandbox.authorize import Verdict, refusal
from labs.sandbox.carrier import Answer
from labs.sandbox.faults import Dialect
from labs.sandbox.wire import Routed

__all__ = ["Split", "split"]

_XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"


@dataclass(frozen=True, slots=True)
class Split:
    """A deletion without the keys that were refused, and these with the verdict on each.

    `allowed` is None when no key is left.
    """

    allowed: Routed | None
    refused: tuple[tuple[dict[str, Any], Verdict], ...]

    def with_errors(self, answer: Answer | None, dialect: Dialect) -> Answer:
        """The answer to the allowed part, with the refused keys added to it."""
        errors = "".join(_error(item, verdict, dialect) for item, verdict in self.refused).encode()
        if answer is None:
            start = f'<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult xmlns="{_XMLNS}">'.encode()
            return Answer(200, (("Content-Type", "application/xml"),), start + errors + b"</DeleteResult>")
        if answer.status != 200:
            return answer
        body = re.sub(rb"</DeleteResult>\s*\Z|<DeleteResult([^>]*)/>\s*\Z", _ending(errors), answer.body)
        headers = tuple(pair for pair in answer.headers if pair[0].lower() != "content-length")
        return Answer(200, (*headers, ("Content-Length", str(len(body)))), body)


def split(routed: Routed, denied: Sequence[Verdict]) -> Split | None:
    """Part a DeleteObjects; None for every other call, and when something else than keys was refused."""
    call = routed.call
    if (call.service, call.operation) != ("s3", "DeleteObjects"):
        return None
    objects = call.params.get("Delete", {}).get("Objects") or []
    bucket = call.params.get("Bucket")
    verdicts = {(each.check.resource, each.check.action): each for each in denied}
    refused: list[tuple[dict[str, Any], Verdict]] = []
    settled: set[int] = set()
    for item in objects:
        action = "s3:DeleteObjectVersion" if item.get("VersionId") else "s3:DeleteObject"
        arn = f"arn:aws:s3:::{bucket}/{item.get('Key')}"
        found = [verdicts.get((arn, each)) for each in (action, "s3:BypassGovernanceRetention")]
        reasons = [verdict for verdict in found if verdict is not None]
        settled.update(map(id, reasons))
        if reasons:
            refused.append((item, reasons[0]))
    if settled != {id(verdict) for verdict in verdicts.values()}:
        return None
    dropped = [id(item) for item, _ in refused]
    kept = [item for item in objects if id(item) not in dropped]
    return Split(_only(routed, kept) if kept else None, tuple(refused))


def _only(routed: Routed, items: Sequence[dict[str, Any]]) -> Routed:
    delete = routed.call.params["Delete"]
    quiet = "<Quiet>true</Quiet>" if delete.get("Quiet") else ""
    objects = "".join(
        "<Object>"
        + "".join(_element(name, item[name]) for name in ("Key", "VersionId") if item.get(name))
        + "</Object>"
        for item in items
    )
    body = f'<Delete xmlns="{_XMLNS}">{quiet}{objects}</Delete>'.encode()
    call = replace(routed.call, params={**routed.call.params, "Delete": {**delete, "Objects": list(items)}})
    return replace(routed, call=call, request=replace(routed.request, body=body))


def _error(item: dict[str, Any], verdict: Verdict, dialect: Dialect) -> str:
    fault = refusal(verdict, dialect)
    version = _element("VersionId", item["VersionId"]) if item.get("VersionId") else ""
    parts = _element("Key", item["Key"]) + version + _element("Code", fault.code)
    return f"<Error>{parts}{_element('Message', fault.message)}</Error>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(str(text))}</{name}>"


def _ending(errors: bytes) -> Any:
    def write(found: re.Match[bytes]) -> bytes:
        opening = b"<DeleteResult" + found[1] + b">" if found[1] is not None else b""
        return opening + errors + b"</DeleteResult>"

    return write
