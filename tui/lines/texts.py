"""A policy or a program: lines that are typed up to a lone dot, changed one by one, or written elsewhere."""

from __future__ import annotations

import subprocess

from labs.errors import EnvironmentFailure, InputError
from tui.lines.exercise import ExerciseRoom
from tui.lines.words import Word, number_in

__all__ = ["TextRoom"]


class TextRoom(ExerciseRoom):
    """An exercise whose answer is one text."""

    def writing_words(self) -> tuple[Word, ...]:
        return (
            Word("text", "", "Read what is written, with line numbers.", lambda _: self.show_answer()),
            Word("write", "", "Write it anew: lines up to a lone dot.", lambda _: self.write_anew()),
            Word("line", "N TEXT", "Put TEXT in place of line N; blanks at its front count.", self.replace),
            Word("insert", "N TEXT", "Put TEXT before line N.", self.insert),
            Word("remove", "N [M]", "Take line N away, or the lines N to M.", self.remove),
            Word("edit", "", "Open the file in the editor that $EDITOR names.", lambda _: self.edit()),
        )

    def show_answer(self) -> None:
        self.talk.tell(
            f"{self.exercise.filename}:",
            *(f"{number} {line}" for number, line in enumerate(self.text.splitlines(), start=1)),
            "Type write, then the lines and a lone dot; or line N TEXT; or edit. Then check.",
        )
        self.say_fault()

    def say_fault(self) -> None:
        """Where the text cannot be read, if it cannot."""
        from tui.widgets.marks import fault_in

        fault = fault_in(self.text, self.exercise.suffix)
        if fault is not None:
            self.talk.tell(f"It cannot be read yet: {fault}")

    def write_anew(self) -> None:
        """Take lines up to a lone dot in place of all that is written, which is kept in the trash."""
        self.talk.tell("Write; a line with a lone dot ends it.")
        text = self.talk.ask_several()
        if text is None:
            self.talk.tell("Nothing was written; all is as it was.")
            return
        self.history.append(self.text)
        self.session.workspace.hand_over(self.exercise, text)
        self.said()

    def said(self) -> None:
        from tui.draw.words import counted

        self.talk.tell(f"Saved: {counted(len(self.text.splitlines()), 'line')}. Type check, or text.")
        self.say_fault()

    def change(self, lines: list[str]) -> None:
        self.write("".join(f"{line}\n" for line in lines))
        self.said()

    def replace(self, text: str) -> None:
        lines = self.text.splitlines()
        number, new = numbered(text, len(lines))
        lines[number - 1] = new
        self.change(lines)

    def insert(self, text: str) -> None:
        lines = self.text.splitlines()
        number, new = numbered(text, len(lines) + 1)
        lines.insert(number - 1, new)
        self.change(lines)

    def remove(self, text: str) -> None:
        lines = self.text.splitlines()
        words = text.split() or [""]
        first, last = number_in(words[0], len(lines), "line"), number_in(words[-1], len(lines), "line")
        if last < first or len(words) > 2:
            raise InputError("These are no lines", f"It is {text!r}.", "As in: remove 3, or remove 3 5")
        del lines[first - 1 : last]
        self.change(lines)

    def edit(self) -> None:
        """Hand the terminal to the learner's own editor, and take over what it leaves in the file."""
        from tui.screens.outside import editor_command

        command = editor_command()
        if command is None:
            raise InputError("No editor is named", "Neither $VISUAL nor $EDITOR is set.", "Or type write.")
        self.history.append(self.text)
        file = self.session.workspace.start(self.exercise)
        try:
            subprocess.run([*command, str(file)], check=False)
        except OSError as error:
            raise EnvironmentFailure(
                "The editor cannot be run", f"{command[0]}: {error.strerror}.", "Set $EDITOR."
            ) from error
        self.said()


def numbered(text: str, most: int) -> tuple[int, str]:
    """The number of a line, and what follows it with the blanks at its front."""
    number, _, new = text.lstrip().partition(" ")
    return number_in(number, most, "line"), new
