"""Run a learner's program shut in: a forked child that has a folder, an endpoint, and nothing else.

    with Boxes() as boxes, boxes.open(environment) as box:
        box.load(source, "task.py")
        reply = box.call("find_denier", ["alice"])

`parent` and `session` are the grader's side, `warm` the process that forks, `inside` the child; `layers`,
`landlock`, `seccomp` and `limits` are the walls; `frames` and `encode` what passes through the hole in them.
"""

from __future__ import annotations

from graders.box.limits import Limits
from graders.box.parent import Boxes
from graders.box.replies import Broken, Fault, Reply
from graders.box.session import Box

__all__ = ["Box", "Boxes", "Broken", "Fault", "Limits", "Reply"]
