"""The gate: every request to the world passes through here, and nothing else reaches moto.

    signature  →  credential  →  principal  →  call  →  checks  →  IAM  →  strict  →  moto, or AWS's own error
                                                                                ↘  ledger, journal

The answer to a change leaves only after the journal has it. One lock orders all calls; a long poll waits
outside of it. Nothing that goes wrong in here shows a traceback to a client: that goes to the log, under the
request id.
"""

from __future__ import annotations

import hmac
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from labs.errors import JournalError
from labs.sandbox import deletions, lifecycle, moto_setup, polling, principals, served, strict, trail
from labs.sandbox.answers import error_of, tidy
from labs.sandbox.authorize import Verdict, authorize, refusal
from labs.sandbox.carrier import Answer, Carrier, NotServed
from labs.sandbox.client_time import in_client_time
from labs.sandbox.faults import (
    CredentialKind,
    Dialect,
    Fault,
    bad_request,
    credential_fault,
    internal_fault,
    missing_credentials,
    not_served,
    render_fault,
    signature_fault,
)
from labs.sandbox.functions import lineage
from labs.sandbox.journal import JournalEntry
from labs.sandbox.labels import label
from labs.sandbox.operations import is_read
from labs.sandbox.postform import Upload, read_upload
from labs.sandbox.principals import Caller
from labs.sandbox.raw import Payload, RawRequest, SignatureFault
from labs.sandbox.served.messages import sealed
from labs.sandbox.signature import Signed, find_signature, verify
from labs.sandbox.state import WorldState
from labs.sandbox.values import OBSERVER, Check, Event, Explanation
from labs.sandbox.wire import Call, Routed, Unroutable, dialect_of, route

__all__ = ["Gate"]

# Services whose resources in another account are called by ARN or URL: moto looks for them in the account
# that a call acts in.
_CALLED_ACROSS_ACCOUNTS = frozenset({"sqs", "sns", "kms", "secretsmanager", "lambda", "dynamodb"})
# What moto begins before it refuses, as with an address taken or an empty reservation. A replay, in which the
# refused call does not come up, would go another way from there.
_LEAVES_TRACES = frozenset(
    {("ec2", name) for name in ("RunInstances", "CreateFleet", "RequestSpotInstances")}
)
_S3 = Dialect("s3", "rest-xml")
# How many reads a world that is killed may lose from its bill.
_UNWRITTEN = 500


class _Refused(Exception):
    """The request goes no further; `fault` is the answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


@dataclass(slots=True)
class _Visit:
    """One request on its way through the gate, and what has been found out about it."""

    raw: RawRequest
    now: datetime
    request_id: str = field(default_factory=lambda: str(uuid4()))
    signed: Signed | None = None
    caller: Caller | None = None
    call: Call | None = None
    verdicts: tuple[Verdict, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    fault: Fault | None = None

    @property
    def dialect(self) -> Dialect:
        return dialect_of(self.raw, self.signed)


class Gate:
    """Answers the requests to one world."""

    def __init__(self, state: WorldState) -> None:
        self.state = state
        self.observer = ""
        """What a request shows in the header `OBSERVER` when it only looks on, and leaves no event."""
        self._carrier = Carrier(moto_setup.dispatcher())

    def handle(self, raw: RawRequest, *, waiting: bool = True) -> Answer:
        """Answer one request; always an answer, never an exception.

        Args:
            waiting: whether a long poll waits. A replay does not: what was received then is there now.
        """
        visit = _Visit(raw, self.state.clock.now())
        try:
            answer = self._serve(visit, waiting)
        except (_Refused, SignatureFault, Unroutable, NotServed, served.Declined) as stop:
            if isinstance(stop, strict.Refused):
                visit.explanations += stop.explanations
            answer = self._fault(visit, *_why(stop, visit))
        except Exception:
            _log(visit)
            with self.state.lock:
                self.state.undo()  # half of it may have been done
            answer = self._failure(visit)
        try:
            self._enter(visit, answer)
        except Exception:
            _log(visit)
        return answer

    # -- the way through -------------------------------------------------------------------------------

    def _serve(self, visit: _Visit, waiting: bool) -> Answer:
        raw = visit.raw
        if not raw.target.startswith("/"):
            raise _Refused(bad_request("The request target is not a path.", _S3))
        visit.signed = find_signature(raw)
        if visit.signed is None and (upload := read_upload(raw)):
            visit.signed = upload.signed
            visit.caller, _ = self._identify(visit, upload)
            return upload.answer(
                self._answer(visit, route(upload.as_put(), Payload(upload.data), None), waiting)
            )
        visit.caller, payload = self._identify(visit)
        return self._answer(visit, route(raw, payload, visit.signed), waiting)

    def _answer(self, visit: _Visit, routed: Routed, waiting: bool) -> Answer:
        visit.call = routed.call
        account = self._account(visit)
        patience = polling.patience(routed.call, account)
        if patience:
            routed = polling.at_once(routed)
        if patience and waiting:
            return self._poll(visit, routed, patience)
        if waiting:
            lifecycle.hold(routed.call, account, visit.raw.header("user-agent") or "", self.state)
        with self.state.lock:
            answer = self._carry_out(visit, routed)
        return answer if isinstance(answer, Answer) else self._finish(visit, answer)

    def _finish(self, visit: _Visit, later: served.Later) -> Answer:
        """An answer that takes its time, outside the world's lock."""
        assert visit.call is not None
        answer, told = later.finish(visit.request_id)
        visit.explanations += told
        return tidy(answer, visit.call.service, visit.request_id)

    def _poll(self, visit: _Visit, routed: Routed, patience: float) -> Answer:
        account, deadline = self._account(visit), time.monotonic() + patience
        while True:
            with self.state.lock:
                answer = self._carry_out(visit, routed)
            assert isinstance(answer, Answer)
            if time.monotonic() >= deadline or not polling.is_empty(answer, routed.call):
                return answer
            while time.monotonic() < deadline and not polling.has_message(routed.call, account):
                time.sleep(polling.PAUSE)

    def _identify(self, visit: _Visit, upload: Upload | None = None) -> tuple[Caller, Payload]:
        """Who signed the request, or the form in it, and the body that the signature covers."""
        raw, signed, clock = visit.raw, visit.signed, self.state.clock
        if signed is None:
            return Caller.anonymous(), Payload(raw.body)
        with self.state.lock:
            credential = principals.find_credential(signed.access_key_id)
        if credential is None:
            raise self._bad_credential("unknown", visit)
        instance = self.state.on_instance.get(signed.access_key_id)
        visit.caller = Caller(credential.principal, credential, instance)
        if not credential.active:
            raise self._bad_credential("inactive", visit)
        if upload is not None:
            upload.verify(credential.secret, clock.client_now(), clock.timeline)
            payload = Payload(upload.data)
        else:
            payload = verify(raw, signed, credential.secret, clock.client_now(), clock.timeline)
        if not _same(signed.session_token, credential.session_token):
            raise self._bad_credential("token", visit)
        if credential.expires is not None and visit.now >= credential.expires:
            raise self._bad_credential("expired", visit)
        return visit.caller, payload

    def _bad_credential(self, kind: CredentialKind, visit: _Visit) -> _Refused:
        assert visit.signed is not None
        return _Refused(credential_fault(kind, visit.dialect, visit.signed.access_key_id))

    def _carry_out(self, visit: _Visit, routed: Routed) -> Answer | served.Later:
        """Ask IAM, then the sandbox's own part of the service, or moto."""
        call, caller = routed.call, visit.caller
        assert caller is not None
        now = self.state.settle()  # later than the visit began, where that has waited for a message
        account = self._account(visit)
        ask = served.Ask(call, caller, account, now, self.state, lambda: self._send(visit, routed))
        served.admit(ask)
        visit.verdicts = authorize(
            call, caller, visit.raw, account, now, visit.signed, self.state.clock.timeline
        )
        denied = [verdict for verdict in visit.verdicts if not verdict.allowed]
        parts = deletions.split(routed, denied) if denied else None
        if denied and parts is None:
            raise _Refused(refusal(denied[0], visit.dialect, self._seal))
        if not visit.verdicts and caller.credential is None:
            raise _Refused(missing_credentials(visit.dialect))
        considered = strict.consider(ask, routed, lambda amended: self._send(visit, amended))
        visit.explanations = considered.explanations
        reads = is_read(call.service, call.operation) or served.leaves_all_as_it_was(call)
        number = None if reads else self.state.journal.next_number()
        before, stored = polling.size(call, account), self.state.metering.before(call, account)
        chain = lineage.following(lineage.depth_of(visit.raw.header(lineage.HEADER)))
        with strict.listening() as told, self.state.change(number, now), chain:
            if parts is None:
                answer = served.answer(considered.ask, visit.request_id)
            else:
                rest = self._send(visit, parts.allowed) if parts.allowed else None
                answer = parts.with_errors(rest, visit.dialect)
        visit.explanations += tuple(told)
        if isinstance(answer, served.Later):
            return answer
        idle = polling.is_empty(answer, call) and polling.size(call, account) == before
        accepted = number is not None and answer.status < 400 and not idle
        outside = caller.instance is None and not self._from_function(visit)
        self.state.metering.served(call, account, now, answer, stored, accepted=accepted, outside=outside)
        with suppress(JournalError):  # which the next change will tell of
            self.state.note_usage(_UNWRITTEN)
        if number is not None and accepted:
            what = label(call, (verdict.check.resource for verdict in visit.verdicts))
            self.state.accept(JournalEntry(number, now, visit.raw), what, visit.request_id)
        elif answer.status >= 400 and (call.service, call.operation) in _LEAVES_TRACES:
            self.state.undo()
        return tidy(in_client_time(answer, call, self.state.clock.timeline), call.service, visit.request_id)

    def _from_function(self, visit: _Visit) -> bool:
        return visit.signed is not None and visit.signed.access_key_id in self.state.on_function

    def _seal(self, verdict: Verdict) -> str:
        return sealed(verdict, self.state.secret)

    def _send(self, visit: _Visit, routed: Routed) -> Answer:
        account = self._account(visit)
        if routed.call.service in _CALLED_ACROSS_ACCOUNTS:
            owners = {each.decision.request.owner for each in visit.verdicts if each.check.via is None}
            account = (owners.pop() if len(owners) == 1 else None) or account
        access_key_id = visit.signed.access_key_id if visit.signed else "ANONYMOUS"
        return self._carrier.send(routed, account=account, access_key_id=access_key_id)

    def _account(self, visit: _Visit) -> str:
        """The account that a call acts in: the caller's, and the world's own for callers without one."""
        assert visit.caller is not None
        return visit.caller.principal.account or self.state.account

    # -- the way out -----------------------------------------------------------------------------------

    def _fault(self, visit: _Visit, fault: Fault, dialect: Dialect) -> Answer:
        visit.fault = fault
        raw = visit.raw
        status, headers, body = render_fault(
            fault, dialect, visit.request_id, method=raw.method, resource=raw.path
        )
        return Answer(status, tuple(headers), body)

    def _failure(self, visit: _Visit) -> Answer:
        dialect = _S3
        with suppress(Exception):
            dialect = visit.dialect
        return self._fault(visit, internal_fault(dialect), dialect)

    def _enter(self, visit: _Visit, answer: Answer) -> None:
        """Write the visit into the ledger, unless somebody looks on who may."""
        if self._looks_on(visit):
            return
        service, operation, region = _name(visit)
        error = message = None
        if visit.fault is not None:
            error, message = visit.fault.code, visit.fault.message
        elif answer.status >= 400:
            error, message = error_of(answer)
        checks, cases = [], {}
        for place, verdict in enumerate(visit.verdicts, start=1):
            decision = verdict.decision
            check_id = f"{visit.request_id}.{place}"
            checks.append(
                Check(
                    check_id,
                    verdict.check.action,
                    verdict.check.resource,
                    decision.outcome.value,
                    decision.reason,
                    verdict.check.approximate,
                )
            )
            cases[check_id] = (decision.request, decision.policies)
        event = Event(
            sequence=0,
            id=visit.request_id,
            time=visit.now.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z",
            principal=_who(visit),
            service=service,
            operation=operation,
            region=region,
            checks=tuple(checks),
            status=answer.status,
            error=error,
            message=message,
            source=visit.raw.client_address,
            on_instance=visit.caller.instance if visit.caller else None,
            explanations=visit.explanations,
        )
        self.state.ledger.record(event, cases, self._recorded(visit, answer))

    def _looks_on(self, visit: _Visit) -> bool:
        """Whether it is a read, of someone who shows the token of the world's owner."""
        shown = visit.raw.header(OBSERVER)
        if not shown or not self.observer or visit.call is None:
            return False
        known = hmac.compare_digest(shown.encode(), self.observer.encode())
        return known and is_read(visit.call.service, visit.call.operation)

    def _recorded(self, visit: _Visit, answer: Answer) -> trail.Record | None:
        """What CloudTrail keeps of the visit; None of one whose caller is not known, and of data events."""
        call, caller = visit.call, visit.caller
        if call is None or caller is None or not trail.is_management(call):
            return None
        made = answer.status < 400 and not is_read(call.service, call.operation)
        return trail.record_of(
            call,
            caller,
            self._account(visit),
            visit.raw.header("user-agent") or "",
            visit.raw.client_address,
            visit.verdicts[0].decision.request.context if visit.verdicts else {},
            (answer.status, dict(answer.headers), answer.body) if made else None,
        )


def _why(stop: Exception, visit: _Visit) -> tuple[Fault, Dialect]:
    """What to answer to a request that was stopped, and in which service's dialect."""
    match stop:
        case Unroutable():
            return stop.fault, stop.dialect
        case SignatureFault():
            return signature_fault(stop, visit.dialect), visit.dialect
        case _Refused() | served.Declined():
            return stop.fault, visit.dialect
        case _:
            return not_served(str(stop), visit.dialect), visit.dialect


def _log(visit: _Visit) -> None:
    """Keep what went wrong, under the id that the client was given."""
    print(f"request {visit.request_id}: {visit.raw.method} {visit.raw.path!r}", file=sys.stderr)
    traceback.print_exc()


def _who(visit: _Visit) -> str:
    """The caller for the ledger; an access key that nobody owns is shown as it is."""
    if visit.caller is not None:
        return visit.caller.principal.arn
    return visit.signed.access_key_id if visit.signed else "anonymous"


def _name(visit: _Visit) -> tuple[str, str, str]:
    """Service, operation and region for the ledger, of a request that may have been turned away unread."""
    call = visit.call
    if call is None:
        with suppress(Exception):
            call = route(visit.raw, Payload(visit.raw.body), visit.signed).call
    if call is not None:
        return call.service, call.operation, call.region
    signed = visit.signed
    return signed.service if signed else "s3", "Unknown", signed.region if signed else ""


def _same(given: str | None, due: str | None) -> bool:
    return hmac.compare_digest((given or "").encode(), (due or "").encode())
