"""What is wrong or doubtful in a policy document, beyond what a request would show.

for finding in lint('{"Version": "2012-10-17", "Statement": …}', "managed"):
    finding.severity, finding.path, finding.sentence, finding.repair, finding.source
"""

from labs.aws.iam.lint.documents import KINDS, lint
from labs.aws.iam.lint.explaining import explaining
from labs.aws.iam.lint.findings import CODES, Finding, Severity

__all__ = ["CODES", "KINDS", "Finding", "Severity", "explaining", "lint"]
