from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.ec2.belongings import Action, Belongings, DataVolume, Fate, charges, effects
from labs.aws.ec2.lifecycle import LAUNCH, Call, InstanceFacts, InstanceState, answer, legal_calls

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "lifecycle.json").read_text())
STATES = list(InstanceState)
ANSWERS = [
    (row["call"], state, row.get("facts", {}), row[state])
    for row in CASES["answers"]
    for state in STATES
    if state in row
]
# The arrows of the diagram in "Amazon EC2 instance state changes", and a stop while an instance starts again.
ARROWS = {
    ("pending", "running"),
    ("pending", "stopping"),
    ("pending", "shutting-down"),
    ("running", "stopping"),
    ("running", "shutting-down"),
    ("stopping", "stopped"),
    ("stopping", "shutting-down"),
    ("stopped", "pending"),
    ("stopped", "shutting-down"),
    ("shutting-down", "terminated"),
}


@pytest.mark.parametrize(("call", "state", "facts", "want"), ANSWERS)
def test_a_call_is_answered_as_aws_answers(
    call: str, state: InstanceState, facts: dict[str, Any], want: str
) -> None:
    given_facts = InstanceFacts(**facts)
    found = answer(Call(call), state, given_facts)
    if found.refusal:
        assert found.refusal.code == want
        assert found.refusal.hint
        assert given_facts.instance_id in found.refusal.message
        assert not found.path
    else:
        assert " ".join(found.path) == want.replace("-", "", want == "-")
    assert found.says.endswith(".")
    assert found.source.startswith("https://docs.aws.amazon.com/")


def test_every_call_is_tried_in_every_state_but_one_that_no_source_tells_of() -> None:
    plain = {(call, state) for call, state, facts, _ in ANSWERS if not facts}
    missing = {(call.value, state.value) for call in Call for state in STATES} - plain
    assert missing == {("AssociateAddress", "stopping")}


@pytest.mark.parametrize("case", CASES["charges"], ids=lambda case: f"{case['state']}-{case['billed']}")
def test_a_state_bills_what_aws_bills(case: dict[str, Any]) -> None:
    found = charges(
        InstanceState(case["state"]),
        Belongings(**case.get("has", {})),
        hibernating=case.get("hibernating", False),
    )
    assert ", ".join(charge.item for charge in found if charge.billed) == case["billed"]
    assert all(charge.says.endswith(".") and charge.source.startswith("https://") for charge in found)


@pytest.mark.parametrize("action", list(Action))
def test_an_action_keeps_and_loses_what_aws_says(action: Action) -> None:
    disks = (DataVolume("/dev/sdf"), DataVolume("/dev/sdg", delete_on_termination=True))
    full = Belongings(ipv6=True, data_volumes=disks, instance_store=True)
    found = {each.subject: each.fate.value for each in effects(action, full)}
    found |= {each.subject: each.fate.value for each in effects(action, Belongings("elastic"))}
    assert found == {subject: row[action.value] for subject, row in CASES["effects"]["subjects"].items()}


def test_a_root_volume_may_outlive_its_instance() -> None:
    kept = Belongings(root_delete_on_termination=False)
    fates = {each.subject: each.fate for each in effects(Action.TERMINATE, kept)}
    assert fates["root volume"] is Fate.KEPT
    assert kept.outliving == ("the root volume",)


def test_states_have_aws_s_numbers() -> None:
    numbers = {state.value: state.code for state in STATES}
    assert numbers == {
        "pending": 0,
        "running": 16,
        "shutting-down": 32,
        "terminated": 48,
        "stopping": 64,
        "stopped": 80,
    }


def test_a_terminated_instance_takes_only_calls_that_change_nothing() -> None:
    assert legal_calls(InstanceState.TERMINATED) == (Call.REBOOT, Call.TERMINATE)
    for call in Call:
        assert answer(call, InstanceState.TERMINATED).ends_in is InstanceState.TERMINATED


def test_a_refusal_is_an_error_to_raise() -> None:
    refusal = answer(Call.START, InstanceState.TERMINATED).refusal
    assert refusal is not None
    assert refusal.error.code == "IncorrectInstanceState"
    assert "AWS answers IncorrectInstanceState" in str(refusal.error)


facts = st.builds(
    InstanceFacts,
    root=st.sampled_from(["ebs", "instance-store"]),
    termination_protection=st.booleans(),
    stop_protection=st.booleans(),
    hibernation_configured=st.booleans(),
    has_run=st.booleans(),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(list(Call)), max_size=12), facts)
def test_whatever_is_called_states_change_along_aws_s_arrows(calls: list[Call], known: InstanceFacts) -> None:
    state = LAUNCH[-1]
    for call in calls:
        found = answer(call, state, known)
        assert set(pairwise((state, *found.path))) <= ARROWS
        assert found.allowed or found.ends_in is state
        state = found.ends_in
    assert state in (InstanceState.RUNNING, InstanceState.STOPPED, InstanceState.TERMINATED)
