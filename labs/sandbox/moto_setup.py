"""moto made ready for a world: its settings, its tables, its source of ids, and how a world begins.

moto reads its settings and its list of AMIs when it is imported, so `prepare_environment` comes first; every
function here that needs moto calls it.
"""

from __future__ import annotations

import copy
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from importlib import import_module, resources
from random import Random
from types import ModuleType
from typing import Any

from labs.sandbox.values import ACCOUNT, REGION

__all__ = ["SERVICES", "dispatcher", "prepare_environment", "randomness", "reset_state", "warm"]

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

    _trim_instance_types()
    _take_over_randomness()
    _give_unique_ids()
    _found_regions_by_seed()
    _share_managed_policies()
    return DomainDispatcherApplication(create_backend_app)


def warm() -> None:
    """Load the services of the course, so that a fork of this process answers its first calls at once."""
    application = dispatcher()
    from moto import backends
    from moto.core.utils import get_service_model

    for service in SERVICES:
        backend = backends.get_backend(service)
        # Making the state once loads what moto loads lazily; reset_state drops it again.
        backend[ACCOUNT]["aws" if service in ("iam", "s3", "sts", "budgets", "organizations") else REGION]
        application.get_application(_first_request(get_service_model(service).signing_name))
    _routers()
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
    from moto.core.base_backend import BackendDict

    from labs.sandbox.principals import found_account

    BackendDict.reset()
    _world["seed"] = seed
    found_account(seed, secret)


# -- ids -------------------------------------------------------------------------------------------------

_source: ContextVar[Random | None] = ContextVar("source", default=None)
_unseeded = Random()
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# moto's state belongs to the process, and so does the seed that it was founded with.
_world = {"seed": 0}


@contextmanager
def randomness(seed: int, number: int | None) -> Iterator[None]:
    """Inside, all that moto draws follows from seed and number; with no number it follows from nothing.

    The source belongs to the thread at hand, so requests that run side by side do not disturb each other.
    """
    with _drawing_from(None if number is None else Random(f"{seed}/{number}")):
        yield


@contextmanager
def _drawing_from(source: Random | None) -> Iterator[None]:
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def _draw() -> Random:
    return _source.get() or _unseeded


class _SeededOs(ModuleType):
    """The module `os`, but that its `urandom` follows from seed and number too."""

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def urandom(self, size: int) -> bytes:
        return _draw().randbytes(size)


# Where moto takes bytes from the system for what a caller gets to see: session tokens, upload ids, keys.
_SYSTEM_BYTES = (
    "moto.dynamodbstreams.models",
    "moto.iam.models",
    "moto.kms.models",
    "moto.kms.responses",
    "moto.kms.utils",
    "moto.s3.models",
    "moto.sts.utils",
)
# And where it takes a uuid past its own source.
_SYSTEM_UUIDS = (
    "moto.cloudwatch.models",
    "moto.dynamodb.models.table_export",
    "moto.dynamodb.models.table_import",
    "moto.ssm.models",
)


def _take_over_randomness() -> None:
    """Let moto's one random object draw from the request's own source.

    Everything else in `Random` goes through these two methods. The key of an EC2 key pair stays random:
    nothing makes RSA keys from a seed.
    """
    from moto.moto_api._internal import mock_random
    from moto.moto_api._internal.moto_random import MotoRandom

    class RequestRandom(MotoRandom):  # type: ignore[misc]  # moto is Any to us
        def random(self) -> float:
            return _draw().random()

        def getrandbits(self, k: int) -> int:
            return _draw().getrandbits(k)

    mock_random.__class__ = RequestRandom
    seeded_os = _SeededOs("os")
    for name in _SYSTEM_BYTES:
        _replace(name, "os", seeded_os)
    for name in _SYSTEM_UUIDS:
        _replace(name, "uuid4", mock_random.uuid4)
    # This one module imports `uuid` whole; `mock_random` has the one function that it calls.
    _replace("moto.rds.models", "uuid", mock_random)


def _replace(module: str, name: str, value: Any) -> None:
    """Change a name in a module of moto; one that is not there any more is a mistake of ours."""
    found = import_module(module)
    getattr(found, name)
    setattr(found, name, value)


_UNIQUE_IDS = {"Group": "AGPA", "InstanceProfile": "AIPA", "Policy": "ANPA", "User": "AIDA"}


def _give_unique_ids() -> None:
    """Let IAM's unique ids tell their kind, as AROA… does, which moto gets right by itself.

    IAM User Guide, "IAM identifiers", "Understanding unique ID prefixes".
    """
    from moto.iam import models

    for name, prefix in _UNIQUE_IDS.items():
        kind = getattr(models, name)
        kind.__init__ = _with_unique_id(kind.__init__, prefix)


def _with_unique_id(begin: Callable[..., None], prefix: str) -> Callable[..., None]:
    @wraps(begin)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        self.id = prefix + "".join(_draw().choices(_BASE32, k=17))

    return __init__


def _found_regions_by_seed() -> None:
    """Let what a service holds from its beginning, as EC2 its default VPC, follow from the world's seed.

    moto makes it when a region is first looked at, be it by a read, which would shift the ids of the change
    at hand, or make them up.
    """
    from moto.core.base_backend import AccountSpecificBackend

    look_up = AccountSpecificBackend.__getitem__

    def founded(self: Any, region: str) -> Any:
        if region in self.keys():
            return look_up(self, region)
        with _drawing_from(Random(f"{_world['seed']}/{self.service_name}/{self.account_id}/{region}")):
            return look_up(self, region)

    AccountSpecificBackend.__getitem__ = founded


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
    likes = {row["type"]: row["like"] for row in wanted["added"]}
    for regions in table.INSTANCE_TYPE_OFFERINGS.values():
        for region, offers in regions.items():
            kept = [offer for offer in offers if offer["InstanceType"] in types]
            for name, like in likes.items():
                kept += [{**offer, "InstanceType": name} for offer in offers if offer["InstanceType"] == like]
            regions[region] = kept


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


def _share_managed_policies() -> None:
    """Build AWS's 1,500 managed policies once an account, not at every reset, which would take 100 ms."""
    from moto.iam.models import IAMBackend

    build = IAMBackend._init_aws_policies
    built: dict[tuple[str, str], list[Any]] = {}

    def shared(backend: Any) -> list[Any]:
        key = (backend.account_id, backend.region_name)
        if key not in built:
            # Their ids are the same in every world, as they are in every account of AWS.
            with _drawing_from(Random("managed policies")):
                built[key] = build(backend)
        for policy in built[key]:
            # The gate lets nobody change anything else about them.
            policy.attachment_count = 0
        return built[key]

    setattr(IAMBackend, build.__name__, shared)
