"""Images of moto's state in this process: what they hold, what they share, and what they cannot hold."""

from __future__ import annotations

import threading
import weakref
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labs.errors import JournalError, SandboxError
from labs.sandbox import moto_setup
from labs.sandbox.control import Control
from labs.sandbox.ending import Ending
from labs.sandbox.entries import Deed
from labs.sandbox.gate import Gate
from labs.sandbox.image import Image, load_image, take_image
from labs.sandbox.state import WorldState
from labs.sandbox.values import ACCOUNT, REGION


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    moto_setup.warm()
    moto_setup.reset_state(1)
    yield
    moto_setup.reset_state(1)


def s3() -> Any:
    from moto.s3.models import s3_backends

    return s3_backends[ACCOUNT]["aws"]


def iam() -> Any:
    from moto.iam.models import iam_backends

    return iam_backends[ACCOUNT]["aws"]


def test_what_belongs_to_the_world_beside_moto_comes_back_too() -> None:
    assert load_image(take_image({"a": [1, 2], "b": {"c": None}})) == {"a": [1, 2], "b": {"c": None}}


def test_an_empty_world_has_a_small_image() -> None:
    assert len(take_image({}).data) < 5_000, "AWS's 1,500 managed policies are named, and not held"


def test_moto_s_tables_stay_the_same_objects() -> None:
    from moto.s3.models import s3_backends

    s3().create_bucket("bucket", REGION)
    image, regions = take_image({}), s3_backends[ACCOUNT]
    s3().delete_bucket("bucket")
    load_image(image)
    assert s3_backends[ACCOUNT] is regions
    assert list(s3().buckets) == ["bucket"]
    assert s3_backends.bucket_accounts == {"bucket": ("aws", ACCOUNT)}


def test_a_service_that_was_not_in_use_is_empty_again() -> None:
    from moto.core.base_backend import BackendDict
    from moto.s3.models import s3_backends

    image = take_image({})
    s3().create_bucket("bucket", REGION)
    load_image(image)
    assert dict(s3_backends) == {}
    assert s3_backends.bucket_accounts == {}
    assert s3_backends not in BackendDict._instances


def test_contents_of_objects_are_shared_and_outlive_their_objects() -> None:
    s3().create_bucket("bucket", REGION)
    s3().put_object("bucket", "k", b"x" * 100_000)
    one, other = take_image({}), take_image({})
    assert len(one.data) < 10_000
    assert [size for _, size in one.values] == [100_000]
    assert one.values[0][0] is other.values[0][0]
    s3().delete_object("bucket", "k")
    load_image(one)
    assert s3().get_object("bucket", "k").value == b"x" * 100_000


def test_an_image_can_be_sent_to_another_process() -> None:
    s3().create_bucket("bucket", REGION)
    s3().put_object("bucket", "k", b"hello")
    data, values = take_image({}).portable()
    assert values == [b"hello"]
    moto_setup.reset_state(1)
    load_image(Image.from_portable(data, values))
    assert s3().get_object("bucket", "k").value == b"hello"


def test_attachments_of_aws_s_policies_come_back_and_no_others_stay() -> None:
    read, admin = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "AdministratorAccess"))
    iam().create_user(REGION, "dev")
    iam().attach_user_policy(read, "dev")
    image = take_image({})
    iam().detach_user_policy(read, "dev")
    iam().attach_user_policy("arn:aws:iam::aws:policy/PowerUserAccess", "dev")
    load_image(image)
    counts = {arn: policy.attachment_count for arn, policy in iam().managed_policies.items()}
    assert {arn for arn, count in counts.items() if count} == {read, admin}
    assert list(iam().users["dev"].managed_policies) == [read]
    assert iam().users["dev"].managed_policies[read] is iam().managed_policies[read]


def test_an_account_s_own_policies_stand_beside_aws_s() -> None:
    statement = '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}'
    document = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    held = iam().managed_policies
    before = len(held)
    own = iam().create_policy("", "/", document, "own", {}).arn
    assert (len(held), own in held, held[own].name, held.get("none")) == (before + 1, True, "own", None)
    assert list(held)[-1] == list(held.keys())[-1] == own
    assert [policy.name for policy in held.values()][-1] == "own"
    load_image(take_image({}))
    assert iam().managed_policies[own].name == "own"
    iam().delete_policy(own)
    assert len(iam().managed_policies) == before
    with pytest.raises(KeyError):
        iam().managed_policies[own]


class Odd(defaultdict[str, int]):
    """A table that cannot be made without being told what for."""

    def __init__(self, purpose: str) -> None:
        super().__init__(int)
        self.purpose = purpose


class Owner:
    """What a weak reference can point to."""


def test_types_that_pickle_would_get_wrong_come_back_whole() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    odd = Odd("test")
    odd["a"] += 1
    owner = Owner()
    held: dict[str, Any] = {
        "lock": threading.Lock(),
        "rlock": threading.RLock(),
        "condition": threading.Condition(),
        "weak": weakref.WeakValueDictionary({"a": owner}),
        "owner": owner,
        "nameless": defaultdict(lambda: ["new"]),
        "odd": odd,
        "rsa": rsa.generate_private_key(65537, 2048),
        "ec": ec.generate_private_key(ec.SECP256R1()),
        "public": ed25519.Ed25519PrivateKey.generate().public_key(),
    }
    back = load_image(take_image(held))
    for name in ("lock", "rlock", "condition"):
        with back[name]:
            pass
    assert back["weak"]["a"] is back["owner"]
    assert back["nameless"]["missing"] == ["new"]
    assert (back["odd"], back["odd"].purpose, back["odd"]["b"]) == ({"a": 1, "b": 0}, "test", 0)
    assert back["rsa"].private_numbers() == held["rsa"].private_numbers()
    assert back["ec"].private_numbers() == held["ec"].private_numbers()
    assert back["public"] == held["public"]


def iter_nothing() -> Iterator[None]:
    yield from ()


def test_what_has_no_image_is_said_and_harms_nothing() -> None:
    with pytest.raises(SandboxError, match="no image"):
        take_image({"generator": iter_nothing()})
    load_image(take_image({}))


# A world without images


@pytest.fixture
def control() -> Control:
    """A world in this process, past its preparation."""
    state = WorldState(seed=1)
    control = Control(state, Gate(state), Ending())
    control.found()
    control.mark()
    return control


def advance(control: Control, times: int) -> None:
    for _ in range(times):
        control.steering.advance(seconds=60)


def test_a_world_that_has_no_image_goes_back_by_its_journal(
    control: Control, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    advance(control, 2)

    def fails(own: object) -> None:
        raise SandboxError("There is no image of this world")

    monkeypatch.setattr("labs.sandbox.memory.take_image", fails)
    advance(control, 30)
    control.steering.rewind(steps=3)
    assert control.state.clock.timeline.offset.total_seconds() == 29 * 60
    assert control.steering.memory.due is None
    assert capsys.readouterr().err.count("no image") < 5, "it is not tried again and again"
    monkeypatch.undo()
    control.steering.checkpoint("again")
    assert control.steering.memory.ring.last.image is not None


def test_a_change_that_cannot_be_written_is_taken_back(
    control: Control, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance(control, 1)
    offset = control.state.clock.timeline.offset

    def full(*_: object) -> None:
        raise JournalError("The journal cannot be written", "No space left on device.")

    monkeypatch.setattr(control.state.journal, "append", full)
    with pytest.raises(JournalError):
        control.steering.deeds.do(Deed("advance", {"seconds": 5}))
    assert control.state.clock.timeline.offset == offset


def test_a_rewind_that_cannot_be_written_changes_nothing(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance(control, 3)
    before = control.steering.history()

    def full(*_: object) -> None:
        raise JournalError("The journal cannot be written", "No space left on device.")

    monkeypatch.setattr(control.state.journal, "note_rewind", full)
    with pytest.raises(JournalError):
        control.steering.rewind()
    assert control.steering.history() == before
    assert control.state.clock.timeline.offset.total_seconds() == 180


def test_a_deed_of_an_unknown_kind_is_refused(control: Control) -> None:
    with pytest.raises(JournalError, match="Unknown"):
        control.steering.deeds.do(Deed("sing", {}))
