"""Instances: which call is legal in which state, and their credit specification.

Which state allows what is the business of `labs.aws.ec2.lifecycle`; here it is asked about moto's instances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from labs.aws.ec2 import (
    BURSTABLE,
    Call,
    Image,
    InstanceFacts,
    InstanceState,
    InstanceType,
    Launch,
    check_launch,
    credit_rule,
)
from labs.aws.ec2 import answer as ruling
from labs.errors import Ec2Error
from labs.sandbox.answers import render
from labs.sandbox.carrier import Answer
from labs.sandbox.lives import life_of
from labs.sandbox.strict.launches import image_of, launch_at_hand, refused_by_ec2
from labs.sandbox.strict.looks import ec2_of, instance_of
from labs.sandbox.strict.pages import ec2_api, page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Asked, Check, Refusal, Rule, Source

__all__ = ["RULES", "patch", "ruled"]


# -- states ------------------------------------------------------------------------------------------------


def ruled(call: Call, instance: Any) -> Refusal | None:
    """How AWS refuses a call on an instance in its state; None when it takes it."""
    state = InstanceState(instance.state)
    refusal = ruling(call, state, _facts(instance)).refusal
    return refused_by_ec2(refusal) if refusal is not None else None


def _facts(instance: Any) -> InstanceFacts:
    return InstanceFacts(
        instance.id,
        root="ebs" if instance.root_device_type == "ebs" else "instance-store",
        termination_protection=_truth(instance.disable_api_termination),
        stop_protection=_truth(instance.disable_api_stop),
        hibernation_configured=_truth((instance.hibernation_options or {}).get("Configured")),
        has_run=any(state is InstanceState.RUNNING for _, state in life_of(instance).states),
    )


def _truth(value: object) -> bool:
    """moto keeps what was sent, and that is a text in one form of the call."""
    return str(value).lower() == "true"


def _instances(ask: Asked) -> Iterator[Any]:
    ec2 = ec2_of(ask)
    named = (*ask.texts("InstanceIds"), ask.text("InstanceId"))
    yield from (found for each in named if (found := instance_of(ec2, each)) is not None)


def _in_state(call: Call) -> Check:
    def check(ask: Asked) -> Refusal | None:
        return next((found for each in _instances(ask) if (found := ruled(call, each)) is not None), None)

    return check


def _stop(ask: Asked) -> Refusal | None:
    return _in_state(Call.HIBERNATE if ask.params.get("Hibernate") else Call.STOP)(ask)


def _attribute(ask: Asked, name: str) -> object:
    """The value that ModifyInstanceAttribute gives an attribute, in either of its forms; None for others."""
    if ask.text("Attribute") == name[:1].lower() + name[1:]:
        return ask.params.get("Value")
    return (ask.params.get(name) or {}).get("Value")


def _type_of_running(ask: Asked) -> Refusal | None:
    return _in_state(Call.CHANGE_TYPE)(ask) if _attribute(ask, "InstanceType") is not None else None


def _type_of_image(ask: Asked) -> Refusal | None:
    """Whether there is such a type, and whether it runs what the image of the instance holds."""
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    wanted, ec2 = _attribute(ask, "InstanceType"), ec2_of(ask)
    if wanted is None:
        return None
    try:
        kind = InstanceType.parse(str(wanted))
    except Ec2Error as unknown:
        return _no_type(wanted, unknown.hint)
    if kind.name not in INSTANCE_TYPES:
        return _no_type(wanted, "DescribeInstanceTypes lists the types that there are.")
    for instance in _instances(ask):
        image, region = image_of(ec2, instance.image_id), ask.call.region
        if image is not None:
            held = Image(image.id, region, image.architecture or "x86_64")
            for refusal in check_launch(Launch(kind, held, region)):
                return refused_by_ec2(refusal)
    return None


def _no_type(wanted: object, hint: str) -> Refusal:
    message = f"Invalid value '{wanted}' for instanceType."
    return Refusal("InvalidInstanceAttributeValue", message, f"there is no instance type {wanted!r}", hint)


# -- CPU credits -------------------------------------------------------------------------------------------


def _mode(instance: Any) -> str | None:
    """The credit specification that an instance has now; None when its type earns no credits."""
    if instance.instance_type not in BURSTABLE:
        return None
    said = life_of(instance).credits
    return said[-1][1] if said else credit_rule(instance.instance_type).default_mode


def _specifications(ask: Asked, forward: Callable[[], Answer]) -> Answer:
    """DescribeInstanceCreditSpecifications: those asked for, or all that are not in standard mode for T2."""
    ec2, wanted = ec2_of(ask), ask.texts("InstanceIds")
    if any(instance_of(ec2, each) is None for each in wanted):
        return forward()  # moto says which there is not
    instances = [instance_of(ec2, each) for each in wanted] if wanted else list(ec2.all_instances())
    shown = [(each.id, mode) for each in instances if (mode := _mode(each)) is not None]
    items = [{"InstanceId": instance_id, "CpuCredits": mode} for instance_id, mode in shown]
    return render(ask.call, {"InstanceCreditSpecifications": items}, "")


def _modify(ask: Asked, _: Callable[[], Answer]) -> Answer:
    done, failed = [], []
    for each in ask.params.get("InstanceCreditSpecifications") or ():
        instance_id = str(each.get("InstanceId"))
        error = _change(ec2_of(ask), instance_id, str(each.get("CpuCredits")), ask.now)
        if error is None:
            done.append({"InstanceId": instance_id})
        else:
            failed.append({"InstanceId": instance_id, "Error": error})
    output = {
        "SuccessfulInstanceCreditSpecifications": done,
        "UnsuccessfulInstanceCreditSpecifications": failed,
    }
    return render(ask.call, output, "")


def _change(ec2: Any, instance_id: str, mode: str, now: datetime) -> Mapping[str, str] | None:
    instance = instance_of(ec2, instance_id)
    if instance is None:
        message = f"The instance ID '{instance_id}' does not exist"
        return {"Code": "InvalidInstanceID.NotFound", "Message": message}
    if instance.instance_type not in BURSTABLE:
        message = f"The instance type {instance.instance_type} does not support credit specifications."
        return {"Code": "InstanceCreditSpecification.NotSupported", "Message": message}
    refusal = ruled(Call.CHANGE_CREDITS, instance)
    if refusal is not None:
        return {"Code": refusal.code, "Message": refusal.message}
    life_of(instance).credits.append((now, mode))
    return None


def patch() -> None:
    """Have moto's instances remember the credit specification of their launch, and know their profile."""
    from moto.ec2.models.iam_instance_profile import (
        IamInstanceProfileAssociation,
        IamInstanceProfileAssociationBackend,
    )
    from moto.ec2.models.instances import InstanceBackend

    from labs.sandbox.moto_time import world_now

    @instead(InstanceBackend, "run_instances")
    def launched(run: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        reservation = run(self, *args, **kwargs)
        mode = (launch_at_hand().get("CreditSpecification") or {}).get("CpuCredits")
        for instance in reservation.instances if mode and CREDITS.on else ():
            if instance.instance_type in BURSTABLE:
                life_of(instance).credits.append((world_now(), str(mode)))
        return reservation

    @instead(IamInstanceProfileAssociation, "__init__")
    def associated(begin: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        _show_profile(self)

    @instead(IamInstanceProfileAssociationBackend, "replace_iam_instance_profile_association")
    def replaced(replace: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        association = replace(self, *args, **kwargs)
        _show_profile(association)
        return association


def _show_profile(association: Any) -> None:
    if PROFILE.on:
        profile = association.iam_instance_profile
        association.instance.iam_instance_profile = {"Arn": profile.arn, "Id": profile.id}


# -- the table ---------------------------------------------------------------------------------------------

_LIFECYCLE = page("EC2 User Guide", "Amazon EC2 instance state changes", "ec2-instance-lifecycle")
_CREDITS = page("EC2 User Guide", "Unlimited mode for burstable performance instances", "unlimited-mode")


def _state_rule(
    id: str, says: str, moto: str, source: Source, operation: str, code: str, check: Check
) -> Rule:
    return Rule(id, "refuses", says, moto, source, operations=(f"ec2:{operation}",), code=code, check=check)


CREDITS = Rule(
    "ec2.credit-specification",
    "repairs",
    "T3, T3a and T4g instances are launched unlimited, T2 instances standard; a launch may say otherwise.",
    "It calls all of them standard, whatever was said.",
    _CREDITS,
    operations=("ec2:DescribeInstanceCreditSpecifications",),
    around=_specifications,
)

PROFILE = Rule(
    "ec2.profile-of-instance",
    "repairs",
    "An instance shows the ARN and the id of the instance profile that it has now.",
    "It shows the id of the association, and after a replacement the old profile.",
    ec2_api("IamInstanceProfile"),
    operations=(
        "ec2:RunInstances",
        "ec2:AssociateIamInstanceProfile",
        "ec2:ReplaceIamInstanceProfileAssociation",
    ),
)

RULES = (
    _state_rule(
        "ec2.start-stopped",
        "Only a stopped instance can be started.",
        "It starts one that is terminated.",
        _LIFECYCLE,
        "StartInstances",
        "IncorrectInstanceState",
        _in_state(Call.START),
    ),
    _state_rule(
        "ec2.stop-running",
        "An instance that is gone cannot be stopped, nor one that has never run.",
        "It stops one that is terminated.",
        _LIFECYCLE,
        "StopInstances",
        "IncorrectInstanceState",
        _stop,
    ),
    _state_rule(
        "ec2.termination-protected",
        "An instance with termination protection cannot be terminated.",
        "It takes no notice of protection that is set by DisableApiTermination at a launch, or by Attribute "
        "and Value.",
        page("EC2 User Guide", "Change termination protection", "Using_ChangingDisableAPITermination"),
        "TerminateInstances",
        "OperationNotPermitted",
        _in_state(Call.TERMINATE),
    ),
    _state_rule(
        "ec2.type-of-stopped",
        "The type of an instance can be changed while it is stopped.",
        "It changes the type of a running instance.",
        page("EC2 User Guide", "Change the instance type", "ec2-instance-resize"),
        "ModifyInstanceAttribute",
        "IncorrectInstanceState",
        _type_of_running,
    ),
    _state_rule(
        "ec2.type-of-image",
        "The new type of an instance exists, and runs what its image holds.",
        "It takes any text.",
        page("EC2 User Guide", "Compatibility for changing the instance type", "resize-limitations"),
        "ModifyInstanceAttribute",
        "InvalidInstanceAttributeValue",
        _type_of_image,
    ),
    _state_rule(
        "ec2.address-of-live",
        "An Elastic IP address is associated with an instance that is neither pending nor gone.",
        "It associates an address with a terminated instance.",
        ec2_api("AssociateAddress"),
        "AssociateAddress",
        "InvalidInstanceID",
        _in_state(Call.ASSOCIATE_ADDRESS),
    ),
    _state_rule(
        "ec2.profile-of-live",
        "An instance profile is associated with an instance that is running or stopped.",
        "It associates one with a terminated instance.",
        ec2_api("AssociateIamInstanceProfile"),
        "AssociateIamInstanceProfile",
        "IncorrectInstanceState",
        _in_state(Call.ASSOCIATE_PROFILE),
    ),
    PROFILE,
    CREDITS,
    Rule(
        "ec2.credit-specification-change",
        "repairs",
        "The credit specification of an instance can be changed at any time.",
        "It does not have the operation.",
        ec2_api("ModifyInstanceCreditSpecification"),
        operations=("ec2:ModifyInstanceCreditSpecification",),
        around=_modify,
    ),
)
