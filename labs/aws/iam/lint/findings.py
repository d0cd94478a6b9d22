"""What a lint finds: a value with a code, a place, a sentence, a repair, a severity and AWS's page.

The severities are those of IAM Access Analyzer: an error is refused by AWS or cannot work; a security warning
lets in more than most policies mean to; a warning works, but hardly as intended; a suggestion is only neater.

Source: IAM User Guide, "IAM policy validation check reference".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

__all__ = ["CODES", "Code", "Finding", "Severity"]


class Severity(Enum):
    """How much a finding matters, in the words of IAM Access Analyzer; the worst first."""

    ERROR = "error"
    SECURITY = "security warning"
    WARNING = "warning"
    SUGGESTION = "suggestion"


_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_REFERENCE: Final = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html"
)
_RCP: Final = (
    "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html"
)


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding, and the page of AWS that says why it is one."""

    name: str
    severity: Severity
    source: str


def _codes(severity: Severity, source: str, names: str) -> list[Code]:
    return [Code(name, severity, source) for name in names.split()]


_ELEMENTS: Final = f"{_GUIDE}reference_policies_elements_"
CODES: Final = {
    code.name: code
    for code in (
        *_codes(Severity.ERROR, f"{_GUIDE}reference_policies_grammar.html", "syntax no-statement"),
        *_codes(Severity.ERROR, f"{_ELEMENTS}sid.html", "duplicate-sid"),
        *_codes(Severity.ERROR, f"{_GUIDE}reference_iam-quotas.html", "too-large characters"),
        *_codes(Severity.SUGGESTION, f"{_ELEMENTS}version.html", "old-version"),
        *_codes(Severity.WARNING, f"{_ELEMENTS}version.html", "variable-old-version"),
        *_codes(
            Severity.WARNING,
            f"{_GUIDE}reference_policies_variables.html",
            "variable-too-early variable-no-effect",
        ),
        *_codes(Severity.ERROR, _REFERENCE, "unknown-service unknown-action unknown-key"),
        *_codes(
            Severity.ERROR, f"{_ELEMENTS}resource.html", "action-needs-star action-resource-mismatch bad-arn"
        ),
        *_codes(Severity.WARNING, f"{_ELEMENTS}resource.html", "resource-unused resource-type-missing"),
        *_codes(Severity.SECURITY, f"{_GUIDE}best-practices.html#grant-least-privilege", "full-access"),
        *_codes(Severity.SECURITY, f"{_GUIDE}id_roles_use_passrole.html", "pass-role-wide"),
        *_codes(Severity.WARNING, f"{_ELEMENTS}notaction.html", "not-action-allow"),
        *_codes(Severity.WARNING, f"{_ELEMENTS}notresource.html", "not-resource-allow"),
        *_codes(Severity.SECURITY, f"{_ELEMENTS}notprincipal.html", "not-principal-allow"),
        *_codes(Severity.WARNING, f"{_ELEMENTS}notprincipal.html", "not-principal-incomplete"),
        *_codes(Severity.SECURITY, f"{_ELEMENTS}principal.html", "principal-everyone"),
        *_codes(Severity.ERROR, f"{_ELEMENTS}principal.html", "principal-wildcard principal-not-one"),
        *_codes(Severity.ERROR, f"{_GUIDE}id_roles_terms-and-concepts.html", "trust-action"),
        *_codes(
            Severity.WARNING,
            f"{_ELEMENTS}condition.html",
            "key-not-of-action condition-never",
        ),
        *_codes(
            Severity.WARNING,
            f"{_ELEMENTS}condition_operators.html",
            "operator-type value-unreadable wildcard-without-like",
        ),
        *_codes(
            Severity.WARNING,
            f"{_GUIDE}reference_policies_condition-single-vs-multi-valued-context-keys.html",
            "set-operator-missing set-operator-single",
        ),
        *_codes(
            Severity.SECURITY,
            f"{_GUIDE}reference_policies_condition-single-vs-multi-valued-context-keys.html",
            "for-all-values-open",
        ),
        *_codes(
            Severity.WARNING,
            f"{_GUIDE}reference_policies_evaluation-logic.html",
            "shadowed denied-allow",
        ),
        *_codes(Severity.ERROR, _RCP, "rcp-element"),
        *_codes(
            Severity.WARNING,
            "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
            "endpoint-principal",
        ),
    )
}
"""Every kind of finding, by its name."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or doubtful in a policy document.

    `path` is a JSON path, as in `Statement[0].Action[2]`, and empty for the document as a whole; `statement`
    is the number of the statement, from 1, where the finding is about one.
    """

    code: str
    path: str
    sentence: str
    repair: str
    statement: int | None = None

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return CODES[self.code].severity

    @property
    def source(self) -> str:
        """The page of AWS's documentation that says why."""
        return CODES[self.code].source

    def as_json(self) -> dict[str, str | int | None]:
        """The form that `skylab lint --json` writes."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "path": self.path,
            "sentence": self.sentence,
            "repair": self.repair,
            "statement": self.statement,
            "source": self.source,
        }
