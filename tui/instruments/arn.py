"""The ARN dissector: type an ARN, see its parts and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.instruments.form import Entry
from tui.instruments.page import Answer, Instrument, Values, command_line

if TYPE_CHECKING:
    from labs.sandbox import World

__all__ = ["ArnDissector"]


class ArnDissector(Instrument):
    """An ARN taken apart as it is typed."""

    NAME = "ARN dissector"
    SUMMARY = "What each part of an ARN means, what is wrong, what was probably meant."
    HELP_LINE = "Type an ARN. Each part is named, and what AWS could not have is marked and put right."
    ENTRIES = (Entry("arn", "ARN", "arn:aws:s3:::training-7f/data/a.csv", hint="arn:aws:…"),)
    EXAMPLES = (
        {"arn": "arn:aws:iam::123456789012:role/service/app"},
        {"arn": "arn:aws:ec2:us-east-1:123456789012:instance/i-0abc1234def567890"},
        {"arn": "arn:aws:s3:us-east-1:123456789012:my-bucket"},
        {"arn": "arn:aws:lambda:us-east-1:123456789012:function:resize:3"},
        {"arn": "arn:aws:iam::123456789012:assumed-role/app/i-0a1"},
    )

    def answer(self, values: Values, world: World | None) -> Answer:
        from labs.aws.dissection import dissect
        from tui.draw.arn import dissected

        text = values["arn"].strip()
        return Answer(dissected(dissect(text)), command_line("arn", text))
