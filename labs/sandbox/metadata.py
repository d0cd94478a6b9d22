"""The instance metadata service: versions 1 and 2, one loopback port an instance.

Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata" and "Instance
metadata categories".
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from labs.sandbox.clock import Clock
from labs.sandbox.lives import Notice, life_of
from labs.sandbox.loopback import LoopbackServer, QuietHandler
from labs.sandbox.values import Credentials

__all__ = ["Answer", "Lease", "Metadata", "MetadataServer", "ask", "lease_of"]

LONGEST_TOKEN = 21_600  # seconds: six hours
RENEW_BEFORE = timedelta(minutes=5)
TTL_HEADER = "x-aws-ec2-metadata-token-ttl-seconds"
TOKEN_HEADER = "x-aws-ec2-metadata-token"
STAMP = "%Y-%m-%dT%H:%M:%SZ"

Tree = dict[str, "Tree | str"]


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

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        """Answer one request; `headers` by their names in lower case."""
        options = self.instance.metadata_options
        if options.http_endpoint == "disabled":
            return _problem(403, "Forbidden")
        if method == "PUT":
            return self._new_token(path, headers)
        if method not in ("GET", "HEAD"):
            return _problem(405, "Method Not Allowed")
        ttl = None
        if TOKEN_HEADER in headers:
            ttl = self._seconds_left(headers[TOKEN_HEADER])
            if ttl is None:
                return _problem(401, "Unauthorized")
        elif options.http_tokens == "required":
            return _problem(401, "Unauthorized")
        text = ask(self._tree(path), path.partition("?")[0])
        return _problem(404, "Not Found") if text is None else Answer(200, text, ttl=ttl)

    def _new_token(self, path: str, headers: Mapping[str, str]) -> Answer:
        if path != "/latest/api/token":
            return _problem(405, "Method Not Allowed")
        if "x-forwarded-for" in headers:
            return _problem(403, "Forbidden")  # an open proxy must not hand out tokens
        ttl = headers.get(TTL_HEADER, "")
        if not re.fullmatch(r"[0-9]{1,5}", ttl) or not 1 <= int(ttl) <= LONGEST_TOKEN:
            return _problem(400, "Bad Request")
        token, now = secrets.token_urlsafe(40) + "==", self.clock.now()
        with self.lock:
            self.tokens = {each: end for each, end in self.tokens.items() if end > now}
            self.tokens[token] = now + timedelta(seconds=int(ttl))
        return Answer(200, token, ttl=int(ttl))

    def _seconds_left(self, token: str) -> int | None:
        end, now = self.tokens.get(token), self.clock.now()
        return int((end - now).total_seconds()) if end is not None and end > now else None

    def _tree(self, path: str) -> Tree:
        categories = _categories(self.instance)
        profile = _profile(self.instance)
        if profile is not None:
            categories["iam"] = self._iam(profile, path)
        if (notice := life_of(self.instance).notice) is not None:
            categories["spot"] = self._spot(notice)
        tree: Tree = {"dynamic": _dynamic(self.instance), "meta-data": categories}
        if self.instance.user_data:
            data = base64.b64decode(self.instance.user_data.as_bytes())
            tree["user-data"] = data.decode(errors="surrogateescape")
        return {"latest": tree}

    def _spot(self, notice: Notice) -> Tree:
        """What stands under `spot` once EC2 wants the instance back."""
        moment = self._stamp(notice.moment)
        tree: Tree = {"instance-action": json.dumps({"action": notice.action, "time": moment})}
        if notice.action == "terminate":
            tree["termination-time"] = moment
        return tree

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
            asked = path.partition("?")[0].endswith(f"/security-credentials/{role.name}")
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


def ask(tree: Tree, path: str) -> str | None:
    """The text at a path: a value, or the names in a folder, one a line; None where there is nothing."""
    node: Tree | str = tree
    *folders, last = path.removeprefix("/").split("/")
    for name in (*folders, last) if last else folders:
        if not isinstance(node, dict) or name not in node:
            return None
        node = node[name]
    if isinstance(node, str):
        return node if last else None
    return "\n".join(_listed(name, child) for name, child in sorted(node.items()))


def _listed(name: str, child: Tree | str) -> str:
    return f"{name}/" if isinstance(child, dict) else name


def _categories(instance: Any) -> Tree:
    """What stands under meta-data, `iam` apart."""
    nic = instance.nics[0]
    groups = [group for group in nic.group_set if group is not None]
    tree: Tree = {
        "ami-id": instance.image_id,
        "ami-launch-index": str(instance.ami_launch_index),
        "ami-manifest-path": "(unknown)",
        "block-device-mapping": {"ami": instance.root_device_name, "root": instance.root_device_name},
        "hostname": instance.private_dns_name,
        "instance-action": "none",
        "instance-id": instance.id,
        "instance-life-cycle": "spot" if instance.lifecycle == "spot" else "on-demand",
        "instance-type": instance.instance_type,
        "local-hostname": instance.private_dns_name,
        "local-ipv4": instance.private_ip,
        "mac": nic.mac_address,
        "network": {"interfaces": {"macs": {nic.mac_address: _interface(instance, nic, groups)}}},
        "placement": {
            "availability-zone": instance.placement.zone,
            "region": instance.region_name,
        },
        "profile": "default-hvm",
        "security-groups": "\n".join(group.name for group in groups),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if instance.public_ip:
        tree["public-ipv4"] = instance.public_ip
        tree["public-hostname"] = instance.public_dns_name
    tags = {tag["key"]: str(tag["value"]) for tag in instance.get_tags()}
    if instance.metadata_options.instance_metadata_tags == "enabled":
        tree["tags"] = {"instance": {**tags}}
    return tree


def _interface(instance: Any, nic: Any, groups: list[Any]) -> Tree:
    tree: Tree = {
        "device-number": str(nic.device_index if nic.device_index is not None else 0),
        "interface-id": nic.id,
        "local-hostname": instance.private_dns_name,
        "local-ipv4s": nic.private_ip_address,
        "mac": nic.mac_address,
        "owner-id": instance.owner_id,
        "security-group-ids": "\n".join(group.id for group in groups),
        "security-groups": "\n".join(group.name for group in groups),
        "subnet-id": nic.subnet.id,
        "subnet-ipv4-cidr-block": nic.subnet.cidr_block,
        "vpc-id": nic.subnet.vpc_id,
        "vpc-ipv4-cidr-block": instance.ec2_backend.get_vpc(nic.subnet.vpc_id).cidr_block,
    }
    if instance.public_ip:
        tree["public-hostname"] = instance.public_dns_name
        tree["public-ipv4s"] = instance.public_ip
    return tree


def _dynamic(instance: Any) -> Tree:
    document = {
        "accountId": instance.owner_id,
        "architecture": instance.architecture,
        "availabilityZone": instance.placement.zone,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "pendingTime": instance.launch_time.strftime(STAMP),
        "privateIp": instance.private_ip,
        "region": instance.region_name,
        "version": "2017-09-30",
    }
    return {"instance-identity": {"document": json.dumps(document, indent=2)}}


def _profile(instance: Any) -> Any:
    """The instance profile that is associated with the instance; None without one."""
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    return association.iam_instance_profile if association is not None else None


def _problem(status: int, phrase: str) -> Answer:
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


# Over HTTP


class _Handler(QuietHandler):
    server: MetadataServer
    server_version = "EC2ws"
    sys_version = ""

    def _serve(self) -> None:
        if self.read_body(65_536) is None:
            return
        path, metadata = self.server.address(self.path)
        if metadata is None or not metadata.running:
            self.close_connection = True  # an instance that does not run does not answer
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = metadata.answer(self.command, path, headers)
        except Exception:
            traceback.print_exc()
            answer = _problem(500, "Internal Server Error")
        extra = {TTL_HEADER: str(answer.ttl)} if answer.ttl is not None else {}
        self.answer(answer.status, answer.text.encode(errors="surrogateescape"), answer.content_type, **extra)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = _serve


class MetadataServer(LoopbackServer):
    """Answers for one instance; or, without one, for the instance that the first part of the path names."""

    def __init__(self, find: Callable[[str], Metadata | None], instance_id: str | None = None) -> None:
        self.find = find
        self.instance_id = instance_id
        super().__init__(_Handler)

    def address(self, path: str) -> tuple[str, Metadata | None]:
        """Which path of which instance a request is for."""
        if self.instance_id is not None:
            return path, self.find(self.instance_id)
        instance_id, _, rest = path.removeprefix("/").partition("/")
        return f"/{rest}", self.find(instance_id)
