from __future__ import annotations

import threading
import time

import pytest

from labs.aws.iam import PolicySet, Principal, Request, parse_policy
from labs.sandbox.ledger import Ledger
from labs.sandbox.values import Check, Event

EVENT = Event(
    sequence=0,
    id="e",
    time="2026-01-31T12:00:00.000Z",
    principal="arn:aws:iam::123456789012:user/alice",
    service="s3",
    operation="GetObject",
    region="us-east-1",
    checks=(Check("e.1", "s3:GetObject", "arn:aws:s3:::b/k", "ImplicitlyDenied", "Nothing allows it."),),
    status=403,
    error="AccessDenied",
    message="Access Denied",
    source="127.0.0.1",
    on_instance="i-0123456789abcdef0",
)
POLICY = parse_policy(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
    name="alice/inline/all",
)
CASE = (
    Request(Principal.parse(EVENT.principal), "s3:GetObject", "arn:aws:s3:::b/k"),
    PolicySet(identity=(POLICY,)),
)


def test_events_are_numbered_from_one_in_the_order_they_came() -> None:
    ledger = Ledger()
    assert [ledger.record(EVENT, {}).sequence for _ in range(3)] == [1, 2, 3]
    assert [event.sequence for event in ledger.since()] == [1, 2, 3]


def test_since_gives_only_what_is_newer() -> None:
    ledger = Ledger()
    for _ in range(5):
        ledger.record(EVENT, {})
    assert [event.sequence for event in ledger.since(3)] == [4, 5]
    assert ledger.since(5) == ()


def test_a_long_poll_returns_as_soon_as_an_event_comes() -> None:
    ledger = Ledger()
    threading.Timer(0.1, ledger.record, (EVENT, {})).start()
    started = time.monotonic()
    assert len(ledger.since(0, wait=10)) == 1
    assert 0.05 < time.monotonic() - started < 5


def test_a_long_poll_gives_up_when_its_time_is_over() -> None:
    started = time.monotonic()
    assert Ledger().since(0, wait=0.1) == ()
    assert time.monotonic() - started >= 0.1


def test_closing_sends_home_who_waits() -> None:
    ledger = Ledger()
    threading.Timer(0.1, ledger.close).start()
    started = time.monotonic()
    assert ledger.since(0, wait=10) == ()
    assert time.monotonic() - started < 5


def test_the_oldest_events_give_way_and_are_counted() -> None:
    ledger = Ledger(capacity=3)
    for number in range(5):
        ledger.record(EVENT, {f"e{number}.1": CASE})
    assert [event.sequence for event in ledger.since()] == [3, 4, 5]
    assert ledger.dropped == 2
    assert ledger.case("e1.1") is None
    assert ledger.case("e2.1") is not None


def test_a_case_is_what_explain_reads() -> None:
    ledger = Ledger()
    ledger.record(EVENT, {"e.1": CASE})
    case = ledger.case("e.1")
    assert case is not None
    assert case["request"]["action"] == "s3:GetObject"
    assert case["identityPolicies"] == [dict(POLICY.document)]
    assert case["names"] == {"identityPolicies": ["alice/inline/all"]}


def test_numbering_goes_on_after_clearing_so_that_a_watcher_misses_nothing() -> None:
    ledger = Ledger()
    ledger.record(EVENT, {"e.1": CASE})
    ledger.clear()
    assert ledger.since() == ()
    assert ledger.case("e.1") is None
    ledger.record(EVENT, {})
    assert [event.sequence for event in ledger.since(1)] == [2]


def test_events_of_many_threads_are_all_kept_once() -> None:
    ledger = Ledger()

    def write() -> None:
        for _ in range(200):
            ledger.record(EVENT, {})

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.sequence for event in ledger.since()] == list(range(1, 1601))


def test_an_event_survives_the_way_through_json() -> None:
    assert Event.from_json(EVENT.to_json()) == EVENT


@pytest.mark.parametrize("decision", ["Allowed", "ImplicitlyDenied", "ExplicitlyDenied"])
def test_an_event_is_refused_when_one_of_its_checks_is(decision: str) -> None:
    check = Check("e.1", "s3:GetObject", "*", decision, "")
    allowed = Check("e.2", "s3:GetObject", "*", "Allowed", "")
    event = Event.from_json({**EVENT.to_json(), "checks": [allowed.to_json(), check.to_json()]})
    assert event.refused == (decision != "Allowed")
