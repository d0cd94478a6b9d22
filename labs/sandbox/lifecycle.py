"""EC2 instances take their time: moto changes their state at once, here they pass through the states between.

RunInstances and StartInstances lead to `running` through `pending`, StopInstances to `stopped` through
`stopping`, TerminateInstances to `terminated` through `shutting-down`; each takes a few seconds of the
world's time. EC2 User Guide, "Amazon EC2 instance state changes".

boto3's waiters look every 15 seconds. One that looks at an instance on its way is answered when the instance
has arrived, so that nobody waits longer than the change takes.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from labs.aws.ec2.lifecycle import InstanceState
from labs.sandbox.agenda import agenda_at_hand
from labs.sandbox.databases.states import arrives
from labs.sandbox.databases.states import find as find_database
from labs.sandbox.lives import find_instance, life_of
from labs.sandbox.moto_time import world_now
from labs.sandbox.state import WorldState
from labs.sandbox.wire import Call

__all__ = ["ARRIVAL", "TAKES", "hold", "take_time", "watch"]

ARRIVAL = "ec2.arrival"
TAKES = {
    InstanceState.PENDING: timedelta(seconds=3),
    InstanceState.STOPPING: timedelta(seconds=5),
    InstanceState.SHUTTING_DOWN: timedelta(seconds=5),
}
"""How long each state between lasts; on AWS a few seconds to a minute."""

LONGEST_HOLD = 20.0  # seconds that a waiter's question is held
PAUSE = 0.05  # seconds between two looks at the instances

_PATCHED = threading.Event()
# What RunInstances says about the interruption of Spot Instances, which moto lets fall.
_on_interruption: ContextVar[str] = ContextVar("on_interruption", default="terminate")


def take_time() -> None:
    """Let moto's instances pass through the states between; call this once."""
    from moto.ec2.models.instances import Instance, InstanceBackend
    from moto.ec2.responses.instances import InstanceResponse

    if _PATCHED.is_set():
        return
    _PATCHED.set()
    _lead(Instance, "start", InstanceState.PENDING, InstanceState.RUNNING)
    _lead(Instance, "stop", InstanceState.STOPPING, InstanceState.STOPPED)
    _lead(Instance, "terminate", InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)
    run_instances, answer = InstanceBackend.run_instances, InstanceResponse.run_instances

    @wraps(run_instances)
    def launch(self: Any, *args: Any, **kwargs: Any) -> Any:
        reservation = run_instances(self, *args, **kwargs)
        for instance in reservation.instances:
            life_of(instance).on_interruption = _on_interruption.get()
            life_of(instance).public_key = _public_key(self, instance.key_name)
            _depart(instance, InstanceState.PENDING, InstanceState.RUNNING)
        return reservation

    @wraps(answer)
    def asked(self: Any) -> Any:
        wanted = self._get_param("InstanceMarketOptions.SpotOptions.InstanceInterruptionBehavior")
        token = _on_interruption.set(wanted or "terminate")
        try:
            return answer(self)
        finally:
            _on_interruption.reset(token)

    InstanceBackend.run_instances, InstanceResponse.run_instances = launch, asked


def _public_key(backend: Any, name: str | None) -> str:
    """What the instance keeps of its key pair, also when that is deleted."""
    pair = backend.key_pairs.get(name)
    if pair is None:
        return ""
    kind, material, *_ = bytes(pair.material_public).decode("ascii", "replace").split()
    return f"{kind} {material} {name}"


def _lead(kind: Any, name: str, via: InstanceState, to: InstanceState) -> None:
    """Let a method of moto's instances lead to a state through another one."""
    original = getattr(kind, name)

    @wraps(original)
    def replaced(self: Any) -> Any:
        before = original(self)
        if before.name in (via, to):  # it is there, or on its way, and stays so
            self._state.name, self._state.code = before.name, before.code
            return before
        if to is InstanceState.RUNNING:
            self.launch_time = world_now().replace(tzinfo=None)
        _depart(self, via, to)
        return before

    setattr(kind, name, replaced)


def _depart(instance: Any, via: InstanceState, to: InstanceState) -> None:
    """Set out for a state: the one between now, the other when its time has passed.

    While a world is prepared, and outside of any world, it is there at once.
    """
    now, agenda, life = world_now(), agenda_at_hand(), life_of(instance)
    life.notice = None
    if agenda is None or agenda.hurried:
        _enter(instance, to, now)
        return
    _enter(instance, via, now)
    life.arrives = now + TAKES[via]
    backend = instance.ec2_backend
    about = {"account": backend.account_id, "region": backend.region_name, "instance": instance.id}
    agenda.plan(life.arrives, ARRIVAL, **about, to=to.value)


def _enter(instance: Any, state: InstanceState, now: datetime) -> None:
    instance._state.name, instance._state.code = state.value, state.code
    life = life_of(instance)
    life.states.append((now, state))
    life.arrives = None


def watch(state: WorldState) -> None:
    """Let the instances of this world arrive when their time has come."""
    state.agenda.on(ARRIVAL, _arrive)


def _arrive(moment: datetime, about: Mapping[str, Any]) -> str | None:
    instance = find_instance(about["account"], about["region"], about["instance"])
    if instance is None or life_of(instance).arrives != moment:
        return None  # another call has sent it elsewhere since
    to = InstanceState(about["to"])
    _enter(instance, to, moment)
    return f"{instance.id} is {to.value}"


# -- waiters -----------------------------------------------------------------------------------------------

_LOOKS = frozenset(
    {("ec2", "DescribeInstances"), ("ec2", "DescribeInstanceStatus"), ("rds", "DescribeDBInstances")}
)
# botocore lists in its user agent which of its features a request came from; B is the waiters.
_FEATURES = re.compile(r"(?:^| )m/(\S+)")


def hold(call: Call, account: str, user_agent: str, state: WorldState) -> None:
    """Wait, outside the world's lock, while a waiter looks at instances that are on their way."""
    if (call.service, call.operation) not in _LOOKS or not _is_waiter(user_agent):
        return
    deadline = time.monotonic() + LONGEST_HOLD
    while time.monotonic() < deadline and _on_their_way(call, account, state.clock.now()):
        time.sleep(PAUSE)


def _is_waiter(user_agent: str) -> bool:
    found = _FEATURES.search(user_agent)
    return found is not None and "B" in found[1].split(",")


def _on_their_way(call: Call, account: str, now: datetime) -> bool:
    arrivals: Iterator[datetime | None]
    if call.service == "rds":
        database = find_database(account, call.region, str(call.params.get("DBInstanceIdentifier")))
        arrivals = (arrives(each) for each in (database,) if each is not None)
    else:
        found = (find_instance(account, call.region, each) for each in call.params.get("InstanceIds") or ())
        arrivals = (life_of(instance).arrives for instance in found if instance is not None)
    return any(moment is not None and moment > now for moment in arrivals)
