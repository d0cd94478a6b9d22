"""What moto knows of a function, as the rest of this package needs it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Self

from labs.sandbox.live import live

__all__ = ["RUNTIME", "Function", "find_function", "invoked_arn", "split_name", "stream_of"]

# The Python that runs the functions, whichever one they are made for.
RUNTIME = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Function:
    """A version of a function: its settings, and where its code and layers are."""

    name: str
    account: str
    region: str
    version: str
    arn: str
    handler: str
    runtime: str
    role: str
    memory: int
    timeout: int
    storage: int
    architecture: str
    variables: dict[str, str] = field(repr=False)
    code_hash: str
    made: Any = field(repr=False, compare=False)

    @classmethod
    def of(cls, made: Any) -> Self:
        """The facts of moto's function."""
        return cls(
            name=str(made.function_name),
            account=str(made.account_id),
            region=str(made.region),
            version=str(made.version),
            arn=str(made.function_arn),
            handler=str(made.handler or ""),
            runtime=str(made.run_time or ""),
            role=str(made.role),
            memory=int(made.memory_size),
            timeout=int(made.timeout),
            storage=int(made.ephemeral_storage),
            architecture=str(made.architectures[0]),
            variables={str(name): str(value) for name, value in (made.environment_vars or {}).items()},
            code_hash=str(made.code_sha_256),
            made=made,
        )

    @property
    def unqualified(self) -> str:
        """The ARN without a version."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def log_group(self) -> str:
        """The group of CloudWatch Logs that the function writes to."""
        return f"/aws/lambda/{self.name}"

    @property
    def role_name(self) -> str:
        return self.role.rpartition("/")[2]

    @property
    def layer_arns(self) -> tuple[str, ...]:
        return tuple(str(each["Arn"]) for each in self.made.layers)

    @property
    def key(self) -> str:
        """What an environment is known by: whatever is changed about the function, this changes too."""
        facts = (
            self.arn,
            self.version,
            self.handler,
            self.runtime,
            self.role,
            self.memory,
            self.timeout,
            self.storage,
            sorted(self.variables.items()),
            self.code_hash,
            self.layer_arns,
        )
        return sha256(repr(facts).encode()).hexdigest()

    def code(self) -> bytes:
        """The archive with the code."""
        return bytes(getattr(self.made, "code_bytes", b""))

    def layers(self) -> Iterator[bytes]:
        """The archives of the layers, those first whose modules are found first: the last ones named."""
        backend = live("awslambda", self.account, self.region)
        for arn in reversed(self.layer_arns):
            version = backend.layers_versions_by_arn(arn)
            if version is not None:
                yield bytes(version.code_bytes)

    def cannot_run(self) -> str:
        """Why the sandbox has no way to run this; empty when it has."""
        if self.made.package_type != "Zip":
            return "The sandbox runs functions whose code is a .zip file archive, not container images."
        if not self.runtime.startswith("python3."):
            return f"The sandbox runs Python functions only, and this one is for {self.runtime or 'nothing'}."
        return ""


def split_name(text: str, account: str, region: str) -> tuple[str, str, str, str | None]:
    """Account, region, name and qualifier that a FunctionName says: NAME, ACCOUNT:function:NAME or an ARN."""
    if text.startswith("arn:") and text.count(":") >= 6:
        region, account, _, text = text.split(":", 6)[3:]
    elif ":function:" in text:
        account, _, text = text.partition(":function:")
    name, _, qualifier = text.partition(":")
    return account, region, name, qualifier or None


def find_function(text: str, account: str, region: str, qualifier: str | None = None) -> Function | None:
    """The function of a name or an ARN; None when there is none."""
    account, region, name, own = split_name(text, account, region)
    backend = live("awslambda", account, region)
    if backend is None:
        return None
    from moto.awslambda.exceptions import LambdaClientError

    try:
        return Function.of(backend.get_function(name, own or qualifier))
    except (LambdaClientError, AttributeError):
        return None


def invoked_arn(function: Function, qualifier: str | None) -> str:
    """The ARN by which a function was invoked."""
    return f"{function.unqualified}:{qualifier}" if qualifier else function.unqualified


def stream_of(function: Function, moment: datetime, key: str) -> str:
    """The name of an environment's log stream."""
    return f"{moment:%Y/%m/%d}/[{function.version}]{key}"
