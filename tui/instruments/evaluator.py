"""The policy evaluator: policies and a request, both editable, and the ladder that decides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from textual import on

from labs.errors import InputError
from tui.actions import bindings
from tui.instruments.form import Entry, Form
from tui.instruments.page import Answer, Instrument, Values
from tui.motion import may_move

if TYPE_CHECKING:
    from textual.timer import Timer

    from labs.aws.iam import Decision
    from labs.sandbox import World

__all__ = ["PolicyEvaluator"]

LISTING = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:ListBucket"],
      "Resource": "arn:aws:s3:::training-7f/*"
    }
  ]
}
"""
DENYING = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "TlsOnly",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": ["arn:aws:s3:::training-7f", "arn:aws:s3:::training-7f/*"],
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    }
  ]
}
"""
CLIMB = 1.5
"""Seconds that the whole ladder takes; it stops where the decision falls."""
ALICE = "arn:aws:iam::123456789012:user/alice"
BUCKET = "arn:aws:s3:::training-7f"


class PolicyEvaluator(Instrument):
    """Would AWS allow it, and why: stage by stage."""

    SCOPE = "evaluator"
    ALSO = ("instrument",)
    NAME = "Policy evaluator"
    SUMMARY = "Would AWS allow a request, and why: the ladder of policies, rung by rung."
    HELP_LINE = (
        "Write policies and a request. The ladder at the right lights up from the top and stops where the "
        "decision falls; any key ends that. Each statement says why it matched or did not. With "
        "TEXTUAL_ANIMATIONS=none in the environment nothing moves by itself."
    )
    BINDINGS = bindings("evaluator")
    ENTRIES = (
        Entry("principal", "principal", ALICE, hint="who asks: an ARN, a service, or anonymous"),
        Entry("action", "action", "s3:ListBucket", hint="s3:GetObject"),
        Entry("resource", "resource", BUCKET, hint="an ARN, or *"),
        Entry("context", "context", "", hint="KEY=VALUE, a word each"),
        Entry("identity", "Identity-based policy", LISTING, "document", hint="of the caller"),
        Entry("resource_policy", "Resource-based policy", "", "document", hint="empty: none"),
    )
    EXAMPLES = (
        {"action": "s3:GetObject", "resource": f"{BUCKET}/data/a.csv"},
        {
            "action": "s3:GetObject",
            "resource": f"{BUCKET}/data/a.csv",
            "context": "aws:SecureTransport=false",
            "resource_policy": DENYING,
        },
        {"action": "s3:DeleteObject", "resource": f"{BUCKET}/data/a.csv", "resource_policy": ""},
    )

    def __init__(self) -> None:
        super().__init__()
        self.everything = False
        self.lit: int | None = None
        """How many stages are lit, from the top; None when all is told."""
        self.told: tuple[object, ...] = ()
        """What the ladder told last; it climbs again when it has something else to tell."""
        self._climbing: Timer | None = None

    def answer(self, values: Values, world: World | None) -> Answer:
        from labs.aws.iam import case_from_json, explain

        case = case_of(values)
        decision = explain(*case_from_json(case))
        return Answer(self.drawn(decision), f"echo {shell_quoted(case)} | skylab explain --case -", decision)

    def drawn(self, decision: Decision) -> RenderableType:
        """The ladder with so many rungs lit, and beside an allowance what is doubtful in the policies."""
        from labs.aws.iam.lint import explaining
        from tui.draw.decision import ladder
        from tui.draw.lint import beside

        parts: list[RenderableType] = [ladder(decision, every=self.everything, lit=self.lit)]
        if self.lit is None:
            parts += beside(explaining(decision), allowed=decision.allowed)
        return Group(*parts)

    def show_answer(self, answer: Answer) -> None:
        self.stop_climbing()
        self.lit = None
        if self.decision is None:
            self.told = ()
            super().show_answer(answer)
        else:
            self.draw_again()
            self.climb_if_new()

    @property
    def decision(self) -> Decision | None:
        """What is decided now; None where the question cannot be read."""
        from labs.aws.iam import Decision

        result = self.shown.result if self.shown else None
        return result if isinstance(result, Decision) else None

    # The ladder on its own

    def climb_if_new(self) -> None:
        """Climb the ladder, once the answer is in view, if it tells something else than the last time."""
        decision = self.decision
        if decision is None or not (self.has_class("-wide") or self.has_class("-show-answer")):
            return
        told = (decision.outcome, decision.stage, decision.request.action, decision.request.resource)
        if told != self.told and may_move(self.skylab):
            self.lit = 0
            self.draw_again()
            self._climbing = self.set_interval(CLIMB / (1 + len(decision.trace)), self.climb_on)
        self.told = told

    def climb_on(self) -> None:
        """Light the next stage."""
        from tui.draw.decision import falls_at

        if self.lit is None or self.decision is None:
            return
        self.lit += 1
        if self.lit >= falls_at(self.decision):
            self.stop_climbing()
        self.draw_again()

    def stop_climbing(self) -> bool:
        """Have all told; whether the ladder was still climbing."""
        climbing, self._climbing = self._climbing, None
        if climbing is not None:
            climbing.stop()
            self.lit = None
        return climbing is not None

    def tell_all(self) -> None:
        """End the climb at once, wherever it is."""
        if self.stop_climbing():
            self.draw_again()

    # Any key ends it: those that reach the screen, what is typed into a field, those of other screens.

    def on_key(self) -> None:
        self.tell_all()

    def on_screen_suspend(self) -> None:
        self.tell_all()

    @on(Form.Changed)
    def typed_meanwhile(self) -> None:
        self.tell_all()

    def show(self, pane: str) -> None:
        self.tell_all()
        super().show(pane)
        if pane == "answer":
            self.climb_if_new()

    # Keys

    def draw_again(self) -> None:
        if self.decision is not None:
            super().show_answer(Answer(self.drawn(self.decision)))

    def action_fold(self) -> None:
        self.stop_climbing()
        self.everything = not self.everything
        self.draw_again()

    def action_step(self) -> None:
        if self.decision is None:
            return
        rungs = 1 + len(self.decision.trace)
        self.stop_climbing()
        self.lit = 1 if self.lit is None else self.lit + 1
        if self.lit > rungs:
            self.lit = None
        self.draw_again()
        if not self.has_class("-wide"):
            self.show("answer")


def case_of(values: Values) -> dict[str, Any]:
    """The case that a form describes, in the form of `skylab explain --case`.

    Raises:
        InputError: a policy is no JSON, or a condition key is not written as KEY=VALUE.
    """
    request: dict[str, Any] = {
        "principal": values["principal"].strip(),
        "action": values["action"].strip(),
        "resource": values["resource"].strip(),
    }
    if context := context_of(values["context"]):
        request["context"] = context
    case: dict[str, Any] = {"request": request}
    if (policy := document(values["identity"], "identity-based policy")) is not None:
        case["identityPolicies"] = [policy]
        case["names"] = {"identityPolicies": ["identity policy"]}
    if (policy := document(values["resource_policy"], "resource-based policy")) is not None:
        case["resourcePolicy"] = policy
        case["names"] = {**case.get("names", {}), "resourcePolicy": "resource policy"}
    return case


def context_of(text: str) -> dict[str, Any]:
    """Condition keys from a line such as `aws:SourceIp=10.0.0.1 aws:TagKeys=a`.

    Raises:
        InputError: a word has no equals sign.
    """
    from tui.commands.cases import condition_keys

    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in condition_keys(text.split()).items()
    }


def document(text: str, what: str) -> Any:
    """A policy document as it is typed; None for an empty text.

    Raises:
        InputError: it is no JSON.
    """
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"The {what} is not JSON yet", f"{error}.", "The line above the editor names the place."
        ) from None


def shell_quoted(case: object) -> str:
    """A document as one word of a shell."""
    import shlex

    return shlex.quote(json.dumps(case, separators=(",", ":")))
