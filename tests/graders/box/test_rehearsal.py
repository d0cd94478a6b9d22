"""The warm parent's rehearsal: every call of it goes through, and what it was for is ready afterwards."""

from __future__ import annotations

import threading

from graders.box import Boxes
from graders.box.ready import ReadyClients
from graders.box.rehearsal import OPERATIONS, rehearse
from graders.box.services import SERVICES
from labs.sandbox.quick_start import FEW

READS = """
import boto3
from botocore.loaders import JSONFileLoader

read, load = [], JSONFileLoader.load_file
JSONFileLoader.load_file = lambda self, path: read.append(path) or load(self, path)
for service in ("iam", "s3", "ec2"):
    boto3.client(service, "us-east-1")
print(len(read))
"""


def test_every_call_is_made_and_answered() -> None:
    made: list[str] = []
    clients = ReadyClients()
    for service in SERVICES:
        clients.make(service).meta.events.register("after-call", lambda model, **_: made.append(model.name))
    threads = threading.active_count()
    rehearse(clients)
    assert made == [name for operations in OPERATIONS.values() for name in operations]
    assert threading.active_count() == threads, "a process with a second thread could not fork safely"


def test_it_is_for_the_services_of_the_course() -> None:
    assert tuple(OPERATIONS) == SERVICES


def test_once_a_few_boxes_were_opened_a_program_reads_no_model_of_a_service() -> None:
    read = []
    with Boxes() as boxes:
        for _ in range(FEW + 2):
            with boxes.open({}) as box:
                read.append(int(box.load(READS, "program.py").output))
                box.finish()

    assert all(read[:FEW]), "the first boxes load their own"
    assert not any(read[FEW:])
