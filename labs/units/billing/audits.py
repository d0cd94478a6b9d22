"""Audit the lecture: is a claim of a handout right, and what is the exact number?

The claims, the verdicts and the exact numbers are those of `labs.aws.billing.audit`; an exercise says which
of them it asks for, and in which words.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any, ClassVar, Final

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.billing.bills import BILL, dollars, price, stdin_of

if TYPE_CHECKING:
    from labs.aws.billing.audit import Figure, Finding

__all__ = ["T3_CREDITS", "VERDICTS", "AuditExercise", "Claim"]

WIDE: Final = 76
"""Columns of the learner's file."""
T3_CREDITS: Final = (
    "A T3 earns vCPUs × baseline × 60 CPU credits an hour. All of these have 2 vCPUs; the baseline is 10 % "
    "for micro, 20 % for small and medium, and 30 % for large."
)
VERDICTS: Final = ("right", "imprecise", "inconsistent", "wrong")


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the handout, as an exercise asks for it.

    `row` and `figure` say which of the audited numbers it is, `name` what the answers are called, `asks` what
    exactly is to be computed. For that one has to know the `prices`, each a label and a key, with `@REGION`
    where it is not us-east-1, and what a `note` says. A `slip` is a wrong amount, the misconception behind
    it, and a sentence.
    """

    row: int
    figure: str
    name: str
    asks: str
    prices: tuple[tuple[str, str], ...] = ()
    slip: tuple[str, str, str] | None = None
    note: str = ""

    @property
    def finding(self) -> Finding:
        from labs.aws.billing.audit import audit

        return next(finding for finding in audit() if finding.number == self.row)

    @property
    def exact(self) -> str:
        """The exact number, to two decimals; hours and the like without them where they are whole."""
        number = dollars(self._figure.computed())
        return number if self.asks.startswith("dollars") else number.removesuffix(".00")

    @property
    def task(self) -> str:
        """The claim and what is to be computed, as an item of a list."""
        return f"- `{self.name}`: “{self.finding.says}”. Compute the {self.asks}."

    @property
    def _figure(self) -> Figure:
        return next(figure for figure in self.finding.figures if figure.name == self.figure)

    def fields(self) -> tuple[Field, Field]:
        """The verdict and the number."""
        finding, document = self.finding, self._figure.document
        shows = {**document, "usage": [*document["usage"]] * self._figure.copies} if document else None
        return (
            Field(
                f"{self.name}_verdict",
                f"“{finding.says}”",
                finding.verdict,
                "choice",
                VERDICTS,
                why=finding.because,
            ),
            Field(
                self.name,
                self.asks,
                self.exact,
                "money",
                why=finding.because,
                slips=(Slip(*self.slip),) if self.slip else (),
                command=BILL if shows else (),
                stdin=stdin_of(shows) if shows else "",
            ),
        )


class AuditExercise(AnswerExercise):
    """A handout of a few claims: subclasses say which are always asked for, and which vary."""

    always: ClassVar[tuple[tuple[Claim, ...], ...]]
    """One claim of each of these is always there."""
    sometimes: ClassVar[tuple[tuple[Claim, ...], ...]]
    """Of these, as many as `drawn` are there, one claim of each."""
    drawn: ClassVar[int] = 3

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        kinds = [*self.always, *rng.sample(self.sometimes, self.drawn)]
        claims = [rng.choice(kind) for kind in kinds]
        always = {claim.name for claim in claims[: len(self.always)]}
        rng.shuffle(claims)
        return {
            "claims": claims,
            "handout": "\n".join(claim.task for claim in claims),
            "prices": _price_list(claims),
            "notes": "\n\n".join(claim.note for claim in claims if claim.note),
            "blanks": "\n\n".join(_blank(claim) for claim in claims),
            "answers": "\n".join(_answers(claims)),
            "rest": "\n".join(_answers([claim for claim in claims if claim.name not in always])),
            "reasons": "\n".join(
                f"- `{claim.name}`: {claim.exact}, and the handout is {claim.finding.verdict}. "
                f"{claim.finding.because}"
                for claim in claims
            ),
            **{f"{claim.name}_exact": claim.exact for claim in claims},
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        return tuple(field for claim in variant.values["claims"] for field in claim.fields())


def _price_list(claims: Sequence[Claim]) -> str:
    known = dict(pair for claim in claims for pair in claim.prices)
    return "\n".join(f"| {label} | {_price(key)} |" for label, key in known.items())


def _price(key: str) -> str:
    name, _, region = key.partition("@")
    return price(name, region) if region else price(name)


def _blank(claim: Claim) -> str:
    says = fill(claim.finding.says, WIDE, initial_indent="# ", subsequent_indent="# ")
    return (
        f"{says}\n# right, imprecise, inconsistent or wrong?\n"
        f'{claim.name}_verdict = ""\n# {claim.asks}\n{claim.name} = ""'
    )


def _answers(claims: Sequence[Claim]) -> Iterator[str]:
    for claim in claims:
        yield f'{claim.name}_verdict = "{claim.finding.verdict}"'
        yield f'{claim.name} = "{claim.exact}"'
