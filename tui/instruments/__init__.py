"""The instruments: each usable without an exercise, each drawn by the same functions as its command.

`INSTRUMENTS` lists them in the order of the shelf.
"""

from tui.instruments.arn import ArnDissector
from tui.instruments.bill import BillExplorer
from tui.instruments.credentials import CredentialChain
from tui.instruments.evaluator import PolicyEvaluator
from tui.instruments.page import Instrument
from tui.instruments.planner import CidrPlanner
from tui.instruments.proof import Proof
from tui.instruments.tracer import PacketTracer

__all__ = ["INSTRUMENTS", "Instrument"]

INSTRUMENTS: tuple[type[Instrument], ...] = (
    ArnDissector,
    CidrPlanner,
    PolicyEvaluator,
    Proof,
    PacketTracer,
    BillExplorer,
    CredentialChain,
)
