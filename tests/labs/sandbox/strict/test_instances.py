"""Instances and their states."""

from __future__ import annotations

from typing import Any

import pytest

from labs.aws.ec2 import Call
from labs.sandbox import World, strict
from tests.labs.sandbox.houses import House, code
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Repair,
    Table,
    client,
    try_refusal,
    try_repair,
)
from tests.labs.sandbox.strict.networks import address, image, instance

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired


def _gone(house: House) -> str:
    made = instance(house)
    client(house, "ec2").terminate_instances(InstanceIds=[made])
    return made


# -- states ------------------------------------------------------------------------------------------------


@refused("ec2.start-stopped", "IncorrectInstanceState", "is not in a state from which it can be started")
def start_a_terminated_instance(house: House) -> Attempt:
    gone = _gone(house)
    return lambda: client(house, "ec2").start_instances(InstanceIds=[gone])


@refused("ec2.stop-running", "IncorrectInstanceState", "is not in a state from which it can be stopped")
def stop_a_terminated_instance(house: House) -> Attempt:
    gone = _gone(house)
    return lambda: client(house, "ec2").stop_instances(InstanceIds=[gone])


@refused("ec2.stop-running", "UnsupportedHibernationConfiguration", "not configured for hibernation")
def hibernate_what_is_not_made_for_it(house: House) -> Attempt:
    made = instance(house)
    return lambda: client(house, "ec2").stop_instances(InstanceIds=[made], Hibernate=True)


def test_an_instance_on_its_way_up_for_the_first_time_takes_neither_a_stop_nor_an_address(
    world: World,
) -> None:
    ec2 = world.client("ec2")
    launch = {"ImageId": ec2.describe_images()["Images"][0]["ImageId"], "InstanceType": "t3.micro"}
    made = ec2.run_instances(**launch, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    assert code(ec2.stop_instances, InstanceIds=[made]) == "IncorrectInstanceState"
    assert code(ec2.associate_address, AllocationId=allocation, InstanceId=made) == "InvalidInstanceID"
    refused = [each for each in world.events() if each.error]
    assert [each.explanations[0].rule for each in refused] == ["ec2.stop-running", "ec2.address-of-live"]
    world.advance(minutes=1)
    ec2.associate_address(AllocationId=allocation, InstanceId=made)
    ec2.stop_instances(InstanceIds=[made])


@refused("ec2.termination-protected", "OperationNotPermitted", "may not be terminated")
def terminate_a_protected_instance(house: House) -> Attempt:
    ec2, made = client(house, "ec2"), instance(house)
    ec2.modify_instance_attribute(InstanceId=made, Attribute="disableApiTermination", Value="true")
    return lambda: ec2.terminate_instances(InstanceIds=[made])


def test_protection_can_be_taken_off(house: House) -> None:
    ec2, made = client(house, "ec2"), instance(house, DisableApiTermination=True)
    assert code(ec2.terminate_instances, InstanceIds=[made]) == "OperationNotPermitted"
    ec2.modify_instance_attribute(InstanceId=made, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[made])


@refused("ec2.type-of-stopped", "IncorrectInstanceState", "is not in the 'stopped' state.")
def type_of_a_running_instance(house: House) -> Attempt:
    change = {"InstanceId": instance(house), "InstanceType": {"Value": "t3.small"}}
    return lambda: client(house, "ec2").modify_instance_attribute(**change)


def _stopped(house: House, **options: Any) -> str:
    made = instance(house, **options)
    client(house, "ec2").stop_instances(InstanceIds=[made])
    return made


@refused("ec2.type-of-image", "InvalidInstanceAttributeValue", "t3.huge")
def type_that_there_is_not(house: House) -> Attempt:
    change = {"InstanceId": _stopped(house), "InstanceType": {"Value": "t3.huge"}}
    return lambda: client(house, "ec2").modify_instance_attribute(**change)


@refused("ec2.type-of-image", "InvalidParameterValue", "The architecture 'arm64' of the specified")
def type_of_another_architecture(house: House) -> Attempt:
    change = {"InstanceId": _stopped(house), "Attribute": "instanceType", "Value": "t4g.micro"}
    return lambda: client(house, "ec2").modify_instance_attribute(**change)


def test_a_stopped_instance_can_have_another_type(house: House) -> None:
    made = _stopped(house)
    ec2 = client(house, "ec2")
    ec2.modify_instance_attribute(InstanceId=made, InstanceType={"Value": "m7i.large"})
    found = ec2.describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"][0]
    assert found["InstanceType"] == "m7i.large"


@refused("ec2.address-of-live", "InvalidInstanceID", "is not in a valid state for this operation")
def address_of_a_terminated_instance(house: House) -> Attempt:
    gone, allocation = _gone(house), address(house)
    return lambda: client(house, "ec2").associate_address(AllocationId=allocation, InstanceId=gone)


@refused("ec2.profile-of-live", "IncorrectInstanceState", "is not in the 'running' or 'stopped' states")
def profile_of_a_terminated_instance(house: House) -> Attempt:
    iam = client(house, "iam")
    iam.create_instance_profile(InstanceProfileName="box")
    house.role("app", {"Service": "ec2.amazonaws.com"})
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="app")
    wanted = {"InstanceId": _gone(house), "IamInstanceProfile": {"Name": "box"}}
    return lambda: client(house, "ec2").associate_iam_instance_profile(**wanted)


def test_each_call_that_the_rules_of_ec2_know_is_asked_about() -> None:
    asked = {operation for rule in strict.RULES for operation in rule.operations if rule.on}
    assert {f"ec2:{call.operation}" for call in Call} - asked == {"ec2:RebootInstances"}  # always taken


# -- CPU credits -------------------------------------------------------------------------------------------


def _modes(house: House) -> dict[str, str]:
    found = client(house, "ec2").describe_instance_credit_specifications()["InstanceCreditSpecifications"]
    return {each["InstanceId"]: each["CpuCredits"] for each in found}


@repaired(
    "ec2.credit-specification",
    aws=["unlimited", "standard", "unlimited", "standard"],
    moto=["standard", "standard", "standard", "standard"],
)
def modes_of_a_launch(house: House) -> Any:
    arm = image(house, "arm64")
    made = [
        instance(house),
        instance(house, InstanceType="t2.micro"),
        instance(house, InstanceType="t4g.micro", ImageId=arm),
        instance(house, CreditSpecification={"CpuCredits": "standard"}),
    ]
    asked = client(house, "ec2").describe_instance_credit_specifications(InstanceIds=made)
    return [each["CpuCredits"] for each in asked["InstanceCreditSpecifications"]]


@repaired("ec2.credit-specification-change", aws="standard", moto="NotImplemented")
def change_of_mode(house: House) -> Any:
    made = instance(house)
    change = [{"InstanceId": made, "CpuCredits": "standard"}]
    modify = client(house, "ec2").modify_instance_credit_specification
    return code(modify, InstanceCreditSpecifications=change) or _modes(house)[made]


# -- profiles ----------------------------------------------------------------------------------------------


def _profiles(house: House) -> dict[str, str]:
    """Two instance profiles, by their ids."""
    create = client(house, "iam").create_instance_profile
    made = [create(InstanceProfileName=name)["InstanceProfile"] for name in ("first", "second")]
    return {each["InstanceProfileId"]: each["InstanceProfileName"] for each in made}


@repaired("ec2.profile-of-instance", aws=["first", "second"], moto=[None, None])
def profile_of_an_instance(house: House) -> Any:
    ec2, known = client(house, "ec2"), _profiles(house)
    made = instance(house, IamInstanceProfile={"Name": "first"})

    def shown() -> str | None:
        found = ec2.describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"][0]
        return known.get(found["IamInstanceProfile"]["Id"])

    before = shown()
    held = ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"][0]
    ec2.replace_iam_instance_profile_association(
        AssociationId=held["AssociationId"], IamInstanceProfile={"Name": "second"}
    )
    return [before, shown()]


def test_a_change_of_mode_tells_what_went_wrong_with_each(house: House) -> None:
    fixed, gone = instance(house, InstanceType="m5.large"), _gone(house)
    wanted = [{"InstanceId": each, "CpuCredits": "standard"} for each in (fixed, gone, "i-0123456789abcdef0")]
    answer = client(house, "ec2").modify_instance_credit_specification(InstanceCreditSpecifications=wanted)
    assert answer["SuccessfulInstanceCreditSpecifications"] == []
    codes = [each["Error"]["Code"] for each in answer["UnsuccessfulInstanceCreditSpecifications"]]
    assert codes == [
        "InstanceCreditSpecification.NotSupported",
        "IncorrectInstanceState",
        "InvalidInstanceID.NotFound",
    ]
    assert fixed not in _modes(house)


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
