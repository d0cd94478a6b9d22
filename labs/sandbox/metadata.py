"""The instance metadata service: versions 1 and 2, tokens, and the credentials that it gives out.

Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata", "How Instance
Metadata Service Version 2 works", "Spot Instance interruption notices" and "EC2 instance rebalance
recommendations".
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from labs.aws.ec2.metadata import LONGEST_TOKEN, TOKEN_PATH
from labs.sandbox.clock import Clock
from labs.sandbox.interruption import WARNING
from labs.sandbox.lives import Notice, life_of
from labs.sandbox.metadata_tree import STAMP, VERSIONS, Tree, ask, categories, profile_of, tree_of
from labs.sandbox.values import Credentials

__all__ = ["TOKEN_HEADER", "TTL_HEADER", "Answer", "Lease", "Metadata", "lease_of", "problem"]

RENEW_BEFORE = timedelta(minutes=5)
TTL_HEADER = "x-aws-ec2-metadata-token-ttl-seconds"
TOKEN_HEADER = "x-aws-ec2-metadata-token"
_USER_DATA = re.compile(rf"/({'|'.join(map(re.escape, VERSIONS))})/user-data/?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answers; `ttl` is how long the token still holds, in seconds, where one was used."""

    status: int
    text: str
    content_type: str = "text/plain"
    ttl: int | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """What came of asking for a role's credentials: the credentials, or the reason why there are none."""

    credentials: Credentials | None
    made: datetime
    expires: datetime
    code: str = "Success"
    message: str = ""


# Who makes the credentials of the role that an instance has, or says why EC2 may not.
Minter = Callable[[str], Lease]


@dataclass
class Metadata:
    """The service of one instance: its tokens, and the credentials that it has given out."""

    instance: Any  # moto.ec2.models.instances.Instance
    clock: Clock
    mint: Minter
    tokens: dict[str, datetime] = field(default_factory=dict, repr=False)
    leases: dict[str, Lease] = field(default_factory=dict, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def running(self) -> bool:
        return str(self.instance.state) == "running"

    def answer(self, method: str, path: str, headers: Mapping[str, str], *, hops: int = 1) -> Answer | None:
        """Answer one request; None where the answer does not reach whoever asked.

        Args:
            headers: by their names in lower case.
            hops: how far the program is away: 1 on the instance itself, 2 in a container behind a bridge.
        """
        options = self.instance.metadata_options
        if options.http_endpoint == "disabled":
            return problem(403, "Forbidden")
        if method == "PUT":
            return self._new_token(path, headers, within=hops <= options.http_put_response_hop_limit)
        if method not in ("GET", "HEAD"):
            return problem(405, "Method Not Allowed")
        ttl = None
        if TOKEN_HEADER in headers:
            ttl = self._seconds_left(headers[TOKEN_HEADER])
            if ttl is None:
                return problem(401, "Unauthorized")
        elif options.http_tokens == "required":
            return problem(401, "Unauthorized")
        place = path.partition("?")[0]
        text = ask(self._tree(place), place)
        if text is None:
            return problem(404, "Not Found")
        kind = "application/octet-stream" if _USER_DATA.fullmatch(place) else "text/plain"
        return Answer(200, text, kind, ttl)

    def _new_token(self, path: str, headers: Mapping[str, str], *, within: bool) -> Answer | None:
        """A token; only on their way to one do answers count their hops."""
        if path != TOKEN_PATH:
            return problem(405, "Method Not Allowed")
        if not within:
            return None
        if "x-forwarded-for" in headers:
            return problem(403, "Forbidden")  # an open proxy must not hand out tokens
        ttl = headers.get(TTL_HEADER, "")
        if not re.fullmatch(r"[0-9]{1,5}", ttl) or not 1 <= int(ttl) <= LONGEST_TOKEN:
            return problem(400, "Bad Request")
        token, now = secrets.token_urlsafe(40) + "==", self.clock.now()
        with self.lock:
            self.tokens = {each: end for each, end in self.tokens.items() if end > now}
            self.tokens[token] = now + timedelta(seconds=int(ttl))
        return Answer(200, token, ttl=int(ttl))

    def _seconds_left(self, token: str) -> int | None:
        end, now = self.tokens.get(token), self.clock.now()
        return int((end - now).total_seconds()) if end is not None and end > now else None

    def _tree(self, path: str) -> Tree:
        meta_data = categories(self.instance)
        profile = profile_of(self.instance)
        if profile is not None:
            meta_data["iam"] = self._iam(profile, path)
        if (notice := life_of(self.instance).notice) is not None:
            meta_data["spot"] = self._spot(notice)
            events = meta_data["events"]
            assert isinstance(events, dict)
            events["recommendations"] = {"rebalance": self._recommendation(notice)}
        return tree_of(self.instance, meta_data)

    def _spot(self, notice: Notice) -> Tree:
        """What stands under `spot` once EC2 wants the instance back."""
        moment = self._stamp(notice.moment)
        tree: Tree = {"instance-action": json.dumps({"action": notice.action, "time": moment})}
        if notice.action == "terminate":
            tree["termination-time"] = moment
        return tree

    def _recommendation(self, notice: Notice) -> str:
        """The recommendation to leave, which EC2 gives as early as the notice at the latest."""
        given = notice.moment if notice.action == "hibernate" else notice.moment - WARNING
        return json.dumps({"noticeTime": self._stamp(given)})

    def _stamp(self, moment: datetime) -> str:
        """A moment as a program on the instance reads it: it compares it with its own clock."""
        return self.clock.timeline.client(moment).strftime(STAMP)

    def _iam(self, profile: Any, path: str) -> Tree:
        info = {
            "Code": "Success",
            "LastUpdated": self._stamp(self.clock.now()),
            "InstanceProfileArn": profile.arn,
            "InstanceProfileId": profile.id,
        }
        tree: Tree = {"info": json.dumps(info, indent=2)}
        if profile.roles:
            role = profile.roles[0]
            asked = path.rstrip("/").endswith(f"/security-credentials/{role.name}")
            tree["security-credentials"] = {role.name: self._credentials(role) if asked else ""}
        return tree

    def _credentials(self, role: Any) -> str:
        """The credentials of the role; the same ones until five minutes before they end."""
        with self.lock:
            now = self.clock.now()
            place = lease_of(self.instance.id, role.id)
            lease = self.leases.get(place)
            if lease is None or lease.expires - now < RENEW_BEFORE:
                lease = self.mint(self.instance.id)
                if lease.credentials is not None:
                    self.leases[place] = lease
        if lease.credentials is None:
            refusal = {"Code": lease.code, "Message": lease.message, "LastUpdated": self._stamp(lease.made)}
            return json.dumps(refusal, indent=2)
        document = {
            "Code": lease.code,
            "LastUpdated": self._stamp(lease.made),
            "Type": "AWS-HMAC",
            "AccessKeyId": lease.credentials.access_key_id,
            "SecretAccessKey": lease.credentials.secret_access_key,
            "Token": lease.credentials.session_token,
            "Expiration": self._stamp(lease.expires),
        }
        return json.dumps(document, indent=2)


def lease_of(instance_id: str, role_id: str) -> str:
    """Under which name the lease of an instance's role is kept."""
    return f"{instance_id} {role_id}"


def problem(status: int, phrase: str) -> Answer:
    """The page that the service answers with where there is no other answer."""
    return Answer(status, _PAGE.format(title=f"{status} - {phrase}"), "text/html")


_PAGE = """<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
\t"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>{title}</title>
 </head>
 <body>
  <h1>{title}</h1>
 </body>
</html>
"""
