"""Which of our processes go first where all of them have work."""

from __future__ import annotations

from contextlib import suppress

__all__ = ["stand_behind"]


def stand_behind(by: int) -> None:
    """Let go of the processor by so many steps of niceness, as all processes of this session together.

    Where Linux shares out the processors by session, it looks at this first; elsewhere nothing happens. Zero
    takes it back, and a process that begins a session of its own has none of it.
    """
    with suppress(OSError), open("/proc/self/autogroup", "w") as group:  # noqa: PTH123  # no regular file
        group.write(str(by))
