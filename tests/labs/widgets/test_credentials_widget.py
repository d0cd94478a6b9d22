"""The notebook's credential chain and metadata stepper follow their settings."""

from __future__ import annotations

import pytest

from labs.aws.ec2.credential_sources import CredentialSource
from labs.widgets import CredentialChain, MetadataStepper


@pytest.fixture
def stepper() -> MetadataStepper:
    made = MetadataStepper()
    for _ in range(3):
        made.next.click()
    return made


def test_a_file_wins_over_the_role() -> None:
    chain = CredentialChain("instance metadata")
    assert 'boto3 uses: <span class="accent">instance metadata' in chain.chain.value
    chain.boxes[CredentialSource.CREDENTIALS_FILE].value = True

    assert chain.used is CredentialSource.CREDENTIALS_FILE
    assert "there, and never looked at" in chain.chain.value


def test_without_any_source_there_are_no_credentials() -> None:
    assert "Unable to locate credentials" in CredentialChain().chain.value


def test_the_steps_come_one_by_one_and_go_back() -> None:
    stepper = MetadataStepper()
    assert "Nothing is asked yet" in stepper.answers.value
    stepper.next.click()
    assert stepper.answers.value.count("<tr>") == 1
    stepper.next.click()
    stepper.back.click()
    assert stepper.answers.value.count("<tr>") == 1
    stepper.back.click()
    assert stepper.back.disabled


def test_three_requests_bring_the_credentials(stepper: MetadataStepper) -> None:
    assert "✓ The program has the role's credentials" in stepper.answers.value
    assert stepper.next.disabled


def test_without_a_token_version_2_refuses(stepper: MetadataStepper) -> None:
    stepper.brings.value = False

    assert "401" in stepper.answers.value
    assert "✗ The program has no credentials" in stepper.answers.value


def test_without_a_token_version_1_answers(stepper: MetadataStepper) -> None:
    stepper.brings.value = False
    stepper.tokens.value = "optional"

    assert "✓ The program has the role's credentials" in stepper.answers.value


def test_a_container_gets_no_token_until_the_hop_limit_is_raised(stepper: MetadataStepper) -> None:
    stepper.place.value = 2
    assert "no answer" in stepper.answers.value
    stepper.hop_limit.value = 2
    assert "✓ The program has the role's credentials" in stepper.answers.value


def test_a_token_expires_while_the_program_pauses(stepper: MetadataStepper) -> None:
    stepper.pause.value = 210

    assert stepper.answers.value.count("The token has expired") == 1


def test_without_a_role_there_is_nothing_at_the_path(stepper: MetadataStepper) -> None:
    stepper.has_role.value = False

    assert "404" in stepper.answers.value


def test_a_lifetime_of_more_than_six_hours_is_refused(stepper: MetadataStepper) -> None:
    stepper.ttl.value = stepper.ttl.max

    assert "400" in stepper.answers.value
