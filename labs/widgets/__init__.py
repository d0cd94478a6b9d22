"""ipywidgets instruments over the engines in `labs.aws`, and drawings. A leaf: only notebooks import it."""

from labs.widgets.arns import ArnDissector, dissection_html
from labs.widgets.bill import BillExplorer, Design, bill_html, cost_by_hours, usage_of
from labs.widgets.cidr import CidrPlanner
from labs.widgets.credentials import CredentialChain, MetadataStepper, chain_html
from labs.widgets.decision import PolicyEvaluator, decision_html
from labs.widgets.drawing import Drawing, bars, blocks, curve

__all__ = [
    "ArnDissector",
    "BillExplorer",
    "CidrPlanner",
    "CredentialChain",
    "Design",
    "Drawing",
    "MetadataStepper",
    "PolicyEvaluator",
    "bars",
    "bill_html",
    "blocks",
    "chain_html",
    "cost_by_hours",
    "curve",
    "decision_html",
    "dissection_html",
    "usage_of",
]
