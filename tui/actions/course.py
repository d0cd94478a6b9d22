"""What can be done on the course map, in lessons and in exercises."""

from __future__ import annotations

from tui.actions.action import Action

__all__ = ["COURSE"]

# fmt: off
COURSE: tuple[Action, ...] = (
    Action("map.open", ("enter",), "open", "Open what is marked",
           "Opens the lesson or the exercise that is marked.", 10),
    Action("map.resume", ("c",), "continue", "Go on where you left off",
           "Opens the next exercise that is not done, starting from the marked unit.", 20),
    Action("map.lesson", ("l",), "lesson", "Read the unit's lesson",
           "Opens the marked unit's lesson at the first page that you have not read.", 0),
    Action("map.instruments", ("i",), "instruments", "Tools that need no exercise",
           "Opens the instruments: ARNs, CIDR blocks, policies, proofs, packets, bills.", 35),
    Action("map.find", ("slash",), "find", "Find an exercise or a lesson",
           "Opens the list of everything; type part of a name.", 45),
    Action("map.quit", ("q",), "quit", "Leave Skylab",
           "Leaves Skylab. What you have written is already saved.", 0),
    Action("lesson.next", ("right", "n", "space"), "next page", "Turn the page",
           "Goes to the next page; after the last one, to the unit's first open exercise.", 10),
    Action("lesson.previous", ("left", "b"), "back", "Turn back a page",
           "Goes to the page before.", 20),
    Action("lesson.page", ("p", "f2"), "page", "Go to the page",
           "Goes to the page.", 0),
    Action("lesson.contents", ("t", "f3"), "contents", "The pages of this lesson",
           "Goes to the list of pages, or back to the page.", 30),
    Action("lesson.requests", ("w", "f4"), "requests", "What the sandbox is asked",
           "Goes to the requests of the sandbox, or back to the page.", 40),
    Action("lesson.practise", ("x",), "exercise", "Try it",
           "Opens the unit's first exercise that is not done.", 50),
    Action("lesson.close", ("escape",), "map", "Back to the course map",
           "Goes back to the course map.", 0),
    Action("exercise.check", ("ctrl+s",), "check", "Mark what you have written",
           "Saves and marks what you have written, and shows every criterion.", 10, True),
    Action("exercise.hint", ("ctrl+t",), "hint", "Show one more hint",
           "Shows one more hint: the idea, the place, a worked sibling, at last the solution.", 20, True),
    Action("exercise.undo", ("ctrl+z",), "undo", "Take back the last change",
           "Takes back your last change in the editor; Ctrl+Y brings it again.", 30),
    Action("exercise.why", ("ctrl+o",), "why", "Run the counter-example",
           "Runs the next counter-example of the results and shows how the decision falls.", 40, True),
    Action("exercise.task", ("f2",), "task", "Go to the task",
           "Goes to the task and what you write.", 0, True),
    Action("exercise.results", ("f3",), "results", "Go to the results",
           "Goes to the results and the hints.", 0, True),
    Action("exercise.requests", ("f4",), "requests", "Go to the live requests",
           "Goes to the requests that the sandbox has answered, newest last.", 50, True),
    Action("exercise.reset", ("ctrl+r",), "reset", "Start afresh",
           "Puts the starter back, or a fresh world. What you had is kept in .skylab/trash.", 0, True),
    Action("exercise.next", ("ctrl+n",), "next", "The next exercise",
           "Opens the next exercise of the course.", 0, True),
    Action("exercise.close", ("escape",), "map", "Back to the course map",
           "Goes back to the course map. What you have written is saved.", 0, True),
)
# fmt: on
