"""moto made ready for a world: its settings, its tables, and how a world begins; its ids are in `moto_ids`.

moto reads its settings and its list of AMIs when it is imported, so `prepare_environment` comes first; every
function here that needs moto calls it.
"""

from __future__ import annotations

import copy
import os
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import import_module, resources
from ipaddress import ip_address
from typing import Any

from labs.sandbox import moto_past, moto_time
from labs.sandbox.contents import keep_contents
from labs.sandbox.moto_ids import found_by, randomness, replace_in, take_over
from labs.sandbox.moto_policies import share_managed_policies
from labs.sandbox.quick_moto import quicken
from labs.sandbox.values import ACCOUNT, REGION

__all__ = [
    "SERVICES",
    "dispatcher",
    "forget_state",
    "prepare_environment",
    "randomness",
    "reset_state",
    "warm",
]

SERVICES = (
    "s3",
    "iam",
    "sts",
    "ec2",
    "sqs",
    "sns",
    "dynamodb",
    "lambda",
    "rds",
    "kms",
    "logs",
    "cloudtrail",
    "cloudwatch",
    "budgets",
    "events",
    "organizations",
    "secretsmanager",
    "ssm",
)
"""The services of the course, by botocore's names: these are loaded before a world says that it is ready."""

_SETTINGS = {
    "MOTO_ENABLE_AMI_VALIDATION": "true",
    "MOTO_ENABLE_KEYPAIR_VALIDATION": "true",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # moto's own IAM checks ignore conditions and most resources; the gate decides instead.
    "INITIAL_NO_AUTH_ACTION_COUNT": "inf",
}


def prepare_environment() -> None:
    """Set what moto reads at import time. Calling it again changes nothing."""
    data = resources.files("labs.sandbox") / "data" / "amis.json"
    os.environ.update(_SETTINGS, MOTO_AMIS_PATH=str(data))
    # One world is one account unless a call says otherwise; an inherited setting would override its keys.
    os.environ.pop("MOTO_ACCOUNT_ID", None)


@cache
def dispatcher() -> Any:
    """moto's WSGI application, with its tables trimmed and its ids under our control."""
    prepare_environment()
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from labs.sandbox import strict
    from labs.sandbox.functions import patches

    _trim_instance_types()
    take_over()
    share_managed_policies()
    quicken()
    moto_past.let_go()
    keep_contents()
    _lowest_address_first()
    patches.patch()
    strict.install()
    return DomainDispatcherApplication(create_backend_app)


def warm(*, brief: bool = False) -> None:
    """Load the services of the course, so that a fork of this process answers its first calls at once.

    In `brief` only what has to be changed before it is used; a world loads the rest as it is asked for it.
    """
    application = dispatcher()
    if brief:
        for module in moto_time.ASK_PYTHON:
            import_module(module)
        reset_state(0)  # loads IAM: every world has an account
        return
    from moto import backends
    from moto.core.utils import get_service_model

    from labs.sandbox.operations import reference

    for service in SERVICES:
        backend = backends.get_backend(service)
        # Making the state once loads what moto loads lazily; reset_state drops it again.
        backend[ACCOUNT]["aws" if service in ("iam", "s3", "sts", "budgets", "organizations") else REGION]
        application.get_application(_first_request(get_service_model(service).signing_name))
    _routers()
    reference.load({reference.action_prefix(service) for service in SERVICES})
    reset_state(0)


def _first_request(signing_name: str) -> dict[str, Any]:
    scope = f"20260101/{REGION}/{signing_name}/aws4_request"
    return {
        "PATH_INFO": "/",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=AKIA/{scope}, SignedHeaders=host, Signature=0",
        "HTTP_X_AMZ_TARGET": "DynamoDB_20120810.ListTables",
    }


def _routers() -> None:
    from moto.core.routing import get_service_router

    for service in SERVICES:
        get_service_router(service)


# -- the beginning of a world ----------------------------------------------------------------------------


def reset_state(seed: int, secret: bytes = b"") -> None:
    """Forget everything and begin anew: an account with the IAM user `admin` and the root user's key.

    Args:
        seed: what all ids of the world follow from, together with the numbers in its journal.
        secret: mixed into the keys of the admin and of root: whoever knows only the seed cannot sign as them.
    """
    dispatcher()
    from labs.sandbox.principals import found_account

    forget_state()
    found_by(seed)
    found_account(seed, secret)


def forget_state() -> None:
    """Let moto hold nothing. Its own reset first begins each service anew, to throw that away as well."""
    from moto.core.base_backend import BackendDict

    for table in BackendDict._instances:
        dict.clear(table)
        for held in vars(table).values():
            if isinstance(held, dict):  # as of S3, which account has a bucket
                held.clear()
    BackendDict._instances.clear()
    moto_past.forget_caches()


# -- tables ----------------------------------------------------------------------------------------------


def _trim_instance_types() -> None:
    from moto.ec2.models import instance_types as table

    text = (resources.files("labs.sandbox") / "data" / "instance_types.toml").read_text("utf-8")
    wanted = tomllib.loads(text)
    families = frozenset(wanted["families"])
    # The dictionaries are changed in place: other modules of moto hold on to them.
    types = {name: row for name, row in table.INSTANCE_TYPES.items() if name.partition(".")[0] in families}
    for row in wanted["added"]:
        types[row["type"]] = _instance_type(row, types[row["like"]])
    table.INSTANCE_TYPES.clear()
    table.INSTANCE_TYPES.update(types)
    table.INSTANCE_FAMILIES[:] = sorted({name.partition(".")[0] for name in types})
    table.InstanceTypeBackend.instance_types[:] = map(table.InstanceType, types)
    likes = {row["type"]: row["like"] for row in wanted["added"]}
    for regions in table.INSTANCE_TYPE_OFFERINGS.values():
        for region, offers in regions.items():
            kept = [offer for offer in offers if offer["InstanceType"] in types]
            for name, like in likes.items():
                kept += [{**offer, "InstanceType": name} for offer in offers if offer["InstanceType"] == like]
            regions[region] = kept
    replace_in("moto.ec2.models.instances", "InvalidInstanceTypeError", _no_such_type)


def _no_such_type(name: str) -> Exception:
    """AWS's answer to a launch of a type that there is not; moto's is that of describe-instance-types."""
    from moto.ec2.exceptions import EC2ClientError

    return EC2ClientError("InvalidParameterValue", f"Invalid value '{name}' for InstanceType.")  # type: ignore[no-any-return]  # moto is Any to us


def _instance_type(row: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(dict(like))
    gpus = row["gpus"]
    made.pop("InstanceStorageInfo", None)
    made |= {
        "InstanceType": row["type"],
        "InstanceStorageSupported": False,
        "MemoryInfo": {"SizeInMiB": row["memory_mib"]},
        "VCpuInfo": {
            "DefaultVCpus": row["vcpus"],
            "DefaultCores": row["vcpus"] // 2,
            "DefaultThreadsPerCore": 2,
        },
        "GpuInfo": {
            "Gpus": [
                {
                    "Name": gpus["name"],
                    "Manufacturer": gpus["manufacturer"],
                    "Count": gpus["count"],
                    "MemoryInfo": {"SizeInMiB": gpus["memory_mib"]},
                }
            ],
            "TotalGpuMemoryInMiB": gpus["count"] * gpus["memory_mib"],
        },
    }
    return made


# -- addresses -------------------------------------------------------------------------------------------


def _lowest_address_first() -> None:
    """Let a subnet give out the lowest of its addresses that came back.

    moto takes any from a set, whose order is another one after a restart.
    """
    from moto.ec2.models.subnets import Subnet

    give_out = Subnet.get_available_subnet_ip

    def lowest(subnet: Any, *args: Any, **kwargs: Any) -> Any:
        returned = subnet._unused_ips
        if returned:
            subnet._unused_ips = {min(returned, key=ip_address)}
        given = give_out(subnet, *args, **kwargs)
        subnet._unused_ips = returned - {given}
        return given

    setattr(Subnet, give_out.__name__, lowest)
