"""Proof: is one policy wider than another, and which request shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from textual import on, work
from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from labs.errors import InputError
from tui.actions import bindings
from tui.instruments.evaluator import document
from tui.instruments.form import Entry
from tui.instruments.page import Answer, Instrument, Values
from tui.messages import Failed, Printed
from tui.screens.output import OutputPanel
from tui.widgets.line import NOTHING, Hanging, Lines, foreign

if TYPE_CHECKING:
    from labs.aws.iam import Policy
    from labs.aws.iam.prover import Comparison, Kind
    from labs.aws.iam.requests import Request
    from labs.sandbox import World

__all__ = ["Proof"]

REFERENCE = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::training-7f/data/*"
    }
  ]
}
"""
CANDIDATE = REFERENCE.replace("training-7f/data/*", "training-7f/*")
NARROWED = REFERENCE.replace(
    '"Resource": "arn:aws:s3:::training-7f/data/*"',
    '"Resource": "arn:aws:s3:::training-7f/data/*",\n'
    '      "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}',
)


VERDICTS = {"allowed": "✓ allowed", "denied": "✗ denied", "not asked": "! IAM was not asked"}


class Proof(Instrument):
    """Two policies compared over every request that exists."""

    SCOPE = "proof"
    ALSO = ("instrument",)
    NAME = "Proof"
    SUMMARY = "Does one policy allow more than another? The answer is proved, or shown by a request."
    HELP_LINE = (
        "Write two policies. The candidate is measured by the reference over every request there can be: "
        "equal, narrower, or wider by the request that is shown."
    )
    BINDINGS = bindings("proof")
    ENTRIES = (
        Entry("kind", "policies of", "identity", "choice", ("identity", "resource")),
        Entry("reference", "Reference", REFERENCE, "document", hint="the policy to measure by"),
        Entry("candidate", "Candidate", CANDIDATE, "document", hint="the policy to judge"),
    )
    EXAMPLES = (
        {"candidate": NARROWED},
        {"candidate": REFERENCE.replace('"s3:GetObject"', '["s3:Get*", "s3:PutObject"]')},
        {"candidate": REFERENCE.replace('"Action": "s3:GetObject"', '"NotAction": "s3:PutObject"')},
    )

    def answer(self, values: Values, world: World | None) -> Answer:
        from labs.aws.iam.prover import compare
        from tui.draw.proof import proof

        kind = cast("Kind", values["kind"])
        reference, candidate = (policy_in(values[name], name, kind) for name in ("reference", "candidate"))
        comparison = compare(reference, candidate, kind)
        return Answer(proof(comparison), "skylab prove reference.json candidate.json", comparison)

    # The witness in the sandbox

    def action_send(self) -> None:
        comparison = self.shown.result if self.shown else None
        from labs.aws.iam.prover import Comparison

        if not isinstance(comparison, Comparison):
            return
        witness = comparison.wider or comparison.narrower
        if witness is None:
            self.notify("There is no witness: the policies allow the same.", timeout=4)
        elif self.world is None:
            self.notify("The sandbox is warming; ask again in a moment.", timeout=4)
        else:
            self.say(f"Instruments › {self.NAME}", "asking the sandbox")
            self.send(comparison, witness, self.world, self.form.values)

    @work(thread=True, exclusive=True, exit_on_error=False, group="send")
    def send(self, comparison: Comparison, witness: Request, world: World, values: Values) -> None:
        """Have the sandbox answer the witness under each of the policies."""
        try:
            told = [
                text
                for name in ("reference", "candidate")
                for text in sent(world, name, values[name], comparison.kind, witness)
            ]
        except Exception as error:
            self.post_message(Failed(error, "asking the sandbox"))
        else:
            self.post_message(Printed(f"{witness.action} on {witness.resource}", "\n".join(told)))

    @on(Failed)
    def not_sent(self) -> None:
        self.say(f"Instruments › {self.NAME}")

    def on_printed(self, message: Printed) -> None:
        message.stop()
        self.say(f"Instruments › {self.NAME}")
        self.skylab.push_screen(SentPanel(message.line, message.text))


class SentPanel(OutputPanel):
    """What the sandbox answered to the witness."""

    HELP_LINE = "What the sandbox answered. The calls stand under the world's requests, with their decisions."

    def title_text(self) -> VisualType:
        return Content.assemble(("Sent   ", "bold $primary"), foreign(self.line, "$dim"))

    def panel_body(self) -> Iterable[Widget]:
        lines = [(each, 2 if each.startswith("  ") else 0) for each in self.text.split("\n")]
        pieces = (
            Hanging(NOTHING, foreign(each.strip(), "" if indent else "bold"), indent)
            for each, indent in lines
        )
        yield Static(Lines(*pieces))


def policy_in(text: str, name: str, kind: Kind) -> Policy:
    """The policy that is typed under a name.

    Raises:
        InputError: there is none, or it is no JSON.
        PolicyError: it is malformed.
    """
    from labs.aws.iam import parse_policy

    written = document(text, name)
    if written is None:
        raise InputError(f"There is no {name}", "The editor is empty.", "Write a policy there.")
    return parse_policy(written, name, type=kind)


def sent(world: World, name: str, policy: str, kind: str, request: Request) -> list[str]:
    """What the sandbox answers to a request under one policy, as lines of text. Blocks.

    It is a real call, of a session that may do what the policy says. Where there is no such call, where the
    policy belongs to a resource, and where the request has condition keys, IAM's simulator is asked too.
    """
    from labs.sandbox.asking import ask

    lines: list[str] = []
    if kind == "identity":
        try:
            asked = ask(world, request.action, request.resource, compact(policy), name)
        except InputError as refused:
            lines += [f"  {refused.title}. {refused.detail}"]
        else:
            lines += [f"{name}   {VERDICTS[asked.verdict]}", f"  $ {asked.command}", f"  {asked.told}"]
            if asked.made:
                lines.append(f"  Made for it: {', '.join(asked.made)}. u in the world takes that back.")
            if not request.context:
                return [*lines, ""]
            lines.append("  A call from here has condition keys of its own; the witness has others.")
    decision = simulated(world, policy, kind, request)
    return [*lines, f"{name}   by iam:SimulateCustomPolicy   {decision}", ""]


def compact(policy: str) -> str:
    """A policy without the blanks that a session's policy has no room for."""
    return json.dumps(json.loads(policy), separators=(",", ":"))


def simulated(world: World, policy: str, kind: str, request: Request) -> str:
    """What IAM's simulator in the sandbox says of a request under one policy. Blocks."""
    asked: dict[str, Any] = {
        "ActionNames": [request.action],
        "ResourceArns": [request.resource],
        "ContextEntries": [entry(key, value) for key, value in request.context.items()],
    }
    if kind == "identity":
        asked["PolicyInputList"] = [policy]
    else:
        asked |= {
            "PolicyInputList": [EVERYTHING],
            "ResourcePolicy": policy,
            "CallerArn": request.principal.arn,
        }
    results = world.client("iam").simulate_custom_policy(**asked)["EvaluationResults"]
    return ", ".join(str(each["EvalDecision"]) for each in results)


EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
"""For policies of resources the prover supposes that the caller's own policies allow."""


def entry(key: str, value: object) -> dict[str, Any]:
    """A condition key as the simulator takes it."""
    several = isinstance(value, list | tuple)
    values = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
    return {
        "ContextKeyName": key,
        "ContextKeyValues": values,
        "ContextKeyType": "stringList" if several else "string",
    }
