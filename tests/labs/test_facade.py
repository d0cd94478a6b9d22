"""Facades: each gives the names that it says, from the module that it says, and loads nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(
    ".".join(path.parent.relative_to(ROOT).parts)
    for top in ("labs", "graders", "tui")
    for path in (ROOT / top).rglob("__init__.py")
    if "= facade(" in path.read_text("utf-8")
)


def source_of(package: str) -> ast.Module:
    return ast.parse((ROOT.joinpath(*package.split(".")) / "__init__.py").read_text("utf-8"))


def imported_for_the_reader(package: str) -> dict[str, str]:
    """Each name that stands in the block for type checkers, with its module."""
    block = next(node for node in source_of(package).body if isinstance(node, ast.If))
    return {
        alias.name: str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def mapped(package: str) -> dict[str, str]:
    """Each name that the facade maps, with its module's whole name."""
    calls = (node for node in ast.walk(source_of(package)) if isinstance(node, ast.Call))
    call = next(each for each in calls if isinstance(each.func, ast.Name) and each.func.id == "facade")
    modules: dict[str, str] = ast.literal_eval(call.args[1])
    top = package.partition(".")[0]
    return {
        name: home if home.startswith(f"{top}.") else f"{package}.{home}"
        for home, names in modules.items()
        for name in names.split()
    }


def loaded_at_once(package: str) -> set[str]:
    """The names that it imports as ever, as of a module that one of its names is called like."""
    return {
        alias.name
        for node in source_of(package).body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(f"{package}.")
        for alias in node.names
    }


def test_there_are_such_packages() -> None:
    assert {"graders", "labs.sandbox", "labs.aws.billing", "labs.aws.network.addresses"} <= set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_its_three_lists_of_names_are_the_same(package: str) -> None:
    module = import_module(package)

    assert mapped(package) == imported_for_the_reader(package)
    assert sorted([*mapped(package), *loaded_at_once(package)]) == sorted(module.__all__)
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("package", PACKAGES)
def test_each_name_is_that_of_its_module(package: str) -> None:
    for name, home in mapped(package).items():
        assert getattr(import_module(package), name) is getattr(import_module(home), name)
        assert not isinstance(getattr(import_module(package), name), ModuleType), (
            f"the module {package}.{name} stands in the place of what is called so"
        )


@pytest.mark.parametrize("package", PACKAGES)
def test_it_loads_none_of_its_modules_by_itself(package: str) -> None:
    code = f"import sys, {package}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not set(done.stdout.split()) & set(mapped(package).values()) - {"labs.errors"}


def test_a_name_loads_its_own_module_and_no_other() -> None:
    code = "import sys; from labs.aws.network.addresses import Block; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert "labs.aws.network.addresses.block" in loaded
    assert not {f"labs.aws.network.addresses.{each}" for each in ("judging", "planner", "layout")} & loaded


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_that_it_has_not_is_no_attribute(package: str) -> None:
    with pytest.raises(AttributeError, match=rf"module '{package}' has no attribute 'nothing'"):
        _ = import_module(package).nothing
