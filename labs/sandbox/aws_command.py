"""An `aws` for shells that speak to the sandbox: it stands before the AWS CLI and passes everything on.

Version 1 of the AWS CLI has an address of its own for some services, for the sake of certificates, and heeds
AWS_ENDPOINT_URL for them no more. For these the command adds what the CLI does heed: --endpoint-url.

Source: AWS CLI User Guide, "Using endpoints in the AWS CLI"; the CLI's `overridesslcommonname`.
"""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["SERVICES", "first_on_path", "put_command"]

SERVICES: Final = ("docdb", "emr", "health", "neptune", "rds", "sqs")
"""The CLI's commands of these services."""

# The CLI's own options that take a value: what follows is not the name of a service.
_WITH_VALUE: Final = (
    "--ca-bundle",
    "--cli-binary-format",
    "--cli-connect-timeout",
    "--cli-read-timeout",
    "--color",
    "--endpoint-url",
    "--output",
    "--profile",
    "--query",
    "--region",
)

_SCRIPT: Final = r"""#!/bin/sh
# Skylab's aws: the AWS CLI, told where the sandbox is also for the services that do not ask the environment.
service= own= value=
for word do
    case $word in --endpoint-url | --endpoint-url=*) own=yes ;; esac
    if [ "$value" ]; then
        value=
    elif [ -z "$service" ]; then
        case $word in
        {with_value}) value=yes ;;
        -*) ;;
        *) service=$word ;;
        esac
    fi
done

here=$(cd "$(dirname "$0")" && pwd -P)
found= rest=$PATH:
while [ "$rest" ]; do
    folder=${{rest%%:*}} rest=${{rest#*:}}
    [ "$folder" ] || folder=.
    if [ -x "$folder/aws" ] && [ ! -d "$folder/aws" ] && [ "$(cd "$folder" && pwd -P)" != "$here" ]; then
        found=$folder/aws
        break
    fi
done
[ "$found" ] || found={fallback}
if [ ! -x "$found" ]; then
    echo "aws: command not found. The AWS CLI comes with Skylab; or install it: pip install awscli" >&2
    exit 127
fi

case $service in
{services})
    if [ "$AWS_ENDPOINT_URL" ] && [ -z "$own" ]; then
        exec "$found" --endpoint-url "$AWS_ENDPOINT_URL" "$@"
    fi
    ;;
esac
exec "$found" "$@"
"""


def put_command(folder: Path) -> Path | None:
    """Put the command into a folder, made when it is not there; returns the folder, for PATH.

    None on a system whose shells do not run it (Windows).

    Raises:
        OSError: the folder cannot be written.
    """
    if os.name != "posix":
        return None
    text = _SCRIPT.format(
        with_value=" | ".join(_WITH_VALUE),
        services=" | ".join(SERVICES),
        fallback=shlex.quote(str(Path(sys.executable).with_name("aws"))),
    )
    command = folder / "aws"
    with suppress(FileNotFoundError):
        if command.read_text("utf-8") == text:
            return folder
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".aws-{os.getpid()}"  # a shell may be running the old one
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o755)
    fresh.replace(command)
    return folder


def first_on_path(folder: Path | None, path: str) -> str:
    """A PATH with a folder before all others."""
    if folder is None:
        return path
    others = [each for each in path.split(os.pathsep) if each != str(folder)] if path else []
    return os.pathsep.join([str(folder), *others])
