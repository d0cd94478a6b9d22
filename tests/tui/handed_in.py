"""Three exercises: two that are judged in a sandbox, a program and a world, and one that is not."""

from __future__ import annotations

CODE, WORLD, ANSWER = "arns/parse-with-python", "arns/mend-the-policy", "arns/is-it-one"
