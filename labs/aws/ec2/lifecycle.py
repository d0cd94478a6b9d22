"""The life of an instance: its states, which calls are legal in which, and what each call leads to.

    RunInstances -> pending -> running -> shutting-down -> terminated
                       ^          |            ^
                       |          v            |
                    stopped <- stopping -------+ (TerminateInstances, from any state)

Source: EC2 User Guide, "Amazon EC2 instance state changes"; EC2 API Reference, the page of each call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from labs.aws.ec2.refusals import Refusal

__all__ = ["LAUNCH", "Answer", "Call", "InstanceFacts", "InstanceState", "answer", "legal_calls"]

_GUIDE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide"
_API: Final = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"


class InstanceState(StrEnum):
    """A state as `DescribeInstances` names it."""

    PENDING = "pending"
    RUNNING = "running"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"
    STOPPING = "stopping"
    STOPPED = "stopped"

    @property
    def code(self) -> int:
        """The number that AWS gives beside the name: 16 is running."""
        return 16 * list(InstanceState).index(self)


_PENDING, _RUNNING, _SHUTTING_DOWN, _TERMINATED, _STOPPING, _STOPPED = InstanceState
_GONE: Final = frozenset({_SHUTTING_DOWN, _TERMINATED})
_SETTLED: Final = frozenset({_RUNNING, _STOPPED})

LAUNCH: Final = (_PENDING, _RUNNING)
"""The states that `RunInstances` leads through."""


class Call(StrEnum):
    """A call on one instance, with the parameter that matters; the value starts with the API's name."""

    START = "StartInstances"
    STOP = "StopInstances"
    HIBERNATE = "StopInstances with Hibernate"
    REBOOT = "RebootInstances"
    TERMINATE = "TerminateInstances"
    CHANGE_TYPE = "ModifyInstanceAttribute of InstanceType"
    CHANGE_CREDITS = "ModifyInstanceCreditSpecification"
    ATTACH_VOLUME = "AttachVolume"
    DETACH_ROOT = "DetachVolume of the root volume"
    ASSOCIATE_ADDRESS = "AssociateAddress"
    ASSOCIATE_PROFILE = "AssociateIamInstanceProfile"

    @property
    def operation(self) -> str:
        """The name of the API operation."""
        return self.value.partition(" ")[0]

    @property
    def source(self) -> str:
        """The operation's page in the EC2 API Reference."""
        return f"{_API}/API_{self.operation}.html"


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """What an answer depends on besides the state.

    `has_run` is false only before an instance has been `running` for the first time.
    """

    instance_id: str = "i-1234567890abcdef0"
    root: Literal["ebs", "instance-store"] = "ebs"
    termination_protection: bool = False
    stop_protection: bool = False
    hibernation_configured: bool = False
    has_run: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What AWS answers to a call on an instance in a state.

    `path` holds the states that follow, in order; it is empty when the state stays. `refusal` is None when
    the call is legal.
    """

    call: Call
    state: InstanceState
    path: tuple[InstanceState, ...]
    says: str
    source: str
    refusal: Refusal | None = None

    @property
    def allowed(self) -> bool:
        """Whether AWS accepts the call."""
        return self.refusal is None

    @property
    def ends_in(self) -> InstanceState:
        """The state that the instance comes to rest in."""
        return self.path[-1] if self.path else self.state


_Path: TypeAlias = tuple[InstanceState, ...]
_Ruling: TypeAlias = tuple[_Path, str] | Refusal
_Rule: TypeAlias = Callable[[InstanceState, InstanceFacts], _Ruling]


def answer(call: Call, state: InstanceState, facts: InstanceFacts | None = None) -> Answer:
    """What AWS answers to this call on an instance in this state."""
    ruling = _RULES[call](state, facts or InstanceFacts())
    if isinstance(ruling, Refusal):
        return Answer(call, state, (), ruling.says, ruling.source, ruling)
    path, says = ruling
    return Answer(call, state, path, says, call.source)


def legal_calls(state: InstanceState, facts: InstanceFacts | None = None) -> tuple[Call, ...]:
    """The calls that AWS accepts in this state, those that change nothing included."""
    return tuple(call for call in Call if answer(call, state, facts).allowed)


def _start(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    if facts.root == "instance-store":
        return _no_ebs_root(facts, "started", Call.START)
    if state is _STOPPED:
        return LAUNCH, "A stopped instance starts, in most cases on another host."
    if state in LAUNCH:
        return (), f"The instance is {state} already, and nothing changes."
    return _wrong_state(
        f"The instance '{facts.instance_id}' is not in a state from which it can be started.",
        f"Only a stopped instance can be started, and this one is {state}.",
        "Wait until it is stopped." if state is _STOPPING else "Launch another one with RunInstances.",
        Call.START.source,
    )


def _stop(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    if facts.root == "instance-store":
        return _no_ebs_root(facts, "stopped", Call.STOP)
    if state in _GONE:
        return _wrong_state(
            f"This instance '{facts.instance_id}' is not in a state from which it can be stopped.",
            f"An instance that is {state} cannot be stopped.",
            "Nothing is left to stop; it no longer bills as an instance.",
            Call.STOP.source,
        )
    if state in (_STOPPING, _STOPPED):
        return (), f"The instance is {state} already, and nothing changes."
    if facts.stop_protection:
        return _protected(facts, "stopped", "disableApiStop", f"{_GUIDE}/ec2-stop-protection.html")
    if state is _PENDING and not facts.has_run:
        return _wrong_state(
            f"Instance '{facts.instance_id}' cannot be stopped as it has never reached the 'running' state.",
            "An instance that is being launched can be stopped only once it has been running.",
            "Wait until it is running, or terminate it.",
            f"{_GUIDE}/ec2-instance-lifecycle.html",
        )
    return (_STOPPING, _STOPPED), "The instance shuts down; its EBS volumes stay attached."


def _hibernate(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    stopped = _stop(state, facts)
    if isinstance(stopped, Refusal) or not stopped[0]:
        return stopped
    if not facts.hibernation_configured:
        return Refusal(
            "UnsupportedHibernationConfiguration",
            f"The following instances are not configured for hibernation: {facts.instance_id}",
            "Hibernation has to be enabled when the instance is launched.",
            "Launch with HibernationOptions Configured=true and an encrypted root volume that holds the RAM.",
            f"{_GUIDE}/hibernating-prerequisites.html",
        )
    return stopped[0], "The memory is written to the root volume; the instance bills until it is stopped."


def _reboot(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    if state is _RUNNING:
        return (
            (),
            "The system restarts on the same host; the instance stays running, and keeps its addresses.",
        )
    return (), f"AWS accepts the request, but an instance that is {state} has no system to restart."


def _terminate(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    if state in _GONE:
        return (), f"The instance is {state} already; terminating it again succeeds and changes nothing."
    if facts.termination_protection:
        return _protected(
            facts,
            "terminated",
            "disableApiTermination",
            f"{_GUIDE}/Using_ChangingDisableAPITermination.html",
        )
    return (_SHUTTING_DOWN, _TERMINATED), "The instance is deleted, for good, from whatever state it is in."


def _change_type(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    if state is _STOPPED:
        return (), "The type of a stopped instance can be changed, if the new one suits its AMI."
    return _wrong_state(
        f"The instance '{facts.instance_id}' is not in the 'stopped' state.",
        f"The type can be changed only while the instance is stopped, and this one is {state}.",
        "Stop it first." if state in (*LAUNCH, _STOPPING) else "Launch another one with RunInstances.",
        f"{_GUIDE}/Stop_Start.html",
    )


def _change_credits(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    return _while_settled(state, facts, Call.CHANGE_CREDITS, "The credit specification changes at once.")


def _associate_profile(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    says = "The instance gets the role's credentials without a restart."
    return _while_settled(state, facts, Call.ASSOCIATE_PROFILE, says)


def _while_settled(state: InstanceState, facts: InstanceFacts, call: Call, says: str) -> _Ruling:
    if state in _SETTLED:
        return (), says
    return _wrong_state(
        f"The instance '{facts.instance_id}' is not in the 'running' or 'stopped' states.",
        f"This works on an instance that is running or stopped, and this one is {state}.",
        "It is gone for good." if state in _GONE else "Wait until it is running or stopped.",
        call.source,
    )


def _attach_volume(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    if state in _SETTLED:
        return (), "A volume of the same Availability Zone can be attached."
    return Refusal(
        "IncorrectState",
        f"Instance '{facts.instance_id}' is not 'running'.",
        f"A volume is attached to an instance that is running or stopped, and this one is {state}.",
        "It is gone for good." if state in _GONE else "Wait until it is running or stopped.",
        Call.ATTACH_VOLUME.source,
    )


def _detach_root(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    if state is _STOPPED:
        return (), "The root volume of a stopped instance can be detached and mended elsewhere."
    return Refusal(
        "IncorrectState",
        f"Unable to detach root volume from instance '{facts.instance_id}'",
        f"The root volume can be detached only while the instance is stopped, and this one is {state}.",
        "Stop the instance first." if state not in _GONE else "It is gone for good.",
        Call.DETACH_ROOT.source,
    )


def _associate_address(state: InstanceState, facts: InstanceFacts) -> _Ruling:
    if state in (_PENDING, *_GONE):
        return Refusal(
            "InvalidInstanceID",
            f"The {state} instance '{facts.instance_id}' is not in a valid state for this operation.",
            f"An instance that is {state} takes no Elastic IP address.",
            "Wait until it is running." if state is _PENDING else "It is gone for good.",
            Call.ASSOCIATE_ADDRESS.source,
        )
    return (), "The Elastic IP address replaces the public IPv4 address that AWS gave."


def _wrong_state(message: str, says: str, hint: str, source: str) -> Refusal:
    return Refusal("IncorrectInstanceState", message, says, hint, source)


def _no_ebs_root(facts: InstanceFacts, done: str, call: Call) -> Refusal:
    return Refusal(
        "UnsupportedOperation",
        f"The instance '{facts.instance_id}' does not have an 'ebs' root device type and cannot be {done}.",
        "An instance whose root is an instance store can be rebooted or terminated, and nothing else.",
        "Launch from an AMI with an EBS root volume.",
        call.source,
    )


def _protected(facts: InstanceFacts, done: str, attribute: str, source: str) -> Refusal:
    return Refusal(
        "OperationNotPermitted",
        f"The instance '{facts.instance_id}' may not be {done}. "
        f"Modify its '{attribute}' instance attribute and try again.",
        f"The instance is protected from being {done}.",
        f"Set {attribute} to false with ModifyInstanceAttribute.",
        source,
    )


_RULES: Final[dict[Call, _Rule]] = {
    Call.START: _start,
    Call.STOP: _stop,
    Call.HIBERNATE: _hibernate,
    Call.REBOOT: _reboot,
    Call.TERMINATE: _terminate,
    Call.CHANGE_TYPE: _change_type,
    Call.CHANGE_CREDITS: _change_credits,
    Call.ATTACH_VOLUME: _attach_volume,
    Call.DETACH_ROOT: _detach_root,
    Call.ASSOCIATE_ADDRESS: _associate_address,
    Call.ASSOCIATE_PROFILE: _associate_profile,
}
