"""How large policies may be, and how many there may be of them.

Each limit has AWS's page. IAM does not count white space; the others count every character, or byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = [
    "LIMITS",
    "MANAGED_POLICIES_PER_ENTITY",
    "MANAGED_POLICY_VERSIONS",
    "SESSION_POLICY_ARNS",
    "SizeLimit",
    "size_fault",
]

_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
_ORGANIZATIONS: Final = (
    "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html"
)

MANAGED_POLICY_VERSIONS: Final = 5
"""Versions of a managed policy that can be stored (IAM User Guide, "IAM and AWS STS quotas")."""
MANAGED_POLICIES_PER_ENTITY: Final = 10
"""Managed policies attached to a user, group or role; for users and roles AWS raises it to 20."""
SESSION_POLICY_ARNS: Final = 10
"""Managed policies passed as session policies, beside one inline (STS API Reference, AssumeRole)."""


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """The most that a policy of one kind may hold.

    `unit` is "characters" or "bytes". `blanks` says whether white space counts, and `together` whether the
    limit is for all inline policies of one user, group or role.
    """

    title: str
    most: int
    unit: str
    blanks: bool
    source: str
    together: bool = False

    def size(self, text: str) -> int:
        """What the document counts, in the unit of the limit."""
        counted = text if self.blanks else "".join(text.split())
        return len(counted.encode("utf-8", "surrogatepass")) if self.unit == "bytes" else len(counted)


LIMITS: Final[Mapping[str, SizeLimit]] = {
    "managed": SizeLimit("a managed policy", 6_144, "characters", False, _IAM),
    "user": SizeLimit("the inline policies of a user", 2_048, "characters", False, _IAM, together=True),
    "group": SizeLimit("the inline policies of a group", 5_120, "characters", False, _IAM, together=True),
    "role": SizeLimit("the inline policies of a role", 10_240, "characters", False, _IAM, together=True),
    # A quota that AWS raises to 4,096 on request.
    "trust": SizeLimit("a role's trust policy", 2_048, "characters", False, _IAM),
    "session": SizeLimit(
        "a session policy",
        2_048,
        "characters",
        True,
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    "scp": SizeLimit("a service control policy", 10_240, "characters", True, _ORGANIZATIONS),
    "rcp": SizeLimit("a resource control policy", 5_120, "characters", True, _ORGANIZATIONS),
    "bucket": SizeLimit(
        "a bucket policy",
        20_480,
        "bytes",
        True,
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html",
    ),
    "queue": SizeLimit(
        "a queue policy",
        8_192,
        "bytes",
        True,
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
    ),
    "topic": SizeLimit(
        "a topic policy",
        30_720,
        "bytes",
        True,
        "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html",
    ),
    "key": SizeLimit(
        "a key policy",
        32_768,
        "bytes",
        True,
        "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html",
    ),
    "function": SizeLimit(
        "a function's policy",
        20_480,
        "bytes",
        True,
        "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
    ),
    "table": SizeLimit(
        "a table's policy",
        20_480,
        "bytes",
        True,
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html",
    ),
    "secret": SizeLimit(
        "a secret's policy",
        20_480,
        "characters",
        True,
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html",
    ),
    "repository": SizeLimit(
        "a repository policy",
        10_240,
        "characters",
        True,
        "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html",
    ),
    "endpoint": SizeLimit(
        "a VPC endpoint policy",
        20_480,
        "characters",
        True,
        "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    ),
}
"""The limit of each kind of policy, by the name that `skylab lint --as` takes."""


def size_fault(text: str, limit: SizeLimit) -> str | None:
    """What is too large, in a sentence; None when the document fits."""
    size = limit.size(text)
    if size <= limit.most:
        return None
    counted = "" if limit.blanks else " without white space"
    together = " together" if limit.together else ""
    return f"It has {size:,} {limit.unit}{counted}; {limit.title} may have {limit.most:,}{together}."
