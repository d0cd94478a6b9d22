"""A program from a notebook: the functions that are asked for, and the statements that they build on."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Statement", "defined_in", "program_of", "statements_of"]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement at the top of a cell: the cell's number, its text, what it names and what it uses."""

    cell: int
    text: str
    names: frozenset[str]
    uses: frozenset[str]


def statements_of(number: int, text: str, tree: ast.Module) -> tuple[Statement, ...]:
    """The statements of a cell that give something a name."""
    lines = text.splitlines()
    return tuple(
        Statement(number, source, names, frozenset(_uses(source, each)))
        for each in tree.body
        if (names := frozenset(_names(each)))
        for source in (_source(text, lines, each, tree),)
    )


def defined_in(tree: ast.Module) -> tuple[str, ...]:
    """The functions and classes that a cell defines at its top."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return tuple(each.name for each in tree.body if isinstance(each, kinds))


def program_of(names: Iterable[str], cell: int, statements: Sequence[Statement]) -> str:
    """The text of a program that defines these names as the notebook has them at a cell.

    What a name means is what the last statement up to that cell gives it, else the first one after it.
    """
    wanted, seen = list(names), set[str]()
    kept: set[int] = set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        places = [place for place, each in enumerate(statements) if name in each.names]
        if not places:
            continue
        place = max((each for each in places if statements[each].cell <= cell), default=places[0])
        kept.add(place)
        wanted += statements[place].uses
    texts = dict.fromkeys(statements[place].text for place in sorted(kept))
    return "".join(f"{text}\n\n\n" for text in texts).rstrip("\n") + "\n" if texts else ""


def _source(text: str, lines: Sequence[str], statement: ast.stmt, tree: ast.Module) -> str:
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(each.lineno for each in decorators)])
    last = statement.end_lineno or statement.lineno
    shared = [each for each in tree.body if each is not statement and _overlap(each, first, last)]
    if shared:  # several statements on one line
        return ast.get_source_segment(text, statement) or ast.unparse(statement)
    return "\n".join(lines[first - 1 : last])


def _overlap(statement: ast.stmt, first: int, last: int) -> bool:
    return statement.lineno <= last and (statement.end_lineno or statement.lineno) >= first


def _names(statement: ast.stmt) -> Iterator[str]:
    """What a statement gives a name; what stands inside a function or a class names nothing out here."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (each.asname or each.name.partition(".")[0] for each in aliases)
        case _:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id
                elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                    yield node.name
                elif isinstance(node, ast.alias):
                    yield node.asname or node.name.partition(".")[0]


def _uses(source: str, statement: ast.stmt) -> Iterator[str]:
    """The names that a statement takes from outside: a function's own variables are nobody else's."""
    try:
        tables = [symtable.symtable(source, "task.py", "exec")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it parses, and would not run
        yield from (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
        return
    while tables:
        table = tables.pop()
        tables += table.get_children()
        outermost = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (outermost or symbol.is_global()):
                yield symbol.get_name()
