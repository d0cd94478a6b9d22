"""Names of S3 general purpose buckets, and what is wrong with one.

Source: Amazon S3 User Guide, "General purpose bucket naming rules".
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["bucket_name_fault"]

_LEAST, _MOST = 3, 63
_SIGNS: Final = re.compile(r"[a-z0-9.-]*")
_FOUR_NUMBERS: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_KEPT_PREFIXES: Final = ("xn--", "sthree-", "amzn-s3-demo-")
_KEPT_SUFFIXES: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def bucket_name_fault(name: str) -> str | None:
    """What is wrong with a bucket's name, as a clause; None when AWS takes it.

    >>> bucket_name_fault("My_Bucket")
    "a name holds lower-case letters, digits, dots and hyphens, and this has 'M', '_' and 'B'"
    """
    if not _LEAST <= len(name) <= _MOST:
        return f"a name has {_LEAST} to {_MOST} characters, and this has {len(name)}"
    if not _SIGNS.fullmatch(name):
        wrong = [repr(sign) for sign in dict.fromkeys(re.sub(_SIGNS, "", name))]
        named = " and ".join(filter(None, (", ".join(wrong[:-1]), wrong[-1])))
        return f"a name holds lower-case letters, digits, dots and hyphens, and this has {named}"
    if not (name[0].isalnum() and name[-1].isalnum()):
        return "a name begins and ends with a letter or a digit"
    if ".." in name:
        return "two dots do not stand side by side in a name"
    if _FOUR_NUMBERS.fullmatch(name):
        return "a name is not written like an IP address"
    for prefix in _KEPT_PREFIXES:
        if name.startswith(prefix):
            return f"names that begin with {prefix} are AWS's own"
    for suffix in _KEPT_SUFFIXES:
        if name.endswith(suffix):
            return f"names that end with {suffix} are AWS's own"
    return None
