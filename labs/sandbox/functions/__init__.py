"""Lambda functions that really run: their Python handlers, each in a process of its own.

    Invoke (RequestResponse)  →  Runner  →  Environment: a process  →  the answer, and a deed in the journal
    Invoke (Event), S3, SNS, EventBridge  →  agenda  →  Executions  →  Runner  →  the deed
    SQS  →  agenda: a poll  →  Executions  →  Runner  →  the deed, which deletes the messages

What is to be run is data of the world: it lies in the agenda and in `Executions`, so that a checkpoint holds
it and a journal makes it again. That something ran is not: only its end is a change, a deed that says what
the log was and how it ended, and the requests that the function made stand in the journal as all others do.
So a replay, a rewind and a fork run nobody's code again; what had been begun and has not ended starts anew,
which is what AWS promises too: at least once.
"""

from __future__ import annotations

__all__: list[str] = []
