"""Skylab's front door: make .venv, install what the lock file names, open the app. Only Python is assumed.

    python3 bootstrap.py                 the app; with no terminal attached, a demonstration
    python3 bootstrap.py test [ARGS…]    every check: ruff, mypy, import-linter, pytest (which gets ARGS)
    python3 bootstrap.py lab             JupyterLab on the course's notebooks
    python3 bootstrap.py WORDS…          skylab WORDS…, for example: grade DIR --out OUT

The syntax stays that of Python 3.6: an old Python must get as far as the sentence that says it is too old.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from threading import Thread
from typing import NoReturn

NEEDED = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "skylab-installed"
"""Holds the fingerprint of what is installed; empty while packages change, or after that broke off."""

BASE, NOTEBOOKS, TEST = LOCKS = ("requirements.lock", "requirements-notebooks.lock", "requirements-test.lock")
"""Each holds everything in the one before it, in the same versions."""

AT_ONCE = 4
"""How many pip processes install side by side: each one waits for the index, and then for one processor."""
NEVER_LOADED = "site-packages/(.*/tests?|cfnlint|graphql|mpmath|mypyc?|networkx|pip|setuptools|sympy)/"
"""Half of what is installed, and not worth compiling: moto's CloudFormation, what is compiled already."""

STATIC = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports",))
TESTS = ("pytest", "-n", "auto", "--dist", "worksteal")


def stop(problem: str, remedy: str) -> NoReturn:
    """Say what is wrong and what to do about it, and end with the status of a failed environment."""
    print(f"{problem}\n{remedy}", file=sys.stderr)
    raise SystemExit(3)


if sys.version_info < NEEDED:
    stop(
        "Skylab needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info[:2]),
        "Install one from your system's packages or python.org, then run it by name: python3.12 bootstrap.py",
    )


def main(words: list[str]) -> int:
    """Install what the words need and do what they say; returns an exit status."""
    if words[:1] == ["test"]:
        ensure(TEST)
        return check_everything(words[1:])
    ensure(NOTEBOOKS if words[:1] == ["lab"] else BASE)
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return skylab(words or ([] if at_terminal else ["demo"]))


def ensure(lock: str) -> None:
    """Make sure that what a lock file names is installed; quick when it is."""
    installed = STAMP.read_text() if STAMP.exists() else None
    enough = [fingerprint(each) for each in LOCKS[LOCKS.index(lock) :]]
    if PYTHON.exists() and installed in enough:
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        stop(
            "This Python came without its venv and ensurepip modules, which Skylab installs itself with.",
            "On Debian and Ubuntu they are a package of their own: sudo apt install python3-venv",
        )
    broke_off = installed == ""
    if broke_off or not has_pip():
        say("Making .venv")
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], "Python could not make .venv.", [])
    install(lock)
    STAMP.write_text(fingerprint(lock))


def fingerprint(lock: str) -> str:
    """What an installation depends on, in one word: the lock, the settings, the folder, this Python."""
    facts = (
        (ROOT / lock).read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
        os.fsencode(ROOT),
        repr(sys.version_info[:2]).encode(),
    )
    return hashlib.sha256(b"".join(hashlib.sha256(fact).digest() for fact in facts)).hexdigest()


def has_pip() -> bool:
    """Whether .venv has a Python that runs, and pip in it."""
    asked = [str(PYTHON), "-m", "pip", "--version"]
    return PYTHON.exists() and subprocess.run(asked, capture_output=True, cwd=ROOT).returncode == 0


def install(lock: str) -> None:
    """Install the packages of a lock file, each checked against its hashes, then the project itself.

    The lock names all that is needed, so several pips take a part of it each and look for nothing else. The
    project is built by the hatchling of the lock file; pip's isolated build would fetch one unchecked.
    """
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-user"]
    pip += ["--no-deps"]
    packages = split((ROOT / lock).read_text())
    say(f"Installing {len(packages)} packages into .venv; the first time this takes a minute or two")
    told: list[str] = []

    def install_part(number: int) -> None:
        part = VENV / f"{lock}.{number}"
        part.write_text("".join(packages[number::AT_ONCE]))
        command = [*pip, "--no-compile", "--require-hashes", "-r", str(part)]
        run(command, f"pip could not install the packages of {lock}.", told, len(packages))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(install_part, range(AT_ONCE)))
    # On all processors, which pip does not do; a file for another Python may well not compile.
    compiling = [str(PYTHON), "-m", "compileall", "-qq", "-j", "0", "-x", NEVER_LOADED, str(VENV)]
    subprocess.call(compiling, stdout=DEVNULL, stderr=DEVNULL)
    run([*pip, "--no-build-isolation", "-e", str(ROOT)], "pip could not install Skylab itself.", [])


def split(lock: str) -> list[str]:
    """The requirements of a lock file, each with its hashes in the lines after it."""
    packages: list[str] = []
    for line in lock.splitlines(keepends=True):
        if line[:1].isalnum():
            packages.append(line)
        elif line[:1].isspace():
            packages[-1] += line
    return packages


def run(command: list[str], problem: str, told: list[str], count: int = 0) -> None:
    """Run a command, and stop when it fails.

    What it says is added to what has been `told` before, maybe by others at the same time; from that is shown
    how far all of them are, when they have `count` packages to fetch.
    """
    said: list[str] = []
    with Popen(command, cwd=ROOT, stdout=PIPE, stderr=STDOUT, text=True, errors="replace") as process:
        for line in process.stdout or ():
            said.append(line.rstrip())
            told.append(line)
            if line.startswith("Installing collected packages"):
                STAMP.write_text("")  # pip has everything, and begins to change what is installed
            if count and sys.stderr.isatty():
                found = sum(each.startswith(("Collecting", "Requirement", "Ignoring")) for each in told)
                step = "unpacking" if found >= count else f"{found} of {count}"
                print(f"  {step:<20}", end="\r", file=sys.stderr, flush=True)
    if process.returncode != 0 and problem in told:
        raise SystemExit(3)  # it was told already, by one beside this
    if process.returncode != 0:
        told.append(problem)
        telling = [line for line in said if line.startswith(("ERROR", "Error"))] or said
        stop(
            "\n".join([problem, *(f"  {line}" for line in telling[-5:])]),
            "If the network was away, or a proxy is in between (set HTTPS_PROXY), put that right.\n"
            "Then run the same command again.",
        )


def say(what: str) -> None:
    """Tell what happens; on stderr, because stdout is for results."""
    print(what, file=sys.stderr, flush=True)


def check_everything(words: list[str]) -> int:
    """Run every check of the house: the tests, which get the words, and beside them those that only read."""
    # Many processes load the same modules, so these are kept compiled, whatever the user's own setting is.
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    failed: list[str] = []

    def read() -> None:
        for name, *options in STATIC:
            found = subprocess.run(
                [str(SCRIPTS / name), *options], cwd=ROOT, env=settings, stdout=PIPE, stderr=STDOUT, text=True
            )
            if found.returncode != 0:
                failed.append(" ".join([name, *options]))
                say(f"\n{failed[-1]}\n{found.stdout}")

    reading = Thread(target=read)
    reading.start()
    name, *options = TESTS
    say(" ".join([*TESTS, *words]))
    if subprocess.call([str(SCRIPTS / name), *options, *words], cwd=ROOT, env=settings) != 0:
        failed.append(name)
    reading.join()
    say(f"\nFailed: {', '.join(failed)}" if failed else "\nEvery check passed.")
    return 1 if failed else 0


def skylab(words: list[str]) -> int:
    """Hand over to the `skylab` command; -P, because it must not import what lies in the user's folder."""
    command = [str(PYTHON), "-P", "-m", "tui", *words]
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.call(command)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except OSError as error:
        stop(f"Skylab cannot be installed in {ROOT}: {error}", "Make the folder writable, or move it.")
