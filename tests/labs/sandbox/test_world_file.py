"""A world as one file: it brings everything along, and a damaged one is refused."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labs.errors import InputError, JournalError
from labs.sandbox import Nursery, World
from labs.sandbox.world_file import read_world


def prepare(world: World) -> None:
    world.client("s3").create_bucket(Bucket="given")
    world.client("iam").create_user(UserName="learner")


def work(world: World) -> None:
    s3 = world.client("s3")
    s3.put_bucket_versioning(Bucket="given", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", bytes(range(256)) * 100):
        s3.put_object(Bucket="given", Key="k", Body=body)
    world.advance(days=2)
    world.checkpoint("good")
    s3.put_object(Bucket="given", Key="undone", Body=b"x")
    world.rewind()
    world.client("s3").put_object(Bucket="given", Key="last", Body=b"x")


def look(world: World) -> tuple[Any, ...]:
    s3, iam = world.client("s3"), world.client("iam")
    versions = s3.list_object_versions(Bucket="given")["Versions"]
    return (
        [(each["Key"], each["VersionId"], each["ETag"], each["LastModified"]) for each in versions],
        [(each["UserName"], each["UserId"], each["CreateDate"]) for each in iam.list_users()["Users"]],
        world.clock().offset,
        [(change.number, change.what, change.checkpoints) for change in world.history()],
    )


@pytest.fixture(scope="module")
def exported(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Any, ...]]:
    path = tmp_path_factory.mktemp("worlds") / "class.world"
    start = datetime(2030, 1, 1, tzinfo=UTC)
    with nursery.world(seed=8, secret="mine", prepare=prepare, start=start) as world:
        work(world)
        assert world.export(path) == 5
        return path, look(world)


def test_a_file_brings_the_whole_world_along(exported: tuple[Path, tuple[Any, ...]]) -> None:
    path, before = exported
    with World.from_file(path) as world:  # in a process of its own; the others are borne
        assert look(world) == before
        assert world.seed == 8
        world.rewind(to="good")
        keys = [each["Key"] for each in world.client("s3").list_objects_v2(Bucket="given")["Contents"]]
        assert keys == ["k"]
        world.reset()
        assert world.client("s3").list_objects_v2(Bucket="given")["KeyCount"] == 0
        assert {each.id for each in world.resources() if each.kind == "user"} == {"admin", "learner"}


def test_only_its_owner_may_read_it(exported: tuple[Path, tuple[Any, ...]]) -> None:
    assert stat.S_IMODE(exported[0].stat().st_mode) == 0o600
    assert [each.name for each in exported[0].parent.iterdir()] == ["class.world"]


def test_a_world_that_was_opened_can_be_exported_again(
    nursery: Nursery, exported: tuple[Path, tuple[Any, ...]], tmp_path: Path
) -> None:
    first, second = read_world(exported[0]), tmp_path / "again.world"
    with World.from_file(exported[0], nursery=nursery) as world:
        world.export(second)
    again = read_world(second)
    assert again.preparation == first.preparation
    assert again.journal.entries == first.journal.entries
    assert again.journal.names == first.journal.names
    assert abs(again.offset - first.offset) < timedelta(milliseconds=1)


def test_one_without_preparation_goes_on_in_a_journal(nursery: Nursery, tmp_path: Path) -> None:
    file, journal = tmp_path / "a.world", tmp_path / "journal.jsonl"
    with nursery.world(seed=3) as world:
        world.client("s3").create_bucket(Bucket="first")
        world.export(file)
    with World.from_file(file, journal=journal, nursery=nursery) as world:
        world.client("s3").create_bucket(Bucket="second")
    with nursery.world(seed=3, journal=journal) as world:
        names = [each["Name"] for each in world.client("s3").list_buckets()["Buckets"]]
        assert names == ["first", "second"]


def test_a_journal_alone_could_not_bring_back_what_was_prepared(
    exported: tuple[Path, tuple[Any, ...]], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="cannot be kept in a journal"):
        World.from_file(exported[0], journal=tmp_path / "journal")


def test_a_journal_that_holds_something_is_not_written_over(nursery: Nursery, tmp_path: Path) -> None:
    file, journal = tmp_path / "a.world", tmp_path / "journal.jsonl"
    with nursery.world(seed=3, journal=journal) as world:
        world.client("s3").create_bucket(Bucket="first")
        world.export(file)
    before = journal.read_bytes()
    with pytest.raises(InputError, match="not empty"):
        World.from_file(file, journal=journal)
    assert journal.read_bytes() == before


def test_what_cannot_be_written_is_said_to_be_so(nursery: Nursery, tmp_path: Path) -> None:
    with nursery.world() as world, pytest.raises(JournalError, match="cannot be written"):
        world.export(tmp_path / "nowhere" / "a.world")


# Damage


Parts = dict[str, bytes]


def unpacked(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Parts) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def manifest(parts: Parts, **changed: Any) -> Parts:
    return {**parts, "world.json": json.dumps({**json.loads(parts["world.json"]), **changed}).encode()}


def without(parts: Parts, name: str) -> Parts:
    return {each: content for each, content in parts.items() if each != name}


DAMAGE: dict[str, tuple[Callable[[bytes, Parts], bytes], str]] = {
    "empty": (lambda data, parts: b"", "no zip archive"),
    "a text": (lambda data, parts: b"hello", "no zip archive"),
    "cut off": (lambda data, parts: data[:-100], "no zip archive"),
    "a bit turned": (lambda data, parts: data[:900] + bytes([data[900] ^ 1]) + data[901:], "damaged"),
    "no manifest": (lambda data, parts: packed(without(parts, "world.json")), "has no world.json"),
    "no journal": (lambda data, parts: packed(without(parts, "journal.jsonl")), "has no journal.jsonl"),
    "not JSON": (lambda data, parts: packed({**parts, "world.json": b"{"}), "is not JSON"),
    "another file": (
        lambda data, parts: packed(manifest(parts, world="x")),
        "does not say that this is a world",
    ),
    "a later version": (
        lambda data, parts: packed(manifest(parts, version=2)),
        "version 2; this Skylab reads",
    ),
    "no seed": (lambda data, parts: packed(manifest(parts, seed="8")), "of use about seed"),
    "no sums": (lambda data, parts: packed(manifest(parts, sha256={})), "is not what was written"),
    "an impossible clock": (lambda data, parts: packed(manifest(parts, offset=1e12)), "impossible offset"),
    "a changed journal": (
        lambda data, parts: packed(
            {**parts, "journal.jsonl": parts["journal.jsonl"].replace(b"last", b"LAST")}
        ),
        "journal.jsonl is not what was written",
    ),
    "a shorter preparation": (
        lambda data, parts: packed({**parts, "preparation.jsonl": b""}),
        "preparation.jsonl is not what was written",
    ),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_refused_and_says_why(
    exported: tuple[Path, tuple[Any, ...]],
    tmp_path: Path,
    damage: Callable[[bytes, Parts], bytes],
    message: str,
) -> None:
    path = tmp_path / "damaged.world"
    path.write_bytes(damage(exported[0].read_bytes(), unpacked(exported[0])))
    with pytest.raises(JournalError, match=message) as refused:
        World.from_file(path)
    assert str(path) in refused.value.detail


def resummed(parts: Parts) -> Parts:
    import hashlib

    sums = {name: hashlib.sha256(parts[name]).hexdigest() for name in ("preparation.jsonl", "journal.jsonl")}
    return manifest(parts, sha256=sums)


def test_a_file_that_somebody_has_changed_with_care_can_do_no_more_than_its_keys(
    nursery: Nursery, exported: tuple[Path, tuple[Any, ...]], tmp_path: Path
) -> None:
    parts = unpacked(exported[0])
    path = tmp_path / "forged.world"
    forged = parts["journal.jsonl"].replace(b'"/given/last"', b'"/given/LAST"')
    path.write_bytes(packed(resummed({**parts, "journal.jsonl": forged})))
    with pytest.raises(JournalError, match="cannot be made again") as refused:
        World.from_file(path, nursery=nursery)
    assert "SignatureDoesNotMatch" in refused.value.detail
    path.write_bytes(packed(manifest(parts, seed=9)))
    with pytest.raises(JournalError, match="cannot be made again"):
        World.from_file(path, nursery=nursery)


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        World.from_file(tmp_path / "none.world")


def test_no_file_names_this_machine(exported: tuple[Path, tuple[Any, ...]]) -> None:
    for content in unpacked(exported[0]).values():
        assert str(exported[0].parent).encode() not in content
