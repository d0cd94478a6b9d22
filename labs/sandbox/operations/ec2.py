"""EC2: one question for each resource that a call touches, with the keys of that kind of resource only.

The Service Authorization Reference says for each action which kinds of resource it takes. What a call names
of these kinds is asked about one by one; a kind that it must have and does not name is what it makes, and the
question is about `kind/*`, since no policy can know the new id.

Source: Amazon EC2 User Guide, "Identity-based policies for Amazon EC2"; Service Authorization Reference,
"Actions, resources, and condition keys for Amazon EC2".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from labs.sandbox.operations.ec2_launch import passed_profile, run_instances
from labs.sandbox.operations.ec2_new import attribute_keys, made_keys, tags_for
from labs.sandbox.operations.ec2_resources import backend, check, ids_in, keys_of, kind_of
from labs.sandbox.operations.iam import profile_arn
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, tag_context
from labs.sandbox.operations.reference import action_exists, resource_kinds

__all__ = ["RULES", "other"]

# A copy names one resource of the kind that it makes.
_COPIES = {"CopyImage": "image", "CopySnapshot": "snapshot"}


def other(scene: Scene) -> Iterator[PlannedCheck]:
    """The rule for all operations that have none of their own."""
    operation = scene.call.operation
    kinds = resource_kinds("ec2", operation)
    asked = {**attribute_keys(scene), **_new_profile(scene)}

    named = [(kind, id) for kind, id in _named(scene) if kind in kinds]
    for kind, resource_id in named:
        yield check(scene, operation, kind, resource_id, {**keys_of(scene, resource_id), **asked})

    made = [kind for kind, required in kinds.items() if required and kind not in dict(named)]
    if operation in _COPIES and _COPIES[operation] not in made:
        made.append(_COPIES[operation])
    for kind in made:
        yield check(scene, operation, kind, "*", made_keys(scene, kind))
    yield from _tagged_on_creation(scene, made)

    if not named and not made:
        approximate = bool(kinds) or not action_exists("ec2", operation)
        region: dict[str, ContextValue] = {"ec2:Region": scene.region}
        yield PlannedCheck(f"ec2:{operation}", "*", context=region, approximate=approximate)


def _new_profile(scene: Scene) -> dict[str, ContextValue]:
    """The profile that an instance is to get in place of the one that it has."""
    profile = scene.params.get("IamInstanceProfile")
    if not isinstance(profile, Mapping) or not profile:
        return {}
    return {"ec2:NewInstanceProfile": profile_arn(scene.account, profile)}


def _named(scene: Scene) -> Iterator[tuple[str, str]]:
    """The kind and id of each resource that a call names, by the id or by a name that EC2 takes instead."""
    # The rules of a security group may point at other groups, which are not what the call is about.
    params = {name: value for name, value in scene.params.items() if name != "IpPermissions"}
    for resource_id in dict.fromkeys(ids_in(params)):
        yield kind_of(resource_id) or "", resource_id
    if key := scene.text("KeyName"):
        yield "key-pair", key
    if template := scene.text("LaunchTemplateName"):
        ids = backend(scene).launch_template_name_to_ids
        if template in ids:
            yield "launch-template", ids[template]
    if (address := scene.text("PublicIp")) and not scene.params.get("AllocationId"):
        for each in backend(scene).addresses:
            if each.public_ip == address and each.allocation_id:
                yield "elastic-ip", each.allocation_id
    if (group := scene.text("GroupName")) and not scene.params.get("GroupId"):
        yield from _group_called(scene, group)
    if association := scene.text("AssociationId"):
        yield from _behind_association(scene, association)


def _group_called(scene: Scene, name: str) -> Iterator[tuple[str, str]]:
    """Only a group of the default VPC can be named by its name."""
    default = backend(scene).get_default_vpc()
    for group in backend(scene).groups.get(default.id if default else None, {}).values():
        if group.name == name:
            yield "security-group", group.id


def _behind_association(scene: Scene, association_id: str) -> Iterator[tuple[str, str]]:
    ec2 = backend(scene)
    for each in ec2.iam_instance_profile_associations.values():
        if each.association_id == association_id:
            yield "instance", each.instance_id
    for address in ec2.addresses:
        if address.association_id == association_id:
            yield "elastic-ip", address.allocation_id
    for table in ec2.route_tables.values():
        for found in table.associations:
            if found["RouteTableAssociationId"] == association_id:
                yield "route-table", table.id
                if found.get("SubnetId"):
                    yield "subnet", found["SubnetId"]


# -- tags --------------------------------------------------------------------------------------------------


def _tagged_on_creation(scene: Scene, kinds: Iterable[str]) -> Iterator[PlannedCheck]:
    """Tagging what is being made needs ec2:CreateTags, which a policy may tie to ec2:CreateAction."""
    for kind in kinds:
        if tags := tags_for(scene, kind):
            context = {**made_keys(scene, kind), "ec2:CreateAction": scene.call.operation, **tags}
            yield check(scene, "CreateTags", kind, "*", context)


def _tagging(scene: Scene) -> Iterator[PlannedCheck]:
    tags = scene.many("Tags")
    # A tag that is taken away is named, not given.
    deleting = scene.call.operation == "DeleteTags"
    asked = tag_context((), [tag.get("Key") for tag in tags]) if deleting else tag_context(tags)
    for resource_id in map(str, scene.many("Resources")):
        kind = kind_of(resource_id) or "*"
        yield check(scene, scene.call.operation, kind, resource_id, {**keys_of(scene, resource_id), **asked})


# -- roles -------------------------------------------------------------------------------------------------


def _associate_profile(scene: Scene) -> Iterator[PlannedCheck]:
    planned = list(other(scene))
    yield from planned
    yield from passed_profile(scene, scene.params.get("IamInstanceProfile"), planned[0].resource)


RULES: Mapping[str, Rule] = {
    "AssociateIamInstanceProfile": _associate_profile,
    "CreateTags": _tagging,
    "DeleteTags": _tagging,
    "ReplaceIamInstanceProfileAssociation": _associate_profile,
    "RunInstances": run_instances,
}
