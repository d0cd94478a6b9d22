"""What can be done on every screen, and on the panels that lie over one."""

from __future__ import annotations

from tui.actions.action import Action

__all__ = ["EVERYWHERE"]

# fmt: off
EVERYWHERE: tuple[Action, ...] = (
    Action("app.help", ("f1",), "help", "What every key does here",
           "Shows this page, for the screen and the part that you are in.", 90, True),
    Action("app.commands", ("ctrl+p",), "commands", "Find anything by name",
           "Lists every command, lesson and exercise; type to find one.", 0, True),
    Action("app.jump", ("ctrl+g",), "jump", "Go to a place by a letter",
           "Lays a letter over each place that can take the focus; press one to go there.", 0, True),
    Action("app.tour", ("ctrl+l",), "tour", "A tour of two minutes, or leave it",
           "Begins the tour of Skylab, which takes two minutes; pressed again, it leaves the tour.", 0, True),
    Action("app.theme", ("f8",), "light or dark", "Change between dark and light",
           "Changes between the dark and the light theme.", 0, True),
    Action("app.code", ("f9",), "code", "Show the code behind this page",
           "Shows the command that says the same, and the Python code of this page.", 0, True),
    Action("app.copy", ("f7",), "copy", "Copy what matters here",
           "Copies your answer, the command or the request to the clipboard, and to .skylab/copied.txt.",
           0, True),
    Action("app.suspend", ("f12", "ctrl+z"), "shell", "Go back to the shell for a while",
           "Gives the shell back until fg; Ctrl+Z undoes instead where something can be undone.", 0),
    Action("app.quit", ("ctrl+q",), "quit", "Leave Skylab",
           "Leaves Skylab. What you have written is already saved.", 0, True),
    Action("jump.close", ("escape",), "leave", "Stay where you are",
           "Stays where you are.", 10),
    Action("ask.accept", ("enter",), "accept", "Take what you typed",
           "Takes what you typed.", 10),
    Action("ask.close", ("escape",), "cancel", "Leave everything as it is",
           "Closes the question; nothing changes.", 20),
    Action("output.close", ("escape", "q"), "close", "Close the output",
           "Goes back to where you were.", 10),
    Action("code.close", ("escape", "q"), "close", "Close the code",
           "Goes back to where you were.", 10),
    Action("help.close", ("escape", "q"), "close", "Close the help",
           "Goes back to where you were.", 10),
    Action("failure.close", ("escape", "enter"), "go on", "Go on",
           "Closes this panel and goes on.", 10),
    Action("failure.details", ("d",), "details", "Show the details",
           "Shows where in Skylab it happened, for a report.", 20),
)
# fmt: on
