"""What one answered request counts, service by service.

Sources: Amazon S3 User Guide, "Understanding your AWS billing and usage reports for Amazon S3" and "Billing
for Amazon S3 error responses"; Amazon SQS pricing and Amazon SNS pricing (a request for every 64 KB of
payload); Amazon EC2 On-Demand Pricing, "Data Transfer" (out to the internet).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from labs.sandbox.live import live, live_bucket

__all__ = ["TALLIES", "Served", "Tally", "sent_out"]

_PART: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Served:
    """A request that was answered; `answer` is the body of the answer.

    `outside` is whether it came from outside AWS. `failed` is whether the answer is an error.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    account: str
    region: str
    answer: bytes
    failed: bool
    outside: bool


class Tally(NamedTuple):
    """So many units more by a meter, for whom and where."""

    meter: str
    account: str
    region: str
    operation: str
    resource: str
    amount: int
    detail: str = ""


def sent_out(served: Served, account: str, region: str, resource: str) -> Iterator[Tally]:
    """The bytes of an answer that leaves AWS."""
    if served.outside and served.answer:
        yield Tally("transfer", account, region, served.operation, resource, len(served.answer))


def _s3(served: Served) -> Iterator[Tally]:
    """Each request is its bucket's owner's to pay, also one for what is not there."""
    name = str(served.params.get("Bucket") or "")
    bucket = live_bucket(name) if name else None
    account = bucket.account_id if bucket is not None else served.account
    region = bucket.region_name if bucket is not None else served.region
    yield Tally("s3.request", account, region, served.operation, name, 1)
    yield from sent_out(served, account, region, name)


def _sqs(served: Served) -> Iterator[Tally]:
    if served.failed:
        return
    owner, _, name = str(served.params.get("QueueUrl") or served.params.get("QueueName") or "").rpartition(
        "/"
    )
    home = owner.rpartition("/")[2]
    account = home if len(home) == 12 and home.isdecimal() else served.account
    detail = "fifo" if name.endswith(".fifo") else ""
    parts = max(1, -(-_payload(served) // _PART))
    yield Tally("sqs.request", account, served.region, served.operation, name, parts, detail)
    yield from sent_out(served, account, served.region, name)


def _payload(served: Served) -> int:
    """The bytes of the messages in a request or in its answer."""
    match served.operation:
        case "SendMessage":
            return _size(served.params.get("MessageBody"), served.params.get("MessageAttributes"))
        case "SendMessageBatch":
            entries = served.params.get("Entries") or ()
            return sum(_size(each.get("MessageBody"), each.get("MessageAttributes")) for each in entries)
        case "ReceiveMessage" if served.answer.startswith(b"{"):
            messages = json.loads(served.answer).get("Messages") or ()
            return sum(_size(each.get("Body"), each.get("MessageAttributes")) for each in messages)
        case "ReceiveMessage":
            return len(served.answer)
    return 0


def _size(body: Any, attributes: Any) -> int:
    """The bytes of a message, its attributes with their names and types."""
    size = len(str(body or "").encode())
    for name, value in (attributes or {}).items():
        size += len(str(name).encode())
        for part in ("DataType", "StringValue", "BinaryValue"):
            held = value.get(part) if isinstance(value, Mapping) else None
            size += len(held) if isinstance(held, bytes) else len(str(held or "").encode())
    return size


def _sns(served: Served) -> Iterator[Tally]:
    if served.failed or served.operation not in ("Publish", "PublishBatch"):
        return
    params = served.params
    arn = str(params.get("TopicArn") or params.get("TargetArn") or "")
    account = arn.split(":")[4] if arn.count(":") == 5 else served.account
    entries = params.get("PublishBatchRequestEntries") or (params,)
    name = arn.rpartition(":")[2]
    parts = sum(max(1, -(-_size(e.get("Message"), e.get("MessageAttributes")) // _PART)) for e in entries)
    yield Tally("sns.publish", account, served.region, served.operation, name, parts)
    sns = live("sns", account, served.region)
    for subscription in list(sns.subscriptions.values()) if sns is not None else ():
        protocol = _DELIVERIES.get(subscription.protocol)
        if protocol and subscription.topic.arn == arn:
            yield Tally("sns.delivery", account, served.region, "Deliver", name, len(entries), protocol)


_DELIVERIES: Final = {"http": "http", "https": "http", "email": "email", "email-json": "email"}
"""What deliveries cost: to queues and functions they are free. Each subscription counts as confirmed."""

TALLIES: Final[Mapping[str, Callable[[Served], Iterator[Tally]]]] = {"s3": _s3, "sqs": _sqs, "sns": _sns}
"""By botocore's name of the service. DynamoDB's requests cost by the items, which `tables` looks at."""
