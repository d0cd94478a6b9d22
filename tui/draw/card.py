"""What somebody needs who has just started a sandbox: where it is, who they are, and what to try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.draw.layout import indented, page, row, rule
from tui.draw.words import shown

if TYPE_CHECKING:
    from labs.course import Exercise
    from labs.sandbox import Connection

__all__ = ["sandbox_card"]


def sandbox_card(
    connection: Connection,
    principal: str,
    environment: Mapping[str, str],
    *,
    exercise: Exercise | None = None,
    skylab: str = "skylab",
) -> RenderableType:
    """The card of one running sandbox.

    `environment` is what the shell of `principal` needs; `skylab` is the command as it can be typed here.
    """
    facts = (
        (
            "IAM",
            Text.assemble(("✓ ", "allowed"), "enforced: a request without permission is denied, as in AWS"),
        ),
        ("endpoint", shown(connection.endpoint, "accent")),
        ("region", shown(connection.region)),
        ("account", shown(connection.account)),
        ("you are", shown(principal)),
        ("access key", shown(environment["AWS_ACCESS_KEY_ID"])),
        ("secret key", shown(environment["AWS_SECRET_ACCESS_KEY"])),
    )
    return page(
        Text.assemble(
            ("Sandbox", "accent"), "  ", shown(exercise.title if exercise else "on this machine only")
        ),
        rule(),
        *(row(Text(name, "quiet"), value, widths=(11, None)) for name, value in facts),
        Text(),
        Text("In another terminal:", "title"),
        indented(shown(f'eval "$({skylab} env)"'), 2),
        indented(shown("aws sts get-caller-identity"), 2),
        indented(shown("aws s3 ls" if exercise else "aws s3 mb s3://first-bucket"), 2),
        Text(),
        Text("Requests show below as they come. Ctrl+C stops the sandbox.", "quiet"),
    )
