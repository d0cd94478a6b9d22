"""Amazon Resource Names: the value, and `dissect`, which says what is wrong with a bad one.

    arn:partition:service:region:account-id:resource

An ARN is split at its first five colons; what follows the fifth is the resource, further colons and slashes
included. Source: IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from labs.aws.dissection import Dissection, Part, Problem, dissect
from labs.errors import ArnError

__all__ = ["Arn", "Dissection", "Part", "Problem", "dissect"]

# Services that write no type before a resource's name.
_UNTYPED = frozenset({"s3", "sns", "sqs", "apigateway"})
_WITH_PATH = frozenset(
    {"user", "group", "role", "policy", "instance-profile", "server-certificate", "aws-service-role"}
)


@dataclass(frozen=True, slots=True, order=True)
class Arn:
    """One Amazon Resource Name; `str()` gives back exactly the text that `parse` read.

    >>> Arn.parse("arn:aws:iam::123456789012:role/team/app").name
    'app'
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an ARN.

        Raises:
            ArnError: the text has not the form of an ARN; the hint says what was probably meant.
        """
        if isinstance(text, str) and text.startswith("arn:"):
            parts = text.split(":", 5)
            if len(parts) == 6 and parts[1] and parts[2] and parts[5]:
                return cls(*parts[1:])
        found = dissect(text)
        problem = found.problems[0]
        hint = f"Did you mean {found.suggestion}?" if found.suggestion else problem.hint
        raise ArnError(problem.title, problem.detail, hint)

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @property
    def _split(self) -> tuple[str, str]:
        """The resource's type and the rest; the type is empty where the service has none."""
        resource = self.resource
        if self.service in _UNTYPED:
            return "", resource
        slash, colon = resource.find("/"), resource.find(":")
        if slash < 0 and colon < 0:
            return "", resource
        cut = min(place for place in (slash, colon) if place >= 0)
        return resource[:cut], resource[cut + 1 :]

    @property
    def resource_type(self) -> str:
        """The kind of resource: `role`, `instance`, `function`, `bucket`; empty where there is none."""
        if self.service == "s3":
            if self.resource.startswith(("accesspoint/", "job/", "storage-lens/")):
                return self.resource.split("/", 1)[0]
            return "object" if "/" in self.resource else "bucket"
        if self.service in ("sqs", "sns"):
            return {"sqs": "queue", "sns": "topic"}[self.service]
        return self._split[0]

    @property
    def resource_id(self) -> str:
        """What follows the type and its separator; the whole resource where there is no type."""
        return self._split[1]

    @property
    def path(self) -> str:
        """The path of an IAM user, group, role, policy or profile: `/team/`, or `/` without one."""
        if self.service != "iam" or self.resource_type not in _WITH_PATH:
            return ""
        before, slash, _ = self.resource_id.rpartition("/")
        return f"/{before}/" if slash else "/"

    @property
    def name(self) -> str:
        """The last part of the resource: a role's name without its path, an object's key, a queue's name."""
        if self.service == "s3" and "/" in self.resource:
            return self.resource.split("/", 1)[1]
        if self.service == "iam" or self.service == "sts":
            return self.resource_id.rpartition("/")[2]
        return self.resource_id
