"""The meter of one world: what was used since it began, and by whom."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from labs.sandbox.carrier import Answer
from labs.sandbox.live import accounts_of
from labs.sandbox.lives import find_instance
from labs.sandbox.metering.counts import Count, Counts, hour_of
from labs.sandbox.metering.objects import ObjectsBefore, objects_before
from labs.sandbox.metering.periods import Periods, Thing
from labs.sandbox.metering.requests import TALLIES, Served, Tally, sent_out
from labs.sandbox.metering.stores import Stores
from labs.sandbox.metering.survey import SURVEYS, matters
from labs.sandbox.metering.tables import ItemsBefore, items_before, reads
from labs.sandbox.wire import Call

if TYPE_CHECKING:
    from labs.sandbox.metering.budgets import LiveBudget

__all__ = ["Before", "Metering", "metering_at_hand"]

Before = ObjectsBefore | ItemsBefore | None
"""What is remembered of a store before a request that may change it."""

_COUNTED: Final = frozenset({*TALLIES, "dynamodb"})
# Which services' resources change with the calls of a service.
_CHANGES: Final[Mapping[str, tuple[str, ...]]] = {
    **{service: (service,) for service in SURVEYS},
    "autoscaling": ("ec2",),
    "cloudformation": tuple(SURVEYS),
}
# What malformed parameters lead to; moto refuses such a request, so there is nothing to meter.
_MALFORMED: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)

_at_hand: ContextVar[tuple[Metering, datetime] | None] = ContextVar("metering", default=None)


def metering_at_hand() -> tuple[Metering, datetime] | None:
    """The meter of the world in which a change is being made, and the moment; None outside of a change."""
    return _at_hand.get()


class Metering:
    """The meter of one world, with the budgets that stand against it, by account and name.

    The world's lock orders all calls.
    """

    def __init__(self) -> None:
        self.counts = Counts()
        self.periods = Periods()
        self.stores = Stores()
        self.budgets: dict[tuple[str, str], LiveBudget] = {}

    @contextmanager
    def at_hand(self, moment: datetime) -> Iterator[None]:
        """Inside, what happens in moto at this moment may be counted here."""
        token = _at_hand.set((self, moment))
        try:
            yield
        finally:
            _at_hand.reset(token)

    # -- requests --------------------------------------------------------------------------------------

    def before(self, call: Call, account: str) -> Before:
        """What must be remembered of a request that is about to be answered; mostly nothing."""
        try:
            if call.service == "s3":
                return objects_before(call.operation, call.params)
            if call.service == "dynamodb":
                return items_before(call.operation, call.params, account, call.region)
        except _MALFORMED:
            pass
        return None

    def served(
        self,
        call: Call,
        account: str,
        moment: datetime,
        answer: Answer,
        before: Before,
        *,
        accepted: bool,
        outside: bool,
    ) -> None:
        """A request was answered.

        Args:
            accepted: whether the journal will have it, so that a replay counts it again.
            outside: whether it came from outside AWS, so that its answer leaves it.
        """
        if call.service in _COUNTED:
            failed = answer.status >= 400
            served = Served(
                call.service,
                call.operation,
                call.params,
                account,
                call.region,
                answer.body,
                failed,
                outside,
            )
            try:
                self._count(served, before, moment, accepted)
            except _MALFORMED:
                if not failed:  # the request has been answered, and must not fail for this
                    traceback.print_exc()
        if accepted:
            for service in _CHANGES.get(call.service, ()):
                if matters(call.service, call.operation):
                    self.look(service, moment)

    def _count(self, served: Served, before: Before, moment: datetime, accepted: bool) -> None:
        hour = hour_of(moment)
        for tally in self._tallies(served, before):
            if tally.amount:
                meter, account, region, operation, resource, amount, detail = tally
                count = Count(hour, account, region, meter, operation, resource, detail)
                self.counts.add(count, amount, made_again=accepted)
        if before is not None:
            for thing, by in before.added():
                self.stores.add(thing, by, moment)
        elif served.operation == "DeleteTable" and not served.failed:
            name = str(served.params.get("TableName") or "").rpartition("/")[2]
            thing = Thing("dynamodb.storage", served.account, served.region, name)
            self.stores.empty(thing, moment)

    def _tallies(self, served: Served, before: Before) -> Iterator[Tally]:
        if served.service != "dynamodb":
            yield from TALLIES[served.service](served)
            return
        table = str(served.params.get("TableName") or "").rpartition("/")[2]
        yield from sent_out(served, served.account, served.region, table)
        if isinstance(before, ItemsBefore):
            if not served.failed or b"ConditionalCheckFailed" in served.answer:
                yield from before.units()
        elif not served.failed:
            yield from reads(served)

    # -- what nobody makes again -----------------------------------------------------------------------

    def count(
        self,
        meter: str,
        amount: int,
        moment: datetime,
        *,
        account: str,
        region: str,
        operation: str = "",
        resource: str = "",
        detail: str = "",
    ) -> None:
        """Count something that was measured, and that a replay would measure otherwise or not at all."""
        count = Count(hour_of(moment), account, region, meter, operation, resource, detail)
        self.counts.add(count, amount, made_again=False)

    def ran(self, function_arn: str, moment: datetime, *, ms: float, mb: int, arch: str = "x86") -> None:
        """A function ran once: for so many milliseconds, with so much memory in MB.

        Args:
            arch: `x86` or `arm`.
        """
        region, account, _, name = (function_arn.split(":") + [""] * 7)[3:7]
        about = {"account": account, "region": region, "operation": "Invoke", "resource": name}
        self.count("lambda.requests", 1, moment, detail=arch, **about)
        self.count("lambda.mb-ms", ceil(ms) * mb, moment, detail=arch, **about)

    # -- resources -------------------------------------------------------------------------------------

    def look(self, service: str, moment: datetime) -> None:
        """Something of a service may have begun or ended at a moment."""
        seen = (each for account in accounts_of(service) for each in SURVEYS[service](account))
        for thing, facts in self.periods.look(service, seen, moment).items():
            if ("market", "spot") in facts and _was_interrupted(thing):
                self.periods.amend_last(thing, (*facts, ("ended_by", "aws")))

    def happened(self, kind: str, moment: datetime) -> None:
        """Something that was planned happened: `kind` is as the agenda names it, `ec2.arrival`."""
        service = kind.partition(".")[0]
        if service in SURVEYS:
            self.look(service, moment)

    # -- as a part of the world ------------------------------------------------------------------------

    def forget_requests(self) -> None:
        """The preparation is over: its requests are nobody's, but what it made goes on costing."""
        self.counts.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.counts.clear()
        self.periods.clear()
        self.stores.clear()
        self.budgets.clear()

    def saved(self) -> object:
        """What a checkpoint keeps."""
        return self.counts.saved(), self.periods.saved(), self.stores.saved(), dict(self.budgets)

    def restore(self, saved: Any) -> None:
        """Back to what a checkpoint kept."""
        counts, periods, stores, budgets = saved
        self.budgets = dict(budgets)
        self.counts.restore(counts)
        self.periods.restore(periods)
        self.stores.restore(stores)


def _was_interrupted(thing: Thing) -> bool:
    """Whether EC2 took a Spot Instance back."""
    instance = find_instance(thing.account, thing.region, thing.resource)
    reason = getattr(instance, "_reason", "") or ""
    return str(reason).startswith("Server.SpotInstance")
