"""EC2 wants a Spot Instance back: the notice two minutes ahead, then what its request says.

EC2 User Guide, "Spot Instance interruption notices" and "Behavior of Spot Instance interruptions"; the codes
are those of StateReason in the EC2 API Reference and of "Spot request status" in the user guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from labs.errors import InputError
from labs.sandbox.deeds import Deeds
from labs.sandbox.live import live
from labs.sandbox.lives import Notice, find_instance, life_of
from labs.sandbox.state import WorldState

__all__ = ["WARNING", "enable"]

WARNING = timedelta(minutes=2)
NOTICE, END = "ec2.spot.notice", "ec2.spot.end"

_CODES = {
    "terminate": ("Server.SpotInstanceTermination", "Spot Instance termination"),
    "stop": ("Server.SpotInstanceShutdown", "Spot Instance shutdown"),
    "hibernate": ("Server.SpotInstanceShutdown", "Spot Instance shutdown"),
}
_STATUS = {
    "terminate": ("closed", "instance-terminated-no-capacity"),
    "stop": ("disabled", "instance-stopped-no-capacity"),
    "hibernate": ("disabled", "instance-hibernate-no-capacity"),
}
_MARKED = {"terminate": "marked-for-termination", "stop": "marked-for-stop", "hibernate": "marked-for-stop"}


def enable(state: WorldState, deeds: Deeds) -> None:
    """Let Spot Instances of this world be interrupted."""
    deeds.on("interrupt", partial(_announce, state))
    state.agenda.on(NOTICE, _notify)
    state.agenda.on(END, _interrupt)


def _announce(state: WorldState, now: datetime, arguments: Mapping[str, Any]) -> tuple[str, Any]:
    """Plan an interruption: `seconds` from now, or as soon as the warning allows."""
    instance = find_instance(state.account, None, str(arguments.get("instance")))
    if instance is None:
        raise InputError("No such instance", f"This world has no instance {arguments.get('instance')!r}.")
    if instance.lifecycle != "spot":
        raise InputError(
            "Only Spot Instances are interrupted",
            f"{instance.id} is an On-Demand Instance.",
            "Launch one with InstanceMarketOptions={'MarketType': 'spot'}.",
        )
    if instance.state not in ("pending", "running"):
        raise InputError("The instance does not run", f"{instance.id} is {instance.state}.")
    action = _behaviour(instance)
    warning = timedelta() if action == "hibernate" else WARNING  # which begins with the notice
    moment = max(now + timedelta(seconds=float(arguments.get("seconds", 0))), now + warning)
    backend = instance.ec2_backend
    about = {"account": backend.account_id, "region": backend.region_name, "instance": instance.id}
    for kind in (NOTICE, END):
        state.agenda.cancel(kind, **about)
    state.agenda.plan(moment - warning, NOTICE, **about, action=action, at=moment.isoformat())
    state.agenda.plan(moment, END, **about, action=action)
    state.settle_until(now)  # the notice, when it is due already
    what = f"interrupt {instance.id}"
    return what, {"instance": instance.id, "action": action, "time": moment.isoformat()}


def _behaviour(instance: Any) -> str:
    request = _request_of(instance)
    return str(request.instance_interruption_behaviour if request else life_of(instance).on_interruption)


def _request_of(instance: Any) -> Any:
    """The request that the instance fulfils; None when it came from RunInstances."""
    requests = instance.ec2_backend.spot_instance_requests.values()
    return next((each for each in requests if getattr(each, "instance", None) is instance), None)


def _notify(moment: datetime, about: Mapping[str, Any]) -> str | None:
    instance = _still_running(about)
    if instance is None:
        return None
    life_of(instance).notice = Notice(about["action"], datetime.fromisoformat(about["at"]))
    if (request := _request_of(instance)) is not None:
        request._status_code = _MARKED[about["action"]]
        request.status_message = f"Your Spot Instance is {_MARKED[about['action']].replace('-', ' ')}."
    return f"{instance.id} got a Spot interruption notice: {about['action']} at {about['at']}"


def _interrupt(moment: datetime, about: Mapping[str, Any]) -> str | None:
    instance = _still_running(about)
    if instance is None:
        return None
    action, request = about["action"], _request_of(instance)
    if action == "terminate":
        instance.terminate()
        for service in ("autoscaling", "elbv2"):
            if (backend := live(service, about["account"], about["region"])) is not None:
                backend.notify_terminate_instances([instance.id])
    else:
        instance.stop()
    code, message = _CODES[action]
    instance._reason = f"{code}: {message}"
    instance.state_reason.code, instance.state_reason.message = code, f"{code}: {message}"
    if request is not None:
        request.state, request._status_code = _STATUS[action]
        request.status_message = "There is no Spot capacity available that matches your request."
    return f"{instance.id} was interrupted: {action}"


def _still_running(about: Mapping[str, Any]) -> Any:
    instance = find_instance(about["account"], about["region"], about["instance"])
    return instance if instance is not None and instance.state in ("pending", "running") else None
