"""Mutants: small changes to a solution, each of which a check should notice.

A mutant that still earns full marks survives. Either it is as right as the solution, or the check would miss
a wrong answer; an author looks at each. What is found to be as right is not looked at again: an exercise's
`equal.toml` names such changes, each with the reason.

    [[equal]]
    change = "line 8: 5 is 6"
    why = "The resource of a role's ARN has no colon."
"""

from __future__ import annotations

import ast
import json
import random
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from labs.course import AnswerExercise, Exercise, Kind, OrderExercise, PolicyExercise, Variant
from labs.course.kinds.order import DIVIDER, blocks_of, needs_of
from labs.errors import CourseError, PolicyError

__all__ = ["EQUAL", "Mutant", "equals_of", "mutants_of", "survivors"]

EQUAL = "equal.toml"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed solution, and what was changed."""

    change: str
    text: str


def survivors(
    exercise: Exercise, number: int, passes: Callable[[Variant, str], bool], most: int
) -> tuple[int, list[str]]:
    """How many mutants of a variant's solution were tried, and what was changed where that earned full marks.

    Args:
        passes: whether a piece of work earns full marks.
        most: how many are tried at most; beyond that they are drawn, the same ones each time.
    """
    variant = exercise.variant(f"student-{number}")
    equal = equals_of(exercise)
    found = [each for each in mutants_of(variant) if each.change not in equal]
    if len(found) > most:
        found = random.Random(variant.seed).sample(found, most)
    return len(found), [each.change for each in found if passes(variant, each.text)]


def equals_of(exercise: Exercise) -> Mapping[str, str]:
    """The changes of the solution that are as right as it is, and why.

    Raises:
        CourseError: the file that names them cannot be read.
    """
    file = exercise.folder / EQUAL
    if not file.is_file():
        return {}
    try:
        return {each["change"]: each["why"] for each in tomllib.loads(file.read_text("utf-8"))["equal"]}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CourseError(
            "A file of an exercise cannot be read",
            f"{exercise.id}/{EQUAL}: {type(error).__name__}: {error}.",
            "It has tables [[equal]], each with a change and why it is as right.",
        ) from None


def mutants_of(variant: Variant) -> list[Mutant]:
    """All mutants of a variant's solution, none of them the solution itself or twice."""
    exercise = variant.exercise
    solution = exercise.solution(variant)
    match exercise:
        case PolicyExercise():
            found = _of_policy(solution)
        case AnswerExercise():
            found = _of_answers(exercise, variant)
        case OrderExercise():
            found = _of_order(exercise, variant, solution)
        case _ if exercise.kind in (Kind.CODE, Kind.WORLD):
            found = _of_program(solution)
        case _:
            found = iter(())
    by_text: dict[str, Mutant] = {}
    for each in _told_apart(found):
        by_text.setdefault(each.text, each)
    by_text.pop(solution, None)
    if isinstance(exercise, PolicyExercise):
        return [each for each in by_text.values() if not _means_the_same(solution, each.text, exercise)]
    return list(by_text.values())


def _told_apart(mutants: Iterator[Mutant]) -> Iterator[Mutant]:
    """The mutants, where a change that is made in several places says in which."""
    made: Counter[str] = Counter()
    for each in mutants:
        made[each.change] += 1
        place = made[each.change]
        yield each if place == 1 else Mutant(f"{each.change}, in place {place}", each.text)


# -- policies --------------------------------------------------------------------------------------------


def _of_policy(text: str) -> Iterator[Mutant]:
    document = json.loads(text)
    statements = document["Statement"]
    count = len(statements) if isinstance(statements, list) else 0
    for number in range(count):
        name = f"statement {number + 1}"
        statement = statements[number]
        for change, edit in _edits(statement):
            changed = deepcopy(document)
            edit(changed["Statement"][number])
            yield Mutant(f"{name}: {change}", json.dumps(changed, indent=2))
        if count > 1:
            changed = deepcopy(document)
            del changed["Statement"][number]
            yield Mutant(f"{name} is left out", json.dumps(changed, indent=2))


def _means_the_same(solution: str, text: str, exercise: PolicyExercise) -> bool:
    """Whether a mutant is the solution in other words: `iam:Pass*` names the one action that begins so."""
    from labs.aws.iam import parse_policy
    from labs.aws.iam.prover import compare

    try:
        one, other = (parse_policy(each, name="", type=exercise.policy_type) for each in (solution, text))  # type: ignore[arg-type]
    except PolicyError:
        return False
    kind: Literal["identity", "resource"] = "identity" if exercise.policy_type == "identity" else "resource"
    return compare(one, other, kind).verdict == "equivalent"


Edit = Callable[[dict[str, Any]], object]


def _edits(statement: dict[str, Any]) -> Iterator[tuple[str, Edit]]:
    other = "Deny" if statement["Effect"] == "Allow" else "Allow"
    yield f"the effect is {other}", lambda it: it.update(Effect=other)
    if "Condition" in statement:
        yield "its conditions are dropped", lambda it: it.pop("Condition")
        for operator, keys in statement["Condition"].items():
            for key in keys:
                yield f"{operator} on {key} is dropped", _dropping(operator, key)
    for name, wider in (("Action", _wider_action), ("Resource", _wider_resource)):
        for place, text in enumerate(_listed(statement.get(name, []))):
            for wide in wider(text):
                yield f"{name} {text} is widened to {wide}", _replacing(name, place, wide)
    if "Principal" in statement:
        yield "the principal is everybody", lambda it: it.update(Principal="*")


def _dropping(operator: str, key: str) -> Edit:
    def edit(statement: dict[str, Any]) -> None:
        del statement["Condition"][operator][key]
        if not statement["Condition"][operator]:
            del statement["Condition"][operator]
        if not statement["Condition"]:
            del statement["Condition"]

    return edit


def _replacing(name: str, place: int, text: str) -> Edit:
    def edit(statement: dict[str, Any]) -> None:
        listed = _listed(statement[name])
        statement[name] = [*listed[:place], text, *listed[place + 1 :]]

    return edit


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]


def _wider_action(text: str) -> Iterator[str]:
    service, _, call = text.partition(":")
    if call and call != "*":
        verb = next((at for at, letter in enumerate(call) if at and letter.isupper()), len(call))
        yield f"{service}:{call[:verb]}*"
        yield f"{service}:*"
    yield "*"


def _wider_resource(text: str) -> Iterator[str]:
    if text.endswith("/*"):
        yield f"{text[:-2]}*"
    elif not text.endswith("*"):
        yield f"{text}*"
    if "/" in text:
        yield f"{text.partition('/')[0]}/*"
    if text != "*":
        yield "*"


# -- answers and orders ----------------------------------------------------------------------------------


def _of_answers(exercise: AnswerExercise, variant: Variant) -> Iterator[Mutant]:
    fields = exercise.fields(variant)
    right = {field.name: field.answer for field in fields}
    for field in fields:
        for other in _nudged(field.answer, field.type, field.choices):
            text = "".join(
                f"{name} = {json.dumps(value)}\n" for name, value in {**right, field.name: other}.items()
            )
            yield Mutant(f"{field.name} is {other!r}", text)


def _nudged(answer: str, type: str, choices: Sequence[str]) -> Iterator[str]:
    """Answers close to the right one, each of them another answer."""
    if type == "choice" or choices:
        yield from (each for each in choices if each.casefold() != answer.casefold())
    elif type in ("number", "money"):
        step = "1" if type == "number" else "0.01"
        try:
            number = Decimal(answer.replace(",", "").strip("$ "))
        except InvalidOperation:
            return
        yield from (str(number + Decimal(step)), str(number - Decimal(step)), str(number * 2 + 1))
    elif type == "cidr":
        address, _, prefix = answer.partition("/")
        if prefix.isdecimal():
            yield from (f"{address}/{each}" for each in (int(prefix) - 1, int(prefix) + 1) if 0 <= each <= 32)
    elif type == "list":
        parts = [part.strip() for part in answer.split(",")]
        yield from (", ".join(parts[:at] + parts[at + 1 :]) for at in range(len(parts)) if len(parts) > 1)
        yield f"{answer}, x"
    else:
        yield f"{answer}x"
        yield answer[:-1]


def _of_order(exercise: OrderExercise, variant: Variant, solution: str) -> Iterator[Mutant]:
    used, left = blocks_of(solution)

    def text(above: Sequence[str], below: Sequence[str]) -> str:
        return "".join(f"{line}\n" for line in (*above, DIVIDER, *below))

    needs = set(needs_of(exercise.blocks(variant)))
    for at in range(len(used) - 1):
        if (used[at], used[at + 1]) not in needs:
            continue  # neither needs the other, so both orders work
        swapped = [*used[:at], used[at + 1], used[at], *used[at + 2 :]]
        yield Mutant(f"lines {at + 1} and {at + 2} change places", text(swapped, left))
    for at, line in enumerate(used):
        yield Mutant(f"line {at + 1} is left out", text(used[:at] + used[at + 1 :], [*left, line]))
    for line in left:
        others = [each for each in left if each != line]
        yield Mutant(f"“{line.strip()}” is used", text([*used, line], others))


# -- programs --------------------------------------------------------------------------------------------


def _of_program(source: str) -> Iterator[Mutant]:
    """A statement that only calls is taken out, a constant is changed, a comparison is turned round."""
    for number, node in enumerate(ast.walk(ast.parse(source))):
        for change, edit in _program_edits(node):
            tree = ast.parse(source)
            target = next(each for at, each in enumerate(ast.walk(tree)) if at == number)
            edit(target)
            line = getattr(node, "lineno", 0)
            yield Mutant(f"line {line}: {change}", ast.unparse(ast.fix_missing_locations(tree)) + "\n")


Turned = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot}
Turned |= {ast.IsNot: ast.Is, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt}


def _program_edits(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], object]]]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        said = ast.unparse(node.value.func)
        if not said.endswith(".wait"):  # in the sandbox nothing has to be waited for
            yield f"the call of {said} is taken out", lambda it: setattr(it, "value", ast.Constant(None))
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        value = node.value
        yield f"{value} is {value + 1}", lambda it: setattr(it, "value", value + 1)
        if value:  # of a list of one thing, the last is the first
            yield f"{value} is {value - 1}", lambda it: setattr(it, "value", value - 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        other = not node.value
        yield f"{node.value} is {other}", lambda it: setattr(it, "value", other)
    elif isinstance(node, ast.Constant) and type(node.value) is str and "\n" not in node.value:
        text = node.value
        if text and len(text) < 60 and not text.endswith("."):
            yield f"{text!r} is {text + 'x'!r}", lambda it: setattr(it, "value", f"{text}x")
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in Turned:
        turned = Turned[type(node.ops[0])]
        yield f"“{ast.unparse(node)}” is turned round", lambda it: it.ops.__setitem__(0, turned())
    elif isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield (
            f"it returns None, not {ast.unparse(node.value)}",
            lambda it: setattr(it, "value", ast.Constant(None)),
        )
