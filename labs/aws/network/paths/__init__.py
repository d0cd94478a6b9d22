"""Paths through a network: does a packet arrive, does the answer come back, and what would have to change.

network = network_from_json(documents)           # the output of `aws ec2 describe-*`
path = trace(network, Question("internet", "i-0a1", ports=Ports.of(443)))
path.verdict, path.ports, path.forward, path.reply, path.blockers
network = apply(path.blockers[0].repair, network)
flow_log(path, network, start=1_700_000_000)     # what VPC Flow Logs would record
"""

from labs.aws.network.paths.answers import path_to_json
from labs.aws.network.paths.applying import apply
from labs.aws.network.paths.flow_logs import flow_log
from labs.aws.network.paths.hops import (
    Blocker,
    Call,
    Code,
    Direction,
    End,
    EndKind,
    Hop,
    HopKind,
    Path,
    Repair,
    Verdict,
)
from labs.aws.network.paths.network import Network
from labs.aws.network.paths.ports import Ports
from labs.aws.network.paths.reading import network_from_files, network_from_json
from labs.aws.network.paths.tracing import trace
from labs.aws.network.paths.traffic import Client, Question, protocol_name, question_from_json

__all__ = [
    "Blocker",
    "Call",
    "Client",
    "Code",
    "Direction",
    "End",
    "EndKind",
    "Hop",
    "HopKind",
    "Network",
    "Path",
    "Ports",
    "Question",
    "Repair",
    "Verdict",
    "apply",
    "flow_log",
    "network_from_files",
    "network_from_json",
    "path_to_json",
    "protocol_name",
    "question_from_json",
    "trace",
]
