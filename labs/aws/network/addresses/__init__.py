"""The addresses of a VPC: blocks as AWS treats them, and plans of subnets.

block = Block.parse("10.0.3.1/28")              # an AddressError says what a bad text meant
str(block), usable(block), reserved(block)      # '10.0.3.0/28', 11, five addresses with their roles
describe(block)                                 # its range, and what AWS says of it
split(block, prefix=30), exclude(block, holes), summarise(blocks), overlap(block, other)
asked = Requirements((Block.parse("10.0.0.0/22"),), ("a", "b"), (Tier("web", 100), Tier("db", 25)))
plan = make_plan(asked)                         # a Plan, or a NoPlan that says what is missing
judge(plan).violations                          # each with a sentence and a repair
repaired(plan, violation.repair)
rows(plan, 76, least)                           # where each part stands in a row, for any face
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.facade import facade

if TYPE_CHECKING:
    from labs.aws.network.addresses.answers import Answer, to_json, verdict
    from labs.aws.network.addresses.arithmetic import (
        Exclusion,
        Overlap,
        Relation,
        Summary,
        exclude,
        free,
        overlap,
        split,
        summarise,
    )
    from labs.aws.network.addresses.block import Block, beginning
    from labs.aws.network.addresses.description import Description, describe
    from labs.aws.network.addresses.documents import plan_from_document, requirements_from_document
    from labs.aws.network.addresses.judging import Judgement, judge
    from labs.aws.network.addresses.layout import Cell, Part, Row, parts, rows, scaled, strip, widths
    from labs.aws.network.addresses.planner import Need, NoPlan, make_plan
    from labs.aws.network.addresses.plans import Peer, Plan, Requirements, Subnet, Survey, Tier
    from labs.aws.network.addresses.questions import answer_question
    from labs.aws.network.addresses.ranges import (
        RANGES,
        Range,
        Remark,
        range_of,
        secondary_remarks,
        subnet_remarks,
        vpc_remarks,
    )
    from labs.aws.network.addresses.reading import Diagnosis, diagnose
    from labs.aws.network.addresses.repairs import Add, Move, Rebase, Repair, repaired
    from labs.aws.network.addresses.sizes import QUOTAS, Quota, Reserved, prefix_for, reserved, usable
    from labs.aws.network.addresses.terraform import cidrhost, cidrnetmask, cidrsubnet, cidrsubnets
    from labs.aws.network.addresses.violations import Property, Violation
    from labs.errors import AddressError

__all__ = [
    "QUOTAS",
    "RANGES",
    "Add",
    "AddressError",
    "Answer",
    "Block",
    "Cell",
    "Description",
    "Diagnosis",
    "Exclusion",
    "Judgement",
    "Move",
    "Need",
    "NoPlan",
    "Overlap",
    "Part",
    "Peer",
    "Plan",
    "Property",
    "Quota",
    "Range",
    "Rebase",
    "Relation",
    "Remark",
    "Repair",
    "Requirements",
    "Reserved",
    "Row",
    "Subnet",
    "Summary",
    "Survey",
    "Tier",
    "Violation",
    "answer_question",
    "beginning",
    "cidrhost",
    "cidrnetmask",
    "cidrsubnet",
    "cidrsubnets",
    "describe",
    "diagnose",
    "exclude",
    "free",
    "judge",
    "make_plan",
    "overlap",
    "parts",
    "plan_from_document",
    "prefix_for",
    "range_of",
    "repaired",
    "requirements_from_document",
    "reserved",
    "rows",
    "scaled",
    "secondary_remarks",
    "split",
    "strip",
    "subnet_remarks",
    "summarise",
    "to_json",
    "usable",
    "verdict",
    "vpc_remarks",
    "widths",
]

__getattr__, __dir__ = facade(
    __name__,
    {
        "answers": "Answer to_json verdict",
        "arithmetic": "Exclusion Overlap Relation Summary exclude free overlap split summarise",
        "block": "Block beginning",
        "description": "Description describe",
        "documents": "plan_from_document requirements_from_document",
        "judging": "Judgement judge",
        "labs.errors": "AddressError",
        "layout": "Cell Part Row parts rows scaled strip widths",
        "planner": "Need NoPlan make_plan",
        "plans": "Peer Plan Requirements Subnet Survey Tier",
        "questions": "answer_question",
        "ranges": "RANGES Range Remark range_of secondary_remarks subnet_remarks vpc_remarks",
        "reading": "Diagnosis diagnose",
        "repairs": "Add Move Rebase Repair repaired",
        "sizes": "QUOTAS Quota Reserved prefix_for reserved usable",
        "terraform": "cidrhost cidrnetmask cidrsubnet cidrsubnets",
        "violations": "Property Violation",
    },
)
