"""A request that EC2 refuses: AWS's error code and wording, and the rule behind it in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from labs.errors import Ec2Error

__all__ = ["Refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why EC2 refuses.

    `code` and `message` are AWS's own, empty where AWS documents neither. `says` is the rule in one sentence,
    `hint` what to do instead, `source` the page of AWS's that states it.
    """

    code: str
    message: str
    says: str
    hint: str
    source: str

    @property
    def error(self) -> Ec2Error:
        """The refusal as an error to raise."""
        answer = f"AWS answers {self.code}: {self.message}" if self.code else self.message
        return Ec2Error(self.says, answer, self.hint, code=self.code)
