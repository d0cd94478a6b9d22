"""The lint of a whole document: what AWS refuses, its size, and each statement.

A fault in one statement does not hide those in the others: each is read by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from labs.aws.iam.documents import Policy
from labs.aws.iam.grammar import PolicyType, parse_policy
from labs.aws.iam.json_text import LARGEST_POLICY, Json, fail, load, show
from labs.aws.iam.json_text import kind as kind_of
from labs.aws.iam.limits import LIMITS, size_fault
from labs.aws.iam.lint.actions import check_actions
from labs.aws.iam.lint.findings import Finding, Severity
from labs.aws.iam.lint.keys import check_keys, check_sets, check_values
from labs.aws.iam.lint.principals import check_principals, check_trust
from labs.aws.iam.lint.resources import check_companions, check_fit, check_resources, variables_in
from labs.aws.iam.lint.statements import check_reach, check_use
from labs.aws.iam.lint.subjects import Check, Subject
from labs.errors import InputError, PolicyError

__all__ = ["KINDS", "lint"]

_TYPES: Final[Mapping[str, PolicyType | None]] = {
    **dict.fromkeys(("managed", "user", "group", "role", "scp"), "identity"),
    "session": "session",
    "trust": "trust",
    "rcp": None,
    **dict.fromkeys(
        ("bucket", "queue", "topic", "key", "function", "table", "secret", "repository", "endpoint"),
        "resource",
    ),
}
KINDS: Final = tuple(LIMITS)
"""What a policy can be for: each kind has its own elements and its own largest size."""

_OF_IAM: Final = frozenset({"managed", "user", "group", "role", "trust", "session", "key"})
"""Kinds whose documents hold no characters beyond U+00FF."""
_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_MOST_READ: Final = 10 * LARGEST_POLICY
"""A document beyond this is only told that it is too large."""
_CHECKS: Final[tuple[Check, ...]] = (
    check_principals,
    check_actions,
    check_trust,
    check_resources,
    check_fit,
    check_keys,
    check_sets,
    check_values,
    check_reach,
)
_ORDER: Final = {severity: place for place, severity in enumerate(Severity)}


def lint(source: str | Mapping[str, Json], kind: str | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong or doubtful in a policy document, the worst first; empty when nothing is.

    `source` is JSON text, or the value that JSON gives. `kind` is one of `KINDS`; without it the document is
    taken for what it looks like, and only the largest size of any policy counts.

    Raises:
        InputError: there is no such kind. A document of any other form is findings, not an error.
    """
    if kind is not None and kind not in _TYPES:
        raise InputError(
            "No such kind of policy", f"It is {show(kind)}.", f"Here may stand: {', '.join(KINDS)}."
        )
    try:
        document = load(source) if isinstance(source, str) else source
        if not isinstance(document, Mapping):
            fail("", "A policy is a JSON object", f"This is {kind_of(document)}.", "It starts with {.")
        whole = parse_policy({**document, "Statement": []})
        text = source if isinstance(source, str) else _COMPACT.encode(document)
    except PolicyError as fault:
        return (_refused(fault),)
    except (ValueError, TypeError, RecursionError):
        return (Finding("syntax", "", "The document is no JSON value.", "Give what a JSON reader gives."),)
    if len(text) > _MOST_READ:
        return tuple(_sizes(text, kind))
    found = [*_sizes(text, kind), *_statements(document, whole, kind)]
    return tuple(sorted(found, key=lambda each: _ORDER[each.severity]))


def _refused(fault: PolicyError, path: str = "", statement: int | None = None) -> Finding:
    where = path or fault.path
    detail = fault.detail.removeprefix(f"At {fault.path}: ")
    return Finding("syntax", where, f"{fault.title}. {detail}".strip(), fault.hint, statement)


def _sizes(text: str, kind: str | None) -> Iterator[Finding]:
    if kind is not None:
        if fault := size_fault(text, LIMITS[kind]):
            yield Finding("too-large", "", fault, "Use wildcards, or several policies.")
    elif len("".join(text.split())) > LARGEST_POLICY:
        yield Finding(
            "too-large", "", f"No policy holds more than {LARGEST_POLICY:,} characters.", "Split it."
        )
    strange = next((character for character in text if character > "\u00ff"), None)
    if strange is not None and kind in _OF_IAM:
        yield Finding(
            "characters",
            "",
            f"It holds the character U+{ord(strange):04X}, and here a policy takes none beyond U+00FF.",
            "Write plain letters: a quote that was pasted is often the culprit.",
        )


def _statements(document: Mapping[str, Json], whole: Policy, kind: str | None) -> Iterator[Finding]:
    if "Statement" not in document:
        try:
            parse_policy(document)
        except PolicyError as fault:
            yield _refused(fault)
        return
    written = document["Statement"]
    statements: list[Json] = written if isinstance(written, list) else [written]
    if not statements:
        yield Finding("no-statement", "Statement", "The list of statements is empty.", "Add a statement.")
    kind = kind or _guess(statements)
    subjects: list[Subject] = []
    for place, each in enumerate(statements):
        path = f"Statement[{place}]" if isinstance(written, list) else "Statement"
        try:
            subjects.append(_subject(each, place + 1, path, whole, kind))
        except PolicyError as fault:
            yield _refused(fault, fault.path.replace("Statement", path, 1), place + 1)
    yield from _sids(statements)
    yield from _version(document, subjects)
    for subject in subjects:
        for check in _CHECKS:
            yield from check(subject)
        if kind == "rcp":
            yield from _as_rcp(subject)
    yield from check_companions(subjects)
    yield from check_use(subjects)


def _subject(written: Json, index: int, path: str, whole: Policy, kind: str | None) -> Subject:
    if not isinstance(written, Mapping):
        fail(
            "Statement",
            "A statement is a JSON object",
            f"This is {kind_of(written)}.",
            'Write { "Effect": …, … }.',
        )
    policy = parse_policy(
        {"Version": whole.version, "Statement": written}, type=_TYPES[kind] if kind else None
    )
    statement = replace(policy.statements[0], index=index)
    return Subject(statement, written, path, kind, whole.version == "2012-10-17")


def _guess(statements: list[Json]) -> str | None:
    """A trust policy gives itself away; nothing else does."""
    objects = [each for each in statements if isinstance(each, Mapping)]
    named = all("Principal" in each or "NotPrincipal" in each for each in objects)
    bare = not any("Resource" in each or "NotResource" in each for each in objects)
    return "trust" if objects and named and bare else None


def _sids(statements: list[Json]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for place, each in enumerate(statements):
        sid = each.get("Sid") if isinstance(each, Mapping) else None
        if isinstance(sid, str) and sid and first.setdefault(sid, place) != place:
            yield Finding(
                "duplicate-sid",
                f"Statement[{place}].Sid",
                f"Statement[{first[sid]}] has the Sid {show(sid)} too.",
                "Within a policy each Sid is used once.",
                place + 1,
            )


def _version(document: Mapping[str, Json], subjects: list[Subject]) -> Iterator[Finding]:
    if document.get("Version") == "2012-10-17" or any(
        variables_in(text)
        for subject in subjects
        for text in (
            *(subject.statement.resource.texts if subject.statement.resource else ()),
            *(text for condition in subject.statement.conditions for text in condition.texts),
        )
    ):
        return  # where variables are used, each has its own finding
    what = "has no Version" if "Version" not in document else "has the Version of 2008"
    yield Finding(
        "old-version",
        "Version",
        f"The policy {what}: variables such as ${{aws:username}} would be plain text.",
        'Write "Version": "2012-10-17".',
    )


def _as_rcp(subject: Subject) -> Iterator[Finding]:
    """A resource control policy of one's own denies, to everyone, actions of named services."""
    statement = subject.statement
    faults: list[tuple[str, str, str]] = []
    if subject.allows:
        faults.append(("Effect", "Only AWS's own RCPFullAWSAccess may allow.", 'Write "Effect": "Deny".'))
    if statement.principal is None or [entry.text for entry in statement.principal.entries] != ["*"]:
        faults.append(
            ("Principal", "The Principal of an RCP is *.", 'Write "Principal": "*", and use a Condition.')
        )
    for name in ("NotPrincipal", "NotAction"):
        if name in subject.written:
            faults.append((name, f"An RCP takes no {name}.", f"Write {name.removeprefix('Not')}."))
    if not statement.action.negated and any(not text.strip("*:") for text in statement.action.texts):
        faults.append(("Action", "An RCP names its services.", 'Write actions such as "s3:*".'))
    for name, sentence, repair in faults:
        yield subject.finding("rcp-element", f"{subject.path}.{name}", sentence, repair)
