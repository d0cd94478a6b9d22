"""Proof: is one policy wider than another, and which request shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual import work

from labs.errors import InputError
from tui.actions import bindings
from tui.instruments.evaluator import document
from tui.instruments.form import Entry
from tui.instruments.page import Answer, Instrument, Values
from tui.messages import Failed, Printed
from tui.screens.output import OutputPanel

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
            self.simulate(comparison, witness, self.world, self.form.values)

    @work(thread=True, exclusive=True, exit_on_error=False, group="simulate")
    def simulate(self, comparison: Comparison, witness: Request, world: World, values: Values) -> None:
        """Have the sandbox simulate the witness with each of the policies."""
        try:
            lines = [
                simulated(world, name, values[name], comparison.kind, witness)
                for name in ("reference", "candidate")
            ]
        except Exception as error:
            self.post_message(Failed(error, "asking the sandbox"))
        else:
            self.post_message(Printed("iam:SimulateCustomPolicy", "\n\n".join(lines)))

    def on_printed(self, message: Printed) -> None:
        message.stop()
        self.skylab.push_screen(OutputPanel(message.line, message.text))


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


def simulated(world: World, name: str, policy: str, kind: str, request: Request) -> str:
    """What the sandbox answers to a request under one policy: two lines of text. Blocks."""
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
    decisions = ", ".join(each["EvalDecision"] for each in results)
    return f"{name}: {decisions}\n{request.action} on {request.resource}"


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
