"""EC2's own rules: type names, the life of an instance, volumes and snapshots, placement, CPU credits.

InstanceType.parse("m7gd.2xlarge").parts
answer(Call.START, InstanceState.TERMINATED).refusal.code        # IncorrectInstanceState
performance(volume("gp2", 100)).burst_seconds                    # 2000
timeline("t3.micro", [Load(Decimal(86400), Decimal(1))]).charged_vcpu_hours
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.facade import facade

if TYPE_CHECKING:
    from labs.aws.ec2.belongings import (
        Action,
        Belongings,
        Charge,
        DataVolume,
        Effect,
        Fate,
        charges,
        effects,
    )
    from labs.aws.ec2.burstable import BURSTABLE, CreditRule, Mode, credit_rule
    from labs.aws.ec2.credits import (
        CreditState,
        Event,
        Load,
        Point,
        Stopped,
        Switch,
        Timeline,
        surplus_charged,
        timeline,
    )
    from labs.aws.ec2.instance_types import InstanceType, TypePart, course_grammar_parses
    from labs.aws.ec2.lifecycle import Answer, Call, InstanceFacts, InstanceState, answer, legal_calls
    from labs.aws.ec2.placement import (
        Image,
        Launch,
        PlacementGroup,
        attach_interface,
        attach_volume,
        check_launch,
        create_group,
    )
    from labs.aws.ec2.refusals import Refusal
    from labs.aws.ec2.snapshots import History, Snapshot
    from labs.aws.ec2.volumes import Performance, Volume, performance, volume

__all__ = [
    "BURSTABLE",
    "Action",
    "Answer",
    "Belongings",
    "Call",
    "Charge",
    "CreditRule",
    "CreditState",
    "DataVolume",
    "Effect",
    "Event",
    "Fate",
    "History",
    "Image",
    "InstanceFacts",
    "InstanceState",
    "InstanceType",
    "Launch",
    "Load",
    "Mode",
    "Performance",
    "PlacementGroup",
    "Point",
    "Refusal",
    "Snapshot",
    "Stopped",
    "Switch",
    "Timeline",
    "TypePart",
    "Volume",
    "answer",
    "attach_interface",
    "attach_volume",
    "charges",
    "check_launch",
    "course_grammar_parses",
    "create_group",
    "credit_rule",
    "effects",
    "legal_calls",
    "performance",
    "surplus_charged",
    "timeline",
    "volume",
]

__getattr__, __dir__ = facade(
    __name__,
    {
        "belongings": "Action Belongings Charge DataVolume Effect Fate charges effects",
        "burstable": "BURSTABLE CreditRule Mode credit_rule",
        "credits": "CreditState Event Load Point Stopped Switch Timeline surplus_charged timeline",
        "instance_types": "InstanceType TypePart course_grammar_parses",
        "lifecycle": "Answer Call InstanceFacts InstanceState answer legal_calls",
        "placement": "Image Launch PlacementGroup attach_interface attach_volume check_launch create_group",
        "refusals": "Refusal",
        "snapshots": "History Snapshot",
        "volumes": "Performance Volume performance volume",
    },
)
