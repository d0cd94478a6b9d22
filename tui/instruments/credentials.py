"""The credential chain: which source boto3 uses, and what the metadata service is asked for the last one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from labs.errors import InputError
from tui.actions import bindings
from tui.instruments.form import Entry
from tui.instruments.page import Answer, Instrument, Values

if TYPE_CHECKING:
    from labs.aws.ec2.credential_sources import CredentialSource
    from labs.aws.ec2.metadata_visit import Exchange, Visit
    from labs.sandbox import World

__all__ = ["CredentialChain"]

NO_YES = ("no", "yes")
SOURCES = (
    ("code", "in code", "no"),
    ("environment", "environment", "no"),
    ("credentials file", "credentials", "no"),
    ("config file", "config", "no"),
    ("container", "container", "no"),
    ("instance metadata", "instance", "yes"),
)
"""The names of the sources as `labs.aws.ec2` has them, a short label each, and whether they are there."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The sources that have credentials, and what the metadata service is asked for those of the last one."""

    found: tuple[CredentialSource, ...]
    visit: tuple[Exchange, ...]


class CredentialChain(Instrument):
    """Where a program finds its credentials."""

    SCOPE = "credentials"
    ALSO = ("instrument",)
    BINDINGS = bindings("credentials")
    NAME = "Credential chain"
    SUMMARY = "Which source of credentials wins, and how a program gets those of an instance's role."
    HELP_LINE = (
        "Say in which places there are credentials. boto3 takes the first that has any; the instance's role "
        "comes last, from the metadata service, whose three requests are shown, or made one by one with F4."
    )
    ENTRIES = (
        *(Entry(name.replace(" ", "_"), label, there, "choice", NO_YES) for name, label, there in SOURCES),
        Entry("tokens", "IMDSv2", "required", "choice", ("required", "optional")),
        Entry("brings", "sends token", "yes", "choice", NO_YES),
        Entry("place", "runs on", "instance", "choice", ("instance", "container")),
        Entry("hop_limit", "hop limit", "1", "choice", ("1", "2", "3")),
        Entry("ttl", "token ttl, s", "21600", hint="1 to 21600"),
    )
    EXAMPLES = (
        {"environment": "yes"},
        {"environment": "no", "brings": "no"},
        {"brings": "yes", "place": "container"},
        {"place": "container", "hop_limit": "2"},
        {"place": "instance", "hop_limit": "1", "instance_metadata": "no"},
    )

    def __init__(self) -> None:
        super().__init__()
        self.made: int | None = None
        """How many of the requests have been made, step by step; None when all are shown."""

    def answer(self, values: Values, world: World | None) -> Answer:
        from labs.aws.ec2.credential_sources import CredentialSource, winning
        from labs.aws.ec2.metadata_visit import exchanges
        from tui.draw.credentials import chain_drawn

        found = [CredentialSource(name) for name, _, _ in SOURCES if values[name.replace(" ", "_")] == "yes"]
        asked = winning(found) in (None, CredentialSource.METADATA)
        chain = Chain(tuple(found), exchanges(visit_of(values)) if asked else ())
        return Answer(chain_drawn(chain.found, chain.visit), result=chain)

    def show_answer(self, answer: Answer) -> None:
        self.made = None
        super().show_answer(answer)

    def action_step(self) -> None:
        """Make the next request; after the last one the visit begins anew."""
        from tui.draw.credentials import chain_drawn

        chain = self.shown.result if self.shown else None
        if not isinstance(chain, Chain):
            return
        if not chain.visit:
            self.notify("Another source is used, so the metadata service is not asked.", timeout=4)
            return
        self.made = 1 if self.made in (None, len(chain.visit)) else self.made + 1
        super().show_answer(Answer(chain_drawn(chain.found, chain.visit, self.made)))
        reply = self.query_one("#reply")
        self.call_after_refresh(reply.scroll_end, animate=False)


def visit_of(values: Values) -> Visit:
    """How the program asks the metadata service.

    Raises:
        InputError: the lifetime is no number.
    """
    from labs.aws.ec2.metadata import Options
    from labs.aws.ec2.metadata_visit import ROLE, Visit

    ttl = values["ttl"].strip() or "0"
    if not ttl.isdecimal():
        raise InputError("The lifetime is no number", f"It is {ttl!r}.", "Seconds, from 1 to 21600.")
    options = Options(
        role=ROLE if values["instance_metadata"] == "yes" else None,
        tokens=cast(Literal["required", "optional"], values["tokens"]),
        hop_limit=int(values["hop_limit"]),
    )
    hops = 2 if values["place"] == "container" else 1
    return Visit(options, hops, int(ttl), brings_token=values["brings"] == "yes")
