"""The states of DB instances: moto changes them at once, here they pass through the states between.

CreateDBInstance leads to `available` through `creating`, StopDBInstance to `stopped` through `stopping`, and
so on; each takes a few seconds of the world's time, where RDS takes minutes. An instance that is deleted is
gone at once. Instances of other engines, those of clusters and replicas are as moto has them.

Source: Amazon RDS User Guide, "Viewing Amazon RDS DB instance status".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from labs.sandbox.agenda import agenda_at_hand
from labs.sandbox.databases.server import Wanted
from labs.sandbox.databases.servers import Servers
from labs.sandbox.live import accounts_of, live, live_everywhere
from labs.sandbox.state import WorldState

__all__ = [
    "AVAILABLE",
    "RESETTING",
    "agree",
    "arrives",
    "copy_of",
    "depart",
    "find",
    "is_real",
    "name_user",
    "wanted_of",
    "watch",
]

AVAILABLE: Final = "available"
RESETTING: Final = "resetting-master-credentials"
ARRIVAL: Final = "rds.arrival"
TAKES: Final = timedelta(seconds=5)
_WITHOUT_PASSWORD: Final = "not-known"


def is_real(database: Any) -> bool:
    """Whether a PostgreSQL of this machine serves an instance of moto's; it does not follow another one."""
    return database.engine == "postgres" and not (database.db_cluster_identifier or database.is_replica)


def find(account: str, region: str, name: str) -> Any:
    """moto's instance of that name; None where there is none."""
    rds = live("rds", account, region)
    return rds.databases.get(name) if rds is not None else None


def wanted_of(database: Any) -> Wanted:
    """What an instance wants of its server."""
    born = f"{database.db_instance_arn} {database.instance_create_time}"
    return Wanted(
        str(vars(database).setdefault("_served_as", born)),  # an instance keeps its server under a new name
        str(database.master_username),
        str(_password(database) or _WITHOUT_PASSWORD),
        database.db_name or None,
        vars(database).get("_from"),
    )


def _password(database: Any) -> str | None:
    """The master password, which may lie in a secret that RDS manages."""
    if not database.manage_master_user_password:
        return database._master_user_password  # type: ignore[no-any-return]  # it is not told otherwise
    secret = database.master_user_secret
    held = secret.secretsmanager.get_secret_value(secret.secret_arn, None, "AWSCURRENT")
    return str(json.loads(held["SecretString"])["password"])


def copy_of(snapshot: Any) -> str:
    """The name of the copy behind a snapshot; a copy of a snapshot has the same one."""
    return str(vars(snapshot).setdefault("_kept_as", f"{snapshot.arn} {snapshot.created}"))


def name_user(database: Any) -> None:
    """Have the secret that RDS manages for an instance name the master user, whom moto calls admin."""
    if database.manage_master_user_password:
        secret = database.master_user_secret.secret
        text = json.dumps({"username": database.master_username, "password": _password(database)})
        secret.secret_string = text
        for version in secret.versions.values():
            version["secret_string"] = text


def depart(database: Any, via: str, to: str, now: datetime) -> None:
    """Set out for a state; while a world is prepared it is there at once."""
    agenda = agenda_at_hand()
    if agenda is None or agenda.hurried:
        database.status, vars(database)["_arrives"] = to, None
        return
    moment = now + TAKES
    database.status, vars(database)["_arrives"] = via, moment
    about = {"account": database.account_id, "region": database.region, "name": _name(database)}
    agenda.plan(moment, ARRIVAL, **about, to=to)


def arrives(database: Any) -> datetime | None:
    """When the change of state under way will be complete; None when there is none."""
    moment: datetime | None = vars(database).get("_arrives")
    return moment


def watch(state: WorldState) -> None:
    """Let the instances of this world arrive when their time has come."""
    state.agenda.on(ARRIVAL, partial(_arrive, state.servers))


def _arrive(servers: Servers, moment: datetime, about: Mapping[str, Any]) -> str | None:
    database = find(about["account"], about["region"], about["name"])
    if database is None or arrives(database) != moment:
        return None  # another call has sent it elsewhere since
    database.status, vars(database)["_arrives"] = about["to"], None
    if about["to"] == AVAILABLE:
        servers.wake(wanted_of(database))
    return f"DB instance {about['name']} is {about['to']}"


def agree(state: WorldState) -> None:
    """Bring servers and copies in line with instances and snapshots, as after the world was put back."""
    found = list(_all())
    up = [each for each in found if each.status in (AVAILABLE, RESETTING)]
    down = [each for each in found if each not in up]
    copies = {copy_of(each) for rds in _everywhere() for each in rds.database_snapshots.values()}
    copies |= {str(vars(each)["_from"]) for each in found if "_from" in vars(each)}  # until it has begun
    state.servers.agree(map(wanted_of, up), map(wanted_of, down), copies)


def _all() -> Iterator[Any]:
    for rds in _everywhere():
        yield from filter(is_real, rds.databases.values())


def _everywhere() -> Iterator[Any]:
    for account in accounts_of("rds"):
        yield from live_everywhere("rds", account)


def _name(database: Any) -> str:
    return str(database.db_instance_identifier)
