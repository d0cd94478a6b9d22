"""What a unit, a lesson, an exercise, a variant, a workspace and progress are.

course = load_course()
exercise = course.exercise("bucket-or-object")
variant = exercise.variant("alice")
print(exercise.prompt(variant))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# At once: else the module, which one of them is called like, would stand in its place.
from labs.course.misconceptions import Misconception, misconception, misconceptions
from labs.facade import facade

if TYPE_CHECKING:
    from labs.course.catalogue import Course, Page, Unit, load_course
    from labs.course.exercise import Exercise, Hint, WrongAnswer
    from labs.course.kinds.answer import AnswerExercise, Field, PredictExercise, Slip
    from labs.course.kinds.code import Call, CallResult, CodeExercise, Run
    from labs.course.kinds.lettered import Lettered
    from labs.course.kinds.order import Block, Inversion, OrderExercise
    from labs.course.kinds.plan import Place, PlanExercise, mark_plan
    from labs.course.kinds.policy import Ask, PolicyExercise, Rule
    from labs.course.kinds.world import WorldExercise
    from labs.course.marks import CounterExample, Criterion, Kind
    from labs.course.progress import Progress, Standing
    from labs.course.variants import Variant
    from labs.course.workspace import Workspace

__all__ = [
    "AnswerExercise",
    "Ask",
    "Block",
    "Call",
    "CallResult",
    "CodeExercise",
    "CounterExample",
    "Course",
    "Criterion",
    "Exercise",
    "Field",
    "Hint",
    "Inversion",
    "Kind",
    "Lettered",
    "Misconception",
    "OrderExercise",
    "Page",
    "Place",
    "PlanExercise",
    "PolicyExercise",
    "PredictExercise",
    "Progress",
    "Rule",
    "Run",
    "Slip",
    "Standing",
    "Unit",
    "Variant",
    "Workspace",
    "WorldExercise",
    "WrongAnswer",
    "load_course",
    "mark_plan",
    "misconception",
    "misconceptions",
]

__getattr__, __dir__ = facade(
    __name__,
    {
        "catalogue": "Course Page Unit load_course",
        "exercise": "Exercise Hint WrongAnswer",
        "kinds.answer": "AnswerExercise Field PredictExercise Slip",
        "kinds.code": "Call CallResult CodeExercise Run",
        "kinds.lettered": "Lettered",
        "kinds.order": "Block Inversion OrderExercise",
        "kinds.plan": "Place PlanExercise mark_plan",
        "kinds.policy": "Ask PolicyExercise Rule",
        "kinds.world": "WorldExercise",
        "marks": "CounterExample Criterion Kind",
        "progress": "Progress Standing",
        "variants": "Variant",
        "workspace": "Workspace",
    },
)
