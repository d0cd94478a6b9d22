"""Drills: endless questions on one skill, each made from a seed and answered by the engines.

drill = drill_of("hosts")
question = drill.question(seed=7)
criterion = question.mark("251")
"""

from __future__ import annotations

import difflib
from typing import Final

from labs.course.drills import arns, costs, decisions, hosts, overlap
from labs.course.drills.question import Drill, Question
from labs.errors import CourseError

__all__ = ["DRILLS", "Drill", "Question", "drill_of"]

DRILLS: Final = (arns.DRILL, hosts.DRILL, overlap.DRILL, decisions.DRILL, costs.DRILL)
"""All drills, in the order of the course."""


def drill_of(skill: str) -> Drill:
    """A drill by its name, or by the beginning of it.

    Raises:
        CourseError: there is no such drill; the hint names those that there are.
    """
    said = skill.strip().casefold()
    names = [drill.skill for drill in DRILLS]
    found = [drill for drill in DRILLS if said and drill.skill.startswith(said)]
    if len(found) == 1:
        return found[0]
    near = difflib.get_close_matches(said, names, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."
    raise CourseError("There is no such drill", f"No drill is called {skill!r}.", hint)
