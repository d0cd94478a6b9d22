"""What may be wrong with Resource and NotResource, and with the actions that do not act on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from labs.aws.dissection import dissect
from labs.aws.iam.elements import ResourceElement
from labs.aws.iam.lint.actions import actions_of
from labs.aws.iam.lint.findings import Finding
from labs.aws.iam.lint.forms import example, fits, fitting
from labs.aws.iam.lint.subjects import Subject
from labs.aws.iam.patterns import Variable, tokenize
from labs.aws.reference import Action, ResourceType, service
from labs.aws.services import nearest_service

__all__ = ["check_companions", "check_fit", "check_resources", "everything", "variables_in"]

_ALL_BUCKETS: Final = "arn:aws:s3:::*"


def everything(texts: tuple[str, ...]) -> bool:
    """Whether one of the texts is `*`, which is every resource."""
    return any(not text.strip("*") for text in texts)


def variables_in(text: str) -> tuple[str, ...]:
    """The policy variables in a text, in lower case."""
    if "${" not in text:
        return ()
    return tuple(each.key for each in tokenize(text, variables=True) if isinstance(each, Variable))


def check_resources(subject: Subject) -> Iterator[Finding]:
    """ARNs that are none, variables that stay plain text, and an Allow for all that is not listed."""
    resource = subject.statement.resource
    if resource is None:
        return
    for path, text in subject.places(resource):
        if not text.startswith("arn:"):
            continue
        if variables := variables_in(text):
            yield from _variables(subject, path, text, variables[0])
            continue
        yield from _arn(subject, path, text)
    if resource.negated and subject.allows:
        yield subject.finding(
            "not-resource-allow",
            f"{subject.path}.NotResource",
            "Allow with NotResource allows the actions on every resource that it does not list, those of "
            "tomorrow included.",
            "List what is allowed under Resource, or turn the statement into a Deny.",
        )


def _variables(subject: Subject, path: str, text: str, variable: str) -> Iterator[Finding]:
    if not subject.variables:
        yield subject.finding(
            "variable-old-version",
            path,
            f'Without "Version": "2012-10-17" the ${{{variable}}} in it is plain text.',
            'Add "Version": "2012-10-17" to the policy.',
        )
    elif any(variables_in(part) for part in text.split(":")[:5]) or text.count(":", 0, text.find("${")) < 5:
        yield subject.finding(
            "variable-too-early",
            path,
            f"A variable counts only after the fifth colon of an ARN, so the ${{{variable}}} is plain text.",
            "Write the Region or the account itself, or compare it in a Condition.",
        )


def _arn(subject: Subject, path: str, text: str) -> Iterator[Finding]:
    """An ARN that has the form of no resource of its service."""
    prefix = text.split(":", 5)[2]
    known = service(prefix)
    if known is not None:
        if not known.forms or any(fits(text, form, variables=False) for form in known.forms):
            return
    elif "*" in prefix or "?" in prefix or not nearest_service(prefix):
        return
    found = dissect(text)
    why = f" {found.problems[0].title}: {found.problems[0].detail}" if found.problems else ""
    repair = f"Did you mean {found.suggestion}?" if found.suggestion else ""
    if not repair and known is not None:
        repair = f"The forms are {', '.join(example(form) for form in known.forms[:3])}."
    yield subject.finding(
        "bad-arn",
        path,
        f"{clip(text)} has the form of no resource of AWS, so it matches nothing.{why}",
        repair or "Look the form up in the reference of the service.",
    )


def check_fit(subject: Subject) -> Iterator[Finding]:
    """Actions that act on none of the resources, and resources that none of the actions acts on."""
    statement = subject.statement
    resource = statement.resource
    if resource is None or resource.negated or statement.action.negated or everything(resource.texts):
        return
    named: list[tuple[str, str, tuple[Action, ...]]] = []
    for path, text in subject.places(statement.action):
        known = service(text.lower().partition(":")[0])
        if known is not None:
            named.append((path, text, tuple(actions_of(known, text))))
    forms = {kind.form for *_, actions in named for action in actions for kind in action.types}
    fit = fitting(resource.texts, forms, variables=resource.variables)
    lost = [
        _misfit(subject, path, text, actions, resource.texts)
        for path, text, actions in named
        if actions and not any(_acts(action, fit, resource.texts) for action in actions)
    ]
    yield from lost
    acting = sum(bool(actions) for *_, actions in named)
    if len(lost) < acting and len(named) == len(statement.action.texts):
        yield from _unused(subject, forms)


def _acts(action: Action, fit: frozenset[str], texts: tuple[str, ...]) -> bool:
    if action.name == "s3:ListAllMyBuckets":
        return _ALL_BUCKETS in texts
    return any(kind.form in fit for kind in action.types)


def _misfit(
    subject: Subject, path: str, text: str, actions: tuple[Action, ...], resources: tuple[str, ...]
) -> Finding:
    name = actions[0].name if len(actions) == 1 else clip(text)
    verb = "allows" if subject.allows else "denies"
    if not any(action.types for action in actions):
        return subject.finding(
            "action-needs-star",
            path,
            f'{name} acts on no resource that can be named, so this {verb} it nowhere: only "*" matches it.',
            f'Give {name} a statement of its own, with "Resource": "*".',
        )
    kinds = sorted(
        {kind for action in actions for kind in action.types}, key=lambda kind: (len(kind.form), kind.name)
    )
    return subject.finding(
        "action-resource-mismatch",
        path,
        f"{name} acts on {_nouns(kinds)}, and no Resource here names one, so this {verb} it nowhere.",
        f"Add {example(kinds[0].form, like=resources[0])}, or give {name} a statement of its own.",
    )


def check_companions(subjects: Sequence[Subject]) -> Iterator[Finding]:
    """Actions of EC2 that act on several resources at once, of which only some are allowed."""
    allowed: dict[str, list[tuple[Subject, str, Action, ResourceElement]]] = {}
    for subject in subjects:
        resource = subject.statement.resource
        if subject.allows and resource is not None and not resource.negated:
            for path, action in subject.named:
                if action.name.startswith("ec2:") and not subject.statement.action.negated:
                    allowed.setdefault(action.name, []).append((subject, path, action, resource))
    for uses in allowed.values():
        subject, path, action, _ = uses[0]
        texts = [text for *_, resource in uses for text in resource.texts]
        needed = [kind for kind in action.types if kind.required]
        fit = fitting(texts, (kind.form for kind in needed), variables=subject.variables)
        missing = [kind for kind in needed if kind.form not in fit]
        if missing and len(missing) < len(needed):
            yield subject.finding(
                "resource-type-missing",
                path,
                f"{action.name} acts on {_nouns(missing)} as well, and the policy allows it on none.",
                f"Allow it there too: {', '.join(example(kind.form) for kind in missing[:3])}.",
            )


def _unused(subject: Subject, forms: set[str]) -> Iterator[Finding]:
    resource = subject.statement.resource
    if resource is None:
        return
    for path, text in subject.places(resource):
        if text != _ALL_BUCKETS and not fitting((text,), forms, variables=resource.variables):
            yield subject.finding(
                "resource-unused",
                path,
                f"None of the actions here acts on {clip(text)}.",
                "Remove it, or add the action that was meant for it.",
            )


def _nouns(kinds: list[ResourceType]) -> str:
    names = list(dict.fromkeys(kind.name.strip("/") for kind in kinds))
    # An access point is another way to the same thing, and would only distract.
    names = [name for name in names if not name.startswith("accesspoint")] or names
    shown = [f"an {name}" if name[0] in "aeio" else f"a {name}" for name in names[:3]]
    if len(names) > 3:
        shown = [*shown[:2], f"{len(names) - 2} other types of resource"]
    return " or ".join(shown) if len(shown) < 3 else f"{shown[0]}, {shown[1]} or {shown[2]}"


def clip(text: str) -> str:
    """The text, cut when it is too long for a sentence."""
    return text if len(text) <= 80 else f"{text[:79]}…"
