"""Strict: where moto is laxer than AWS, the sandbox refuses or repairs as AWS does, and says why.

    IAM allows  →  consider: the rules of the operation  →  moto
                     refuse, with AWS's code  |  change a parameter into what AWS would have taken

The rules are tables, one module a theme. A rule that refuses looks at the call and at moto's state; one that
repairs changes parameters before moto sees them, or is a patch of moto that makes the state right where it is
made. What a rule does follows from the journal's request, the moment and the state alone, so a replay, a
checkpoint and a fork have the same world. The events of a call carry what its rules said.
"""

from __future__ import annotations

from labs.sandbox.strict.book import RULES, rule_named
from labs.sandbox.strict.considering import Considered, consider
from labs.sandbox.strict.patches import install
from labs.sandbox.strict.rules import Refused, Rule, listening, without

__all__ = [
    "RULES",
    "Considered",
    "Refused",
    "Rule",
    "consider",
    "install",
    "listening",
    "rule_named",
    "without",
]
