"""The form of a request, read without what Werkzeug builds to read forms of any kind and size.

The gate looks at each request as moto will, and then moto does: both would set up a parser for streams, for
files among the fields and for limits, to find the ten fields of a call.
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import parse_qsl

__all__ = ["read_form"]

_FORM, _FILES = "application/x-www-form-urlencoded", "multipart/form-data"
_LONGEST = 1024 * 1024  # of more bytes Werkzeug may say that there are too many


def read_form(request: Any) -> None:
    """Give a request of Werkzeug's the form, the files and the rest of the stream that it would find.

    A long body, one with files and one that is no text are left to it.
    """
    from werkzeug.datastructures import ImmutableMultiDict

    environ = request.environ
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    stream = environ["wsgi.input"]
    if kind == _FILES or not isinstance(stream, io.BytesIO) or stream.getbuffer().nbytes > _LONGEST:
        return
    fields: list[tuple[str, str]] = []
    if kind == _FORM:
        try:
            text = stream.getvalue().decode()
        except UnicodeDecodeError:
            return
        fields = parse_qsl(text, keep_blank_values=True, errors="werkzeug.url_quote")
        stream = io.BytesIO()
    form = ImmutableMultiDict(fields)
    vars(request).update(form=form, files=ImmutableMultiDict(), stream=stream)
    if environ["REQUEST_METHOD"] == "POST" and not environ["QUERY_STRING"]:
        vars(request).update(
            values=form
        )  # else it puts together what it is made of, each time it is looked at
