"""Questions about an instance as JSON objects, and their answers line by line: what `skylab ec2` reads.

{"after": "stop and start", "address": "assigned", "instance_store": true, "volumes": ["data"]}
{"credentials": ["credentials file", "instance metadata"]}
{"metadata": {"method": "GET", "path": "/latest/meta-data/", "token": "none"}, "options": {"hop_limit": 1}}
{"launch": {"profile": "app", "image": "ami-0abc", "image_region": "us-east-1", "region": "eu-west-1"},
 "profiles": {"app": "app-role"}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias, TypeVar

from labs.aws.ec2.belongings import Action, Belongings, DataVolume, Fate, effects
from labs.aws.ec2.credential_sources import CredentialSource, winning
from labs.aws.ec2.instance_types import InstanceType
from labs.aws.ec2.metadata import MetadataRequest, Options, reply
from labs.aws.ec2.placement import Image, Launch, check_launch
from labs.aws.ec2.profiles import check_profile
from labs.aws.ec2.refusals import Refusal
from labs.errors import Ec2Error

__all__ = ["Line", "Told", "tell"]

Mark: TypeAlias = Literal["good", "bad", "plain"]
_ABSENT: Final = object()
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: what it is called, what becomes of it in a word, and why."""

    subject: str
    word: str
    says: str
    mark: Mark = "plain"


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to a question: the question in words, and its lines. `ok` is false where AWS refuses."""

    title: str
    lines: tuple[Line, ...]
    ok: bool = True

    def to_json(self) -> dict[str, Any]:
        """The form of `skylab ec2 --json`."""
        lines = [{"subject": each.subject, "answer": each.word, "says": each.says} for each in self.lines]
        return {"question": self.title, "ok": self.ok, "lines": lines}


def tell(document: Mapping[str, Any]) -> Told:
    """Answer a question.

    Raises:
        Ec2Error: the document is no question of the four forms; it says where.
    """
    form = next((each for each in _FORMS if each in document), None)
    if form is None:
        raise _unclear("the document", f"has none of {', '.join(_FORMS)}")
    return _FORMS[form](document)


def _after(document: Mapping[str, Any]) -> Told:
    action = _word(Action, document["after"], "after")
    address = document.get("address", "assigned")
    if address not in ("none", "assigned", "elastic"):
        raise _unclear("address", "is none, assigned or elastic")
    owned = Belongings(
        address=address,
        data_volumes=tuple(DataVolume(name) for name in _texts(document.get("volumes", []), "volumes")),
        instance_store=document.get("instance_store") is True,
    )
    marks: dict[Fate, Mark] = {Fate.KEPT: "good", Fate.LOST: "bad", Fate.CHANGED: "plain"}
    found = effects(action, owned)
    return Told(
        f"After {action}",
        tuple(Line(each.subject, each.fate, each.says, marks[each.fate]) for each in found),
    )


def _credentials(document: Mapping[str, Any]) -> Told:
    found = {
        _word(CredentialSource, each, "credentials")
        for each in _texts(document["credentials"], "credentials")
    }
    first = winning(found)

    def lines() -> Iterator[Line]:
        for source in CredentialSource:
            if source is first:
                yield Line(source, "used", source.says, "good")
            elif source in found:
                yield Line(source, "not looked at", f"There are some, and {first} comes first.", "bad")
            else:
                yield Line(source, "nothing", source.says)

    return Told("Where boto3 finds credentials, in its order", tuple(lines()), first is not None)


def _metadata(document: Mapping[str, Any]) -> Told:
    try:
        request = MetadataRequest(**document["metadata"])
        options = Options(**document.get("options", {}))
        answer = reply(request, options)
    except (TypeError, AttributeError) as fault:
        raise _unclear("metadata", f"holds what no request has: {fault}") from None
    if request.method not in ("GET", "PUT") or request.token not in ("none", "valid", "expired"):
        raise _unclear("metadata", "has a method GET or PUT, and a token that is none, valid or expired")
    good = answer.status == 200
    line = Line(f"{request.method} {request.path}", answer.word, answer.says, "good" if good else "bad")
    return Told("The instance metadata service", (line,), good)


def _launch(document: Mapping[str, Any]) -> Told:
    asked = document["launch"]
    if not isinstance(asked, Mapping):
        raise _unclear("launch", "is an object")
    region = str(asked.get("region", "us-east-1"))
    image = Image(str(asked.get("image", "ami-0")), str(asked.get("image_region", region)))
    launch = Launch(InstanceType.parse(str(asked.get("type", "t3.micro"))), image, region)
    profiles = document.get("profiles", {})
    if not isinstance(profiles, Mapping):
        raise _unclear("profiles", "is an object: each profile's role by its name")
    given = asked.get("profile", _ABSENT)
    refusals = [*check_launch(launch)]
    if given is not _ABSENT:
        refusals += filter(None, [check_profile(str(given), profiles)])
    if refusals:
        return Told("RunInstances", tuple(map(_refused, refusals)), ok=False)
    return Told("RunInstances", tuple(_started(given, profiles)))


def _started(given: Any, profiles: Mapping[str, Any]) -> Iterator[Line]:
    yield Line("launch", "accepted", "Nothing about image and profile is wrong.", "good")
    role = profiles.get(str(given).rpartition("/")[2]) if given is not _ABSENT else None
    if given is _ABSENT:
        yield Line("role", "none", "The launch names no instance profile, so programs find no role.", "bad")
    elif role is None:
        yield Line("role", "none", "The profile is empty: no role was added to it.", "bad")
    else:
        yield Line("role", str(role), "The role in the profile.", "good")


def _refused(refusal: Refusal) -> Line:
    return Line(refusal.code, "refused", f"{refusal.message.removesuffix('.')}. {refusal.says}", "bad")


def _word(words: type[_Word], given: object, place: str) -> _Word:
    try:
        return words(str(given))
    except ValueError:
        raise _unclear(place, f"is one of {', '.join(words)}, and not {str(given)[:40]!r}") from None


def _texts(given: object, place: str) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise _unclear(place, "is a list of texts")
    return given


def _unclear(place: str, said: str) -> Ec2Error:
    return Ec2Error(
        "This is no question about an instance",
        f"{place} {said}.",
        'For example {"after": "stop and start", "instance_store": true}.',
    )


_FORMS: Final = {
    "after": _after,
    "credentials": _credentials,
    "metadata": _metadata,
    "launch": _launch,
}
