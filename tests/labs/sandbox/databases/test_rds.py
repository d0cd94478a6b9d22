"""DB instances of PostgreSQL, with the real server behind them.

Source: Amazon RDS User Guide, "Viewing Amazon RDS DB instance status", "Master user account privileges";
Amazon RDS API Reference, "CreateDBInstance".
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labs.errors import SandboxError
from labs.sandbox import Nursery, World
from labs.sandbox.databases import installed, states
from labs.sandbox.databases.installed import Installation, installation
from labs.sandbox.databases.servers import Servers
from labs.sandbox.live import live
from tests.labs.sandbox.houses import ACCOUNT, House, denied

PATIENCE = 60.0  # seconds
PASSWORD = "Correct-Horse-9"
NEW = {
    "DBInstanceIdentifier": "main",
    "Engine": "postgres",
    "DBInstanceClass": "db.t3.micro",
    "AllocatedStorage": 20,
    "MasterUsername": "owner",
    "MasterUserPassword": PASSWORD,
    "DBName": "app",
}


@pytest.fixture(scope="module")
def here() -> Installation:
    try:
        return installation()
    except SandboxError as missing:
        pytest.skip(f"no real database: {missing}")


class Site:
    """A world with an instance that is available, and a client of its server."""

    def __init__(self, world: World, programs: Path) -> None:
        self.world, self.rds, self.programs = world, world.client("rds"), programs

    def told(self, name: str = "main") -> dict[str, Any]:
        told: dict[str, Any] = self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return told

    def ask(self, sql: str, password: str = PASSWORD, database: str = "app", port: int = 0) -> str:
        """What psql prints; its complaint when the server refuses."""
        endpoint: dict[str, Any] = {"Address": "127.0.0.1", "Port": port} if port else self.told()["Endpoint"]
        environment: dict[str, str] = {
            "PATH": os.defpath,
            "PGPASSWORD": password,
            "PGHOST": endpoint["Address"],
            "PGPORT": str(endpoint["Port"]),
            "PGUSER": "owner",
            "PGDATABASE": database,
        }
        words = [str(self.programs / "psql"), "-X", "-A", "-t", "-q", "-c", sql]
        said = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        return (said.stdout + said.stderr).strip()

    def wait(self) -> None:
        self.world.advance(minutes=1)


@pytest.fixture
def site(nursery: Nursery, here: Installation) -> Iterator[Site]:
    with nursery.world(seed=1) as world:
        site = Site(world, here.folder)
        site.rds.create_db_instance(**NEW)
        site.wait()
        yield site


def gone(port: int) -> bool:
    """Whether nothing listens there any more, before long."""
    return _comes(lambda: _refused(port))


def _refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _comes(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_the_endpoint_leads_to_a_database_that_stops_and_starts_with_its_instance(
    site: Site, here: Installation
) -> None:
    rds, told = site.rds, site.told()
    assert (told["DBInstanceStatus"], told["EngineVersion"]) == ("available", here.version)
    port = told["Endpoint"]["Port"]
    site.ask("CREATE TABLE runs (id int); INSERT INTO runs VALUES (7)")
    assert site.ask("SELECT id, current_user, current_database() FROM runs") == "7|owner|app"
    may = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'owner'"
    assert site.ask(may) == "f|t|t"
    assert "password authentication failed" in site.ask("SELECT 1", "wrong")

    stopping = rds.stop_db_instance(DBInstanceIdentifier="main")["DBInstance"]
    assert stopping["DBInstanceStatus"] == "stopping"
    assert gone(port)
    site.wait()
    assert site.told()["DBInstanceStatus"] == "stopped"
    rds.start_db_instance(DBInstanceIdentifier="main")
    assert site.told()["DBInstanceStatus"] == "starting"
    site.wait()
    assert site.ask("SELECT id FROM runs", port=port) == "7"
    rds.reboot_db_instance(DBInstanceIdentifier="main")
    site.wait()
    assert site.ask("SELECT id FROM runs", port=port) == "7"

    rds.create_db_snapshot(DBInstanceIdentifier="main", DBSnapshotIdentifier="seven")
    site.ask("DELETE FROM runs", port=port)
    answer = rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    assert answer["DBInstance"]["DBInstanceStatus"] == "deleting"
    assert gone(port)

    rds.copy_db_snapshot(SourceDBSnapshotIdentifier="seven", TargetDBSnapshotIdentifier="copy")
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="main", DBSnapshotIdentifier="copy")
    for name in ("copy", "seven"):
        rds.delete_db_snapshot(DBSnapshotIdentifier=name)
    site.wait()
    assert site.ask("SELECT id FROM runs") == "7"


def test_a_rewind_takes_back_a_password_and_an_instance_and_leaves_what_is_in_it(site: Site) -> None:
    site.ask("CREATE TABLE kept (id int)")
    port, new = site.told()["Endpoint"]["Port"], "Battery-Staple-8"
    site.rds.modify_db_instance(DBInstanceIdentifier="main", MasterUserPassword=new, ApplyImmediately=True)
    assert site.ask("SELECT count(*) FROM kept", new, port=port) == "0"
    assert "password authentication failed" in site.ask("SELECT 1", port=port)
    site.world.rewind(1)
    assert site.ask("SELECT count(*) FROM kept", port=port) == "0"
    site.world.rewind(2)
    assert gone(port)


def test_a_copy_of_a_world_has_a_server_of_its_own(site: Site, nursery: Nursery) -> None:
    site.ask("CREATE TABLE original (id int)")
    with site.world.fork(nursery) as world:
        copy = Site(world, site.programs)
        assert copy.told()["Endpoint"] != site.told()["Endpoint"]
        assert "does not exist" in copy.ask("SELECT * FROM original")


@pytest.mark.parametrize("end", ["close", "world", "keeper"])
def test_a_server_begins_when_somebody_is_told_where_and_ends_with_its_world(
    nursery: Nursery, here: Installation, end: str
) -> None:
    with nursery.world(seed=1) as world:
        site, pid = Site(world, here.folder), world.connection.pid
        made = site.rds.create_db_instance(**NEW)["DBInstance"]
        assert made["DBInstanceStatus"] == "creating"
        assert "Endpoint" not in made
        assert "Endpoint" not in site.told()
        site.wait()
        assert not _children(pid)
        port = site.told()["Endpoint"]["Port"]
        (keeper,) = _children(pid)
        (server,) = _children(keeper)
        folder = Path(f"/proc/{server}/cwd").readlink()
        assert folder.exists()
        if end != "close":
            os.kill(pid if end == "world" else int(keeper), signal.SIGKILL)
            assert gone(port)
    assert gone(port)
    assert _comes(lambda: not folder.exists())


def _children(pid: int | str) -> list[str]:
    words = ["ps", "--ppid", str(pid), "-o", "pid="]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()


# -- what needs no server ----------------------------------------------------------------------------------


def test_a_waiter_comes_back_when_the_instance_is_there(
    pretended: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rds, asked = pretended.client("rds"), []
    pretended.state.agenda.hurried = False
    monkeypatch.setattr(Servers, "serve", lambda *_: 5432)
    states.watch(pretended.state)
    rds.create_db_instance(**NEW)
    rds.meta.events.register("before-call.rds.DescribeDBInstances", lambda **_: asked.append(1))
    waiter = rds.get_waiter("db_instance_available")
    waiter.wait(DBInstanceIdentifier="main", WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert len(asked) == 1  # it asks once a second, and the state takes five


@pytest.fixture
def pretended(house: House) -> House:
    """A small world that thinks that there is a PostgreSQL, and starts none."""
    house.state.servers._installed = Installation(Path("/nowhere"), "16.1")
    return house


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"MasterUserPassword": "short"}, "shorter than 8 characters"),
        ({"MasterUserPassword": "with/a/slash"}, "Only printable ASCII characters"),
        ({"MasterUserPassword": ""}, "must be provided"),
        ({"MasterUsername": "admin"}, "reserved word"),
        ({"MasterUsername": "1st"}, "not a valid identifier"),
        ({"DBName": "my-app"}, "DBName must begin with a letter"),
    ],
)
def test_what_rds_does_not_take_is_refused(pretended: House, changed: dict[str, str], says: str) -> None:
    error, _, message = denied(pretended.client("rds").create_db_instance, **{**NEW, **changed})
    assert error == "InvalidParameterValue"
    assert says in message


def test_an_instance_that_is_not_available_is_not_changed(pretended: House) -> None:
    rds = pretended.client("rds")
    pretended.state.agenda.hurried = False
    rds.create_db_instance(**NEW)
    for call in (rds.stop_db_instance, rds.reboot_db_instance, rds.start_db_instance):
        error, _, message = denied(call, DBInstanceIdentifier="main")
        assert error == "InvalidDBInstanceState"
        assert "main is not in" in message


def test_without_postgresql_the_call_is_refused_and_says_what_to_install(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "_PLACES", ())
    monkeypatch.setenv("PATH", "")
    error, _, message = denied(house.client("rds").create_db_instance, **NEW)
    assert error == "InsufficientDBInstanceCapacity"
    assert "apt-get install postgresql" in message
    assert house.client("rds").describe_db_instances()["DBInstances"] == []


def test_a_managed_password_is_in_a_secret_that_names_the_user(pretended: House) -> None:
    managed = {name: value for name, value in NEW.items() if name != "MasterUserPassword"}
    made = pretended.client("rds").create_db_instance(**managed, ManageMasterUserPassword=True)["DBInstance"]
    secrets = pretended.client("secretsmanager")
    held = secrets.get_secret_value(SecretId=made["MasterUserSecret"]["SecretArn"])
    told = json.loads(held["SecretString"])
    (database,) = live("rds", ACCOUNT, "us-east-1").databases.values()
    wanted = states.wanted_of(database)
    assert (told["username"], told["password"]) == ("owner", wanted.password)


def test_other_engines_are_a_model_only(house: House) -> None:
    rds = house.client("rds")
    rds.create_db_instance(**{**NEW, "Engine": "mysql"})
    (told,) = rds.describe_db_instances()["DBInstances"]
    assert (told["DBInstanceStatus"], told["Endpoint"]["Port"]) == ("available", 3306)


def test_what_was_in_a_database_is_restored_or_the_call_is_refused(
    pretended: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rds = pretended.client("rds")
    rds.create_db_instance(**NEW)
    monkeypatch.setattr(Servers, "keep", lambda *_: True)  # in a process that has ended since
    rds.create_db_snapshot(DBInstanceIdentifier="main", DBSnapshotIdentifier="monday")
    error, _, message = denied(
        rds.restore_db_instance_from_db_snapshot, DBInstanceIdentifier="again", DBSnapshotIdentifier="monday"
    )
    assert (error, "is gone" in message) == ("InvalidRestoreFault", True)
    point = {"SourceDBInstanceIdentifier": "main", "TargetDBInstanceIdentifier": "again"}
    error, _, message = denied(
        rds.restore_db_instance_to_point_in_time, **point, UseLatestRestorableTime=True
    )
    assert (error, "take a snapshot" in message) == ("InvalidRestoreFault", True)
