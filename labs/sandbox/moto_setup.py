"""moto made ready for a world: its settings, and how a world begins. Its ids are in `moto_ids`.

moto reads its settings and its list of AMIs when it is imported, so `prepare_environment` comes first; every
function here that needs moto calls it.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module, resources
from ipaddress import ip_address
from typing import Any

from labs.sandbox import moto_past, moto_time
from labs.sandbox.contents import keep_contents
from labs.sandbox.moto_ids import found_by, randomness, take_over
from labs.sandbox.moto_policies import build_shared, share_managed_policies
from labs.sandbox.moto_types import read_offers, trim_instance_types
from labs.sandbox.quick_moto import quicken
from labs.sandbox.quick_start import one_session
from labs.sandbox.values import ACCOUNT, REGION

__all__ = [
    "SERVICES",
    "dispatcher",
    "forget_state",
    "prepare_environment",
    "randomness",
    "reset_state",
    "warm",
    "warm_services",
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
    with one_session():
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        trim_instance_types()
    from labs.sandbox import strict
    from labs.sandbox.functions import patches

    take_over()
    share_managed_policies()
    quicken()
    moto_past.let_go()
    keep_contents()
    _lowest_address_first()
    patches.patch()
    strict.install()
    return DomainDispatcherApplication(create_backend_app)


def warm() -> None:
    """Load what has to be changed before it is used; a world loads the rest as it is asked for it."""
    dispatcher()
    for module in moto_time.ASK_PYTHON:
        import_module(module)
    reset_state(0)  # loads IAM: every world has an account


def warm_services() -> None:
    """Load the services of the course, so that a fork of this process answers its first calls at once."""
    application = dispatcher()
    from moto import backends
    from moto.core.utils import get_service_model

    from labs.sandbox.operations import reference

    for service in SERVICES:
        backend = backends.get_backend(service)
        # Making the state once loads what moto loads lazily; reset_state drops it again.
        backend[ACCOUNT]["aws" if service in ("iam", "s3", "sts", "budgets", "organizations") else REGION]
        application.get_application(_first_request(get_service_model(service).signing_name))
    _routers()
    read_offers(REGION)
    build_shared()
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
