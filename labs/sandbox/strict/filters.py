"""Security groups and network ACLs: names, ports, references, numbers, and when a group can go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labs.sandbox.strict.looks import ec2_of, group_of, interfaces_in, peered
from labs.sandbox.strict.pages import ec2_api, page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Asked, Refusal, Rule

__all__ = ["RULES", "patch"]

_GROUP_RULES = ("ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress")
_ENTRIES = ("ec2:CreateNetworkAclEntry", "ec2:ReplaceNetworkAclEntry")
_IP_PERMISSION = ec2_api("IpPermission")
_LAST_PORT = 65_535
_LAST_ENTRY = 32_766
_STAR = 32_767


# -- security groups -----------------------------------------------------------------------------------------


def _group_name(ask: Asked) -> Refusal | None:
    name = ask.text("GroupName")
    if not name.lower().startswith("sg-"):
        return None
    return Refusal(
        "InvalidParameterValue",
        f"Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.",
        "names that begin with sg- would pass for ids of groups",
        f"Call it {name[3:] or 'web'}.",
    )


def _permissions(ask: Asked) -> Iterator[Mapping[str, Any]]:
    """The rules that a call adds, in either of the forms that the API takes."""
    yield from ask.params.get("IpPermissions") or ()
    if ask.text("IpProtocol"):
        yield ask.params


def _ports(ask: Asked) -> Refusal | None:
    for permission in _permissions(ask):
        if str(permission.get("IpProtocol", "")).lower() not in ("tcp", "udp", "6", "17"):
            continue
        low, high = permission.get("FromPort"), permission.get("ToPort")
        if low is None or high is None:
            return Refusal(
                "InvalidParameterValue",
                "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
                "a rule for TCP or UDP names its first and its last port",
                "Give FromPort and ToPort; for all ports 0 and 65535.",
            )
        for side, port in (("from", int(low)), ("to", int(high))):
            if not 0 <= port <= _LAST_PORT:
                return Refusal(
                    "InvalidParameterValue",
                    f"TCP/UDP ({side}) port ({port}) out of range",
                    f"ports are numbers from 0 to {_LAST_PORT}, and this is {port}",
                )
        if int(low) > int(high):
            return Refusal(
                "InvalidParameterValue",
                f"Invalid TCP/UDP port range ({low}:{high})",
                f"the range begins with {low} and ends with {high}, which is before",
                f"FromPort={high}, ToPort={low}.",
            )
    return None


def _group_reference(ask: Asked) -> Refusal | None:
    ec2 = ec2_of(ask)
    group = group_of(ec2, ask.text("GroupId"))
    if group is None:
        return None
    for permission in _permissions(ask):
        for pair in permission.get("UserIdGroupPairs") or ():
            other = group_of(ec2, pair.get("GroupId"))
            if other is None or other.vpc_id == group.vpc_id or peered(ec2, group.vpc_id, other.vpc_id):
                continue
            return Refusal(
                "InvalidGroup.NotFound",
                "You have specified two resources that belong to different networks.",
                f"{other.id} is a group of {other.vpc_id}, which is not {group.vpc_id}, nor peered with it",
                "Refer to a group of the same VPC or of a peered one, or to a block.",
            )
    return None


def _group_asked(ask: Asked) -> Any:
    ec2 = ec2_of(ask)
    if ask.text("GroupId"):
        return group_of(ec2, ask.text("GroupId"))
    held = ec2.groups.get(ec2.default_vpc.id, {}).values()
    return next((each for each in held if each.name == ask.text("GroupName")), None)


def _default_group(ask: Asked) -> Refusal | None:
    group = _group_asked(ask)
    if group is None or not group.is_default:
        return None
    return Refusal(
        "CannotDelete",
        f'the specified group: "{group.id}" name: "default" cannot be deleted by a user',
        "a default security group goes with its VPC, and not before",
        "Take its rules away, if it is to let nothing through.",
    )


def _group_in_use(ask: Asked) -> Refusal | None:
    ec2, group = ec2_of(ask), _group_asked(ask)
    users = [*_users_of(ec2, group)] if group is not None else []
    if not users:
        return None
    return Refusal(
        "DependencyViolation",
        f"resource {group.id} has a dependent object",
        f"the group is in use by {users[0]}" + (f" and {len(users) - 1} more" if len(users) > 1 else ""),
        "Take the group off the interfaces, and out of the rules that refer to it.",
    )


def _users_of(ec2: Any, group: Any) -> Iterator[str]:
    for interface in interfaces_in(ec2):
        if any(each.id == group.id for each in interface.group_set):
            yield f"the interface {interface.id}"
    for held in list(ec2.groups.values()):
        for other in held.values():
            rules = (*other.ingress_rules, *other.egress_rules)
            if other.id != group.id and any(each.source_group.get("GroupId") == group.id for each in rules):
                yield f"a rule of {other.id}"


# -- network ACLs --------------------------------------------------------------------------------------------


def _entry_number(ask: Asked) -> Refusal | None:
    number = int(ask.params.get("RuleNumber") or 0)
    if 1 <= number <= _LAST_ENTRY:
        return None
    return Refusal(
        "InvalidParameterValue",
        f"Value ({number}) for parameter ruleNumber is invalid. Rulenumber must be in range 1..{_LAST_ENTRY}",
        f"entries are numbered from 1 to {_LAST_ENTRY}, and {_STAR} is the last one, which denies the rest",
        "Number them in hundreds, so that there is room in between.",
    )


def _entry_exists(ask: Asked) -> Refusal | None:
    acl = ec2_of(ask).network_acls.get(ask.text("NetworkAclId"))
    number, egress = int(ask.params.get("RuleNumber") or 0), bool(ask.params.get("Egress"))
    if acl is None or any(
        each.rule_number == number and each.egress == egress for each in acl.network_acl_entries
    ):
        return None
    way = "outbound" if egress else "inbound"
    return Refusal(
        "InvalidNetworkAclEntry.NotFound",
        f"The network acl entry identified by {number} does not exist",
        f"{acl.id} has no {way} entry with the number {number}",
        "Inbound and outbound entries are numbered apart: Egress says which are meant.",
    )


def _default_acl(ask: Asked) -> Refusal | None:
    acl = ec2_of(ask).network_acls.get(ask.text("NetworkAclId"))
    if acl is None or not acl.default:
        return None
    return Refusal(
        "InvalidParameterValue",
        f"cannot delete default network ACL {acl.id}",
        "a default network ACL goes with its VPC, and not before",
    )


def patch() -> None:
    """Have moto's network ACLs end with the entry that denies the rest."""
    from moto.ec2.models import EC2Backend

    @instead(EC2Backend, "create_network_acl")
    def with_star(create: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        acl = create(self, *args, **kwargs)
        if STAR.on and not acl.default:
            for egress in (True, False):
                self.create_network_acl_entry(
                    network_acl_id=acl.id,
                    rule_number=_STAR,
                    protocol="-1",
                    rule_action="deny",
                    egress=egress,
                    cidr_block="0.0.0.0/0",
                    icmp_code=None,
                    icmp_type=None,
                    port_range_from=None,
                    port_range_to=None,
                    ipv6_cidr_block=None,
                )
        return acl


STAR = Rule(
    "ec2.acl-star",
    "repairs",
    "Each network ACL ends with an entry in both directions that denies what no other entry matches.",
    "Only a default one shows it.",
    page("VPC User Guide", "Network ACL rules", "nacl-rules"),
    operations=("ec2:CreateNetworkAcl",),
)

RULES = (
    Rule(
        "ec2.group-name",
        "refuses",
        "The name of a security group does not begin with sg-.",
        "It takes any name.",
        ec2_api("CreateSecurityGroup"),
        operations=("ec2:CreateSecurityGroup",),
        code="InvalidParameterValue",
        check=_group_name,
    ),
    Rule(
        "ec2.group-ports",
        "refuses",
        "A rule for TCP or UDP has a first and a last port, from 0 to 65,535, in this order.",
        "It takes port 70000, ranges that end before they begin, and fails where a port is missing.",
        _IP_PERMISSION,
        operations=_GROUP_RULES,
        code="InvalidParameterValue",
        check=_ports,
    ),
    Rule(
        "ec2.group-reference",
        "refuses",
        "A rule refers to a security group of the same VPC, or of a peered one.",
        "It takes a group of any VPC.",
        page("VPC User Guide", "Security group referencing", "security-group-rules"),
        operations=_GROUP_RULES,
        code="InvalidGroup.NotFound",
        check=_group_reference,
    ),
    Rule(
        "ec2.default-group-stays",
        "refuses",
        "A default security group cannot be deleted.",
        "It deletes it.",
        page("VPC User Guide", "Default security groups for your VPCs", "default-security-group"),
        operations=("ec2:DeleteSecurityGroup",),
        code="CannotDelete",
        check=_default_group,
    ),
    Rule(
        "ec2.group-in-use",
        "refuses",
        "A security group can be deleted when no interface has it and no rule of another group names it.",
        "It deletes a group of a running instance.",
        ec2_api("DeleteSecurityGroup"),
        operations=("ec2:DeleteSecurityGroup",),
        code="DependencyViolation",
        check=_group_in_use,
    ),
    Rule(
        "ec2.acl-entry-number",
        "refuses",
        "The entries of a network ACL are numbered from 1 to 32,766.",
        "It takes 40000.",
        ec2_api("CreateNetworkAclEntry"),
        operations=(*_ENTRIES, "ec2:DeleteNetworkAclEntry"),
        code="InvalidParameterValue",
        check=_entry_number,
    ),
    Rule(
        "ec2.acl-entry-exists",
        "refuses",
        "An entry that there is not can be neither replaced nor deleted.",
        "It fails within.",
        page("EC2 API Reference", "Error codes for the Amazon EC2 API", "errors-overview"),
        operations=("ec2:ReplaceNetworkAclEntry", "ec2:DeleteNetworkAclEntry"),
        code="InvalidNetworkAclEntry.NotFound",
        check=_entry_exists,
    ),
    Rule(
        "ec2.default-acl-stays",
        "refuses",
        "A default network ACL cannot be deleted.",
        "It deletes it.",
        ec2_api("DeleteNetworkAcl"),
        operations=("ec2:DeleteNetworkAcl",),
        code="InvalidParameterValue",
        check=_default_acl,
    ),
    STAR,
)
