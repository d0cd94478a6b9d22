"""A request that EC2 refuses: AWS's error code and wording, and the rule behind it in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from labs.errors import Ec2Error

__all__ = ["Refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why EC2 refuses.

    `code` and `message` are AWS's own. The message is empty where only the code's meaning is documented; both
    are empty where AWS documents that it refuses and no more. `says` is the rule in one sentence, `hint` what
    to do instead, `source` the page that states the rule.
    """

    code: str
    message: str
    says: str
    hint: str
    source: str

    @property
    def error(self) -> Ec2Error:
        """The refusal as an error to raise."""
        answer = ": ".join(part for part in (self.code, self.message) if part)
        answer = f"AWS answers {answer}" if answer else "AWS refuses the request."
        return Ec2Error(self.says, answer, self.hint, code=self.code)
