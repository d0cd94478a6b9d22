"""Plan: a plan of subnets, judged by its properties; there is no one right answer.

`mark_plan` judges a plan wherever it comes from: typed into `answer.toml` (`PlanExercise`), returned by a
function, or read from the subnets of a world.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from labs.course.kinds.answer import AnswerExercise, Field, read_answers
from labs.course.marks import CounterExample, Criterion, failed, passed, skipped
from labs.course.variants import Variant
from labs.errors import InputError

if TYPE_CHECKING:
    from labs.aws.network.addresses import Judgement, Plan, Subnet, Violation

__all__ = ["Aspect", "Place", "PlanExercise", "belief_behind", "mark_plan"]


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that a plan is judged by, and which properties of the judge belong to it."""

    name: str
    properties: tuple[str, ...]
    points: int


BLOCKS: Final = "Each is a block, and AWS takes it for a subnet"
APART: Final = "All lie inside the VPC, and no two overlap"
HOSTS: Final = "Each has addresses for its hosts, beside the five that AWS keeps"
ZONES: Final = "Each tier is in every zone, and alike in each"
ROOM: Final = "There is as much room as was asked for"

MOST_SUBNETS: Final = 500

ASPECTS: Final = (
    Aspect(BLOCKS, ("vpc", "alignment", "size"), 2),
    Aspect(APART, ("containment", "disjointness", "peers"), 2),
    Aspect(HOSTS, ("capacity",), 2),
    Aspect(ZONES, ("zones", "symmetry"), 1),
    Aspect(ROOM, ("room", "free", "quota"), 1),
)
"""What a plan is judged by unless an exercise says otherwise; eight points."""


@dataclass(frozen=True, slots=True)
class Place:
    """A subnet that the learner gives a block: its name in `answer.toml`, its tier and its zone."""

    name: str
    tier: str
    zone: str


class PlanExercise(AnswerExercise):
    """Give each subnet of a plan its block. Any plan is right that has the properties asked for."""

    aspects: tuple[Aspect, ...] = ASPECTS

    @abstractmethod
    def asked(self, variant: Variant) -> Mapping[str, Any]:
        """What is asked of the plan, in the form of `skylab cidr plan --jsonl`, without id and form."""

    @abstractmethod
    def places(self, variant: Variant) -> Sequence[Place]:
        """The subnets of the plan."""

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        """A field for each subnet; its answer is the planner's, one of many that are right."""
        found = self.planned(variant)
        return tuple(
            Field(each.name, f"{each.tier}, zone {each.zone}", found[each.name], "cidr")
            for each in self.places(variant)
        )

    def planned(self, variant: Variant) -> dict[str, str]:
        """The planner's block for each subnet, by its name in `answer.toml`."""
        from labs.aws.network.addresses import Plan, make_plan, requirements_from_document

        plan = make_plan(requirements_from_document(self.asked(variant)))
        assert isinstance(plan, Plan), f"{self.id}: {plan.sentence}"
        blocks = {(each.tier, each.zone): str(each.block) for each in plan.subnets}
        return {each.name: blocks[each.tier, each.zone] for each in self.places(variant)}

    def mark(self, text: str, variant: Variant) -> tuple[Criterion, ...]:
        """A criterion for each aspect; what builds on blocks waits until all are blocks.

        Raises:
            SubmissionError: the text is no TOML, or holds something that is no answer.
        """
        given = read_answers(text)
        places = self.places(variant)
        empty = [each.name for each in places if not given.get(each.name, "").strip()]
        if empty:
            return _waiting(self.aspects, f"There is no block yet for {_listed(empty)}.")
        subnets = [
            {"tier": each.tier, "zone": each.zone, "name": each.name, "cidr": given[each.name].strip()}
            for each in places
        ]
        return mark_plan(self.asked(variant), subnets, self.aspects)


def mark_plan(
    asked: Mapping[str, Any], subnets: Sequence[object], aspects: Sequence[Aspect] = ASPECTS
) -> tuple[Criterion, ...]:
    """A criterion for each aspect of a plan; the first is whether there are blocks at all.

    What holds only because a subnet is missing earns nothing until it is there.

    Args:
        asked: what is asked of the plan, as a document.
        subnets: objects with tier, zone and cidr; whatever else they are is said in the first criterion.
    """
    from labs.aws.network.addresses import judge, plan_from_document

    if not subnets:
        return _waiting(aspects, "There are no subnets.")
    if len(subnets) > MOST_SUBNETS:
        return _waiting(aspects, f"There are {len(subnets):,} subnets; at most {MOST_SUBNETS} are judged.")
    document = {**asked, "subnets": list(subnets)}
    try:
        judgement = judge(plan_from_document(document))
    except InputError as fault:
        said = " ".join(part for part in (f"{fault.title}.", fault.detail, fault.hint) if part)
        return _waiting(aspects, said)
    example = CounterExample.of_command(("cidr", "judge", "-"), json.dumps(document))
    first, *others = (_mark(each, judgement, example) for each in aspects)
    if first.state != "pass":
        return first, *(
            skipped(each.name, int(each.max), "First make each of them a block.") for each in others
        )
    if any(each.property.value == "zones" for each in judgement.violations):
        return first, *map(_until_all_are_there, others)
    return first, *others


def _until_all_are_there(criterion: Criterion) -> Criterion:
    if criterion.state != "pass":
        return criterion
    return skipped(criterion.name, int(criterion.max), "It counts once each tier is in each zone.")


def _waiting(aspects: Sequence[Aspect], said: str) -> tuple[Criterion, ...]:
    first, *others = aspects
    return (failed(first.name, first.points, said), *(skipped(each.name, each.points, "") for each in others))


def _mark(aspect: Aspect, judgement: Judgement, example: CounterExample | None) -> Criterion:
    found = [each for each in judgement.violations if each.property.value in aspect.properties]
    if not found:
        return passed(aspect.name, aspect.points)
    beliefs = [belief_behind(each, judgement.plan) for each in found]
    named = next((place for place, belief in enumerate(beliefs) if belief is not None), 0)
    violation = found[named]
    said = violation.sentence
    if len(found) > 1:
        said += f" And {len(found) - 1} more of this kind."
    return failed(aspect.name, aspect.points, said, misconception=beliefs[named], example=example)


def belief_behind(violation: Violation, plan: Plan) -> str | None:
    """The misconception that leads to such a violation; None when there is no telling."""
    subnets = [each for each in plan.subnets if each.name in violation.subnets]
    match violation.property.value:
        case "alignment" if subnets:
            return "C4"
        case "size":
            return "C5"
        case "peers":
            return "C13"
        case "disjointness":
            return "C10" if _one_for_all_zones(subnets) else "C6"
        case "capacity" if any(_forgot_what_aws_keeps(each, plan) for each in subnets):
            return "C1"
        case "zones" if plan.subnets and len({each.tier for each in plan.subnets}) == len(plan.subnets):
            return "C10"  # one subnet for each tier, as if it were in all zones
    return None


def _one_for_all_zones(subnets: Sequence[Subnet]) -> bool:
    """Whether subnets of one tier have the same block in several zones."""
    return (
        len({each.tier for each in subnets}) == 1
        and len({each.block for each in subnets}) == 1
        and len({each.zone for each in subnets}) == len(subnets)
    )


def _forgot_what_aws_keeps(subnet: Subnet, plan: Plan) -> bool:
    """Whether the block would do if AWS kept nothing, or only the first and the last address."""
    needed = plan.tier(subnet.tier).needed
    return needed is not None and subnet.block.size >= needed


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
