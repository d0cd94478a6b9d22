"""Whose an access key is: users, root and sessions; keys that are inactive, deleted, or left over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labs.aws.iam import Principal, PrincipalKind
from labs.errors import SandboxError
from labs.sandbox import moto_setup, principals
from labs.sandbox.sessions import Session

ACCOUNT = "123456789012"
TRUST = '{"Version": "2012-10-17", "Statement": []}'


@pytest.fixture
def iam() -> Iterator[Any]:
    """moto's IAM of a fresh world."""
    moto_setup.reset_state(1)
    from moto.iam.models import iam_backends

    yield iam_backends[ACCOUNT]["aws"]
    moto_setup.reset_state(0)


def role(iam: Any, name: str, path: str = "/", tags: Any = ()) -> Any:
    return iam.create_role(name, TRUST, path, None, "", list(tags), "3600")


# -- keys of users and of root ---------------------------------------------------------------------------


def test_the_key_of_a_user_is_the_users(iam: Any) -> None:
    iam.create_user("us-east-1", "ann", path="/staff/")
    key = iam.create_access_key("ann")
    found = principals.find_credential(key.access_key_id)
    assert found is not None
    assert found.principal == Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/staff/ann")
    assert (found.secret, found.account) == (key.secret_access_key, ACCOUNT)
    assert found.active
    assert not found.temporary
    assert found.expires is None


def test_the_key_of_root_is_roots(iam: Any) -> None:
    root = principals.root_credential()
    found = principals.find_credential(root.access_key_id)
    assert found == root
    assert found.principal.kind is PrincipalKind.ROOT
    assert principals.unique_id(found.principal, principals.entity_of(found.principal)) == ACCOUNT


def test_an_inactive_key_is_found_and_says_so(iam: Any) -> None:
    iam.create_user("us-east-1", "ann")
    key = iam.create_access_key("ann")
    iam.update_access_key("ann", key.access_key_id, "Inactive")
    found = principals.find_credential(key.access_key_id)
    assert found is not None
    assert not found.active
    iam.update_access_key("ann", key.access_key_id, "Active")
    again = principals.find_credential(key.access_key_id)
    assert again is not None
    assert again.active


def test_a_deleted_key_is_gone_and_its_sibling_stays(iam: Any) -> None:
    iam.create_user("us-east-1", "ann")
    first, second = iam.create_access_key("ann"), iam.create_access_key("ann")
    iam.delete_access_key(first.access_key_id, "ann")
    assert principals.find_credential(first.access_key_id) is None
    assert principals.find_credential(second.access_key_id) is not None


def test_the_keys_of_a_deleted_user_are_gone(iam: Any) -> None:
    """Also when a new user takes the name."""
    iam.create_user("us-east-1", "ann")
    key = iam.create_access_key("ann")
    del iam.users["ann"]
    assert principals.find_credential(key.access_key_id) is None
    iam.create_user("us-east-1", "ann")
    assert principals.find_credential(key.access_key_id) is None


@pytest.mark.parametrize(
    "key_id", ["", "AKIA", "AKIAIOSFODNN7EXAMPLE", "ASIAQQQQQQQQQQQQQQQQ", "é" * 20, "a/b"]
)
def test_an_unknown_key_is_nobodys_and_begins_no_account(iam: Any, key_id: str) -> None:
    from moto.iam.models import iam_backends

    assert principals.find_credential(key_id) is None
    assert set(iam_backends) == {ACCOUNT}


def test_a_renamed_user_keeps_the_key(iam: Any) -> None:
    iam.create_user("us-east-1", "ann")
    key = iam.create_access_key("ann")
    iam.update_user("ann", new_user_name="anna")
    found = principals.find_credential(key.access_key_id)
    assert found is not None
    assert found.principal.arn == f"arn:aws:iam::{ACCOUNT}:user/anna"


# -- sessions --------------------------------------------------------------------------------------------


def test_a_session_knows_its_role_with_the_path(iam: Any) -> None:
    made = role(iam, "app", "/svc/eu/")
    session = principals.session_for_role("app", "one")
    found = principals.find_credential(session.access_key_id)
    assert found is not None
    assert found.principal.kind is PrincipalKind.SESSION
    assert found.principal.role_arn == f"arn:aws:iam::{ACCOUNT}:role/svc/eu/app"
    assert found.principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
    assert found.session_token == session.session_token
    assert found.temporary
    assert principals.unique_id(found.principal, principals.entity_of(found.principal)) == f"{made.id}:one"


def test_a_session_ends_when_its_time_is_up(iam: Any) -> None:
    role(iam, "app")
    before = datetime.now(UTC)
    session = principals.session_for_role("app", "one", lifetime=timedelta(minutes=15))
    after = datetime.now(UTC)
    assert session.issued is not None
    assert session.expires is not None
    assert before - timedelta(seconds=1) <= session.issued <= after
    assert timedelta(minutes=15) - timedelta(seconds=1) <= session.expires - before
    assert session.expires <= after + timedelta(minutes=15)
    assert session.expires.tzinfo is not None


def test_a_session_keeps_the_policy_it_was_given(iam: Any) -> None:
    made = role(iam, "app")
    from moto.sts.models import sts_backends

    moto_session = sts_backends[ACCOUNT]["aws"].assume_role("us-east-1", "one", made.arn, TRUST, 3600, "")
    found = principals.find_credential(moto_session.access_key_id)
    assert found is not None
    assert found.session == Session(policy=TRUST)
    assert principals.session_for_role("app", "two").session == Session()


def test_every_session_of_many_is_found(iam: Any) -> None:
    role(iam, "app")
    keys = {}
    for number in range(40):
        keys[f"s{number}"] = principals.session_for_role("app", f"s{number}").access_key_id
        # Looked up in between, since the index grows with the sessions.
        assert principals.find_credential(keys[f"s{number // 2}"]) is not None
    for name, key in keys.items():
        found = principals.find_credential(key)
        assert found is not None
        assert found.principal.session_name == name


def test_a_reset_ends_all_sessions(iam: Any) -> None:
    role(iam, "app")
    session = principals.session_for_role("app", "one")
    assert principals.find_credential(session.access_key_id) is not None
    moto_setup.reset_state(1)
    assert principals.find_credential(session.access_key_id) is None


def test_a_look_up_costs_the_same_among_many_sessions(iam: Any) -> None:
    role(iam, "app")

    def cost(key: str) -> float:
        times = []
        for _ in range(50):
            start = time.perf_counter()
            principals.find_credential(key)
            times.append(time.perf_counter() - start)
        return sorted(times)[10]

    alone = cost(principals.session_for_role("app", "one").access_key_id)
    for number in range(2000):
        last = principals.session_for_role("app", f"s{number}")
    principals.find_credential(last.access_key_id)
    assert cost(last.access_key_id) < 5 * alone


# -- what IAM knows of them ------------------------------------------------------------------------------


def tags_of(principal: Principal) -> dict[str, str]:
    return principals.tags_of(principals.entity_of(principal))


def test_tags_are_those_of_the_user_or_of_the_role(iam: Any) -> None:
    iam.create_user("us-east-1", "ann", tags=[{"Key": "team", "Value": "red"}])
    role(iam, "app", tags=[{"Key": "team", "Value": "blue"}])
    ann = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/ann")
    assert tags_of(ann) == {"team": "red"}
    assert tags_of(principals.session_for_role("app", "one").principal) == {"team": "blue"}
    iam.tag_user("ann", [{"Key": "team", "Value": "green"}])
    assert tags_of(ann) == {"team": "green"}
    assert tags_of(principals.root_credential().principal) == {}
    assert tags_of(Principal.anonymous()) == {}


def test_somebody_who_is_gone_has_no_id(iam: Any) -> None:
    role(iam, "app")
    session = principals.session_for_role("app", "one")
    iam.delete_role("app")
    assert principals.entity_of(session.principal) is None
    assert principals.unique_id(session.principal, None) is None
    assert tags_of(session.principal) == {}
    assert principals.unique_id(Principal.anonymous(), None) is None


# -- keys for the control plane --------------------------------------------------------------------------


def test_a_user_gets_one_key_and_keeps_it(iam: Any) -> None:
    iam.create_user("us-east-1", "ann")
    first = principals.user_credential("ann")
    assert principals.user_credential("ann") == first
    assert principals.find_credential(first.access_key_id) == first


def test_an_inactive_key_is_passed_over(iam: Any) -> None:
    iam.create_user("us-east-1", "ann")
    first = principals.user_credential("ann")
    iam.update_access_key("ann", first.access_key_id, "Inactive")
    second = principals.user_credential("ann")
    assert second.access_key_id != first.access_key_id
    iam.update_access_key("ann", second.access_key_id, "Inactive")
    with pytest.raises(SandboxError) as caught:
        principals.user_credential("ann")
    assert "no active key" in caught.value.title


def test_who_is_not_there_is_named_with_who_is(iam: Any) -> None:
    with pytest.raises(SandboxError) as no_user:
        principals.user_credential("bob")
    assert "admin" in (no_user.value.hint or "")
    with pytest.raises(SandboxError) as no_role:
        principals.session_for_role("app", "one")
    assert "none yet" in (no_role.value.hint or "")


def test_a_credential_prints_neither_secret_nor_token(iam: Any) -> None:
    role(iam, "app")
    session = principals.session_for_role("app", "one")
    assert session.secret not in repr(session)
    assert str(session.session_token) not in repr(session)
