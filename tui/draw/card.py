"""What somebody needs who has just started a sandbox: where it is, who they are, and what to try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from tui.draw.layout import indented, page, row, rule
from tui.draw.words import shown

if TYPE_CHECKING:
    from labs.sandbox import Connection

__all__ = ["sandbox_card"]

TRIES = (
    ("aws sts get-caller-identity", "who you are"),
    ("aws s3 mb s3://first-bucket", "make a bucket"),
    ("skylab events --follow", "see each request, and why it was allowed or denied"),
)


def sandbox_card(connection: Connection, environment: Mapping[str, str], *, label: str) -> RenderableType:
    """The card of one running sandbox; `environment` is what its administrator's shell needs."""
    facts = (
        (
            "IAM",
            Text.assemble(("✓ ", "allowed"), "enforced: a request without permission is denied, as in AWS"),
        ),
        ("endpoint", shown(connection.endpoint, "accent")),
        ("region", shown(connection.region)),
        ("account", shown(connection.account)),
        ("access key", shown(environment["AWS_ACCESS_KEY_ID"])),
        ("secret key", shown(environment["AWS_SECRET_ACCESS_KEY"])),
    )
    return page(
        Text.assemble(("Sandbox", "accent"), "  ", shown(label)),
        rule(),
        *(row(Text(name, "quiet"), value, widths=(11, None)) for name, value in facts),
        Text(),
        Text("In another terminal:", "title"),
        indented(Text('eval "$(skylab env)"'), 2),
        *(indented(row(Text(command), Text(what, "quiet"), widths=(30, None)), 2) for command, what in TRIES),
        Text(),
        Text("Requests show below as they come. Ctrl+C stops the sandbox.", "quiet"),
    )
