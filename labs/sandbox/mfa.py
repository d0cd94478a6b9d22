"""One-time codes of virtual MFA devices, checked against the seed that IAM gave out with the device.

Source: RFC 6238, "TOTP"; AWS STS API Reference, "AssumeRole" and "GetSessionToken", parameters SerialNumber
and TokenCode.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import datetime
from typing import Any

from labs.aws.iam import PrincipalKind
from labs.sandbox.clock import Timeline
from labs.sandbox.live import live
from labs.sandbox.principals import Caller, entity_of
from labs.sandbox.wire import Call

__all__ = ["code_at", "device_of", "is_right"]

_STEP = 30  # seconds that a code is good for
_DIGITS = 6


def code_at(seed: str, moment: datetime) -> str:
    """The code that a device with this seed (in base 32) shows at a moment."""
    return _code(seed, int(moment.timestamp()) // _STEP)


def _code(seed: str, step: int) -> str:
    key = base64.b32decode(seed + "=" * (-len(seed) % 8), casefold=True)
    digest = hmac.digest(key, struct.pack(">Q", step), hashlib.sha1)
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def device_of(call: Call, caller: Caller) -> Any:
    """moto's virtual device that a call names, if it is the caller's own and enabled."""
    serial = str(call.params.get("SerialNumber") or "")
    user = entity_of(caller.principal) if caller.principal.kind is PrincipalKind.USER else None
    if user is None or serial not in user.mfa_devices:
        return None
    return live("iam", caller.principal.account or "").virtual_mfa_devices.get(serial)


def is_right(call: Call, caller: Caller, now: datetime, timeline: Timeline) -> bool:
    """Whether a call brings the code of one of the caller's devices: that of now, or of a step beside it.

    A device goes by the clients' clock, or by the world's; either is right.
    """
    given, device = str(call.params.get("TokenCode") or ""), device_of(call, caller)
    if device is None or not given.isascii():
        return False
    seed = device.base32_string_seed
    steps = {int(moment.timestamp()) // _STEP for moment in (now, timeline.client(now))}
    codes = (_code(seed, step + drift) for step in sorted(steps) for drift in (-1, 0, 1))
    return any(hmac.compare_digest(given, code) for code in codes)
