"""Bytes of strangers as text."""

from __future__ import annotations

from labs.errors import SubmissionError

__all__ = ["readable", "text_of"]


def text_of(data: bytes) -> str:
    """A file's text.

    Raises:
        SubmissionError: it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        kind = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "not UTF-8"
        raise SubmissionError(
            "The file is not text that can be read",
            f"It is {kind}: byte {error.start + 1} is {data[error.start]:#04x}.",
            "Save it again with the encoding UTF-8.",
        ) from None
    if "\0" in text:
        raise SubmissionError(
            "The file is not text that can be read",
            f"It has a zero byte at position {text.index(chr(0)) + 1}.",
            "Save it again as plain text.",
        )
    return text


def readable(name: str) -> str:
    """A file name as text: bytes that are no UTF-8 become signs of replacement."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
