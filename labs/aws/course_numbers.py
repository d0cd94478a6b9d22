"""What the course text's own tables and code come to, for those who check the lecture.

Every number that goes in is the course text's (EE 547, Unit 3); what comes out is arithmetic. The course's
grammar of type names is `labs.aws.ec2.instance_types.course_grammar_parses`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from labs.aws.ec2.burstable import credit_rule
from labs.aws.identifiers import resource_id_fault
from labs.aws.resilience import (
    FIBRE_INDEX,
    Place,
    Span,
    Step,
    downtime_minutes,
    great_circle_km,
    light_rtt_ms,
    total_latency,
    years_per_loss,
)
from labs.errors import InputError

__all__ = [
    "CREDITS_PER_HOUR",
    "EXAMPLE_INSTANCE_ID",
    "LATENCIES_MS",
    "LOCAL_BATCH",
    "S3_AVAILABILITY",
    "S3_BATCH",
    "S3_DURABILITY",
    "TOKYO",
    "VIRGINIA",
    "LightBounds",
    "backoff_sleeps_s",
    "credits_per_hour",
    "example_id_fault",
    "local_batch_ms",
    "network_slowdown",
    "s3_batch_ms",
    "s3_batch_slowdown",
    "s3_downtime_minutes",
    "s3_years_per_loss",
    "training_checkpoints",
    "virginia_to_tokyo",
]

# "Every arrow in your architecture diagram is network latency", in milliseconds.
LOCAL_BATCH: Final = (
    Step("Read 1 MB from SSD", Span.of(1)),
    Step("Load pandas DataFrame", Span.of(10)),
    Step("PyTorch forward pass", Span.of(5)),
    Step("Write checkpoint to disk", Span.of(2)),
)
S3_BATCH: Final = (
    Step("Fetch 1 MB from S3", Span.of(20, 50)),
    Step("Load pandas DataFrame", Span.of(10)),
    Step("PyTorch forward pass", Span.of(5)),
    Step("Write checkpoint to S3", Span.of(30, 100)),
)

# "Local operations are fast. Network operations are not.", in milliseconds.
LATENCIES_MS: Final = {
    "Memory access": Span.of("0.0001"),
    "SSD read": Span.of("0.1"),
    "Same-AZ network": Span.of(1, 5),
    "Cross-AZ network": Span.of(5, 20),
    "Cross-region": Span.of(50, 200),
}

# The table of the T3 family's "CPU credit model"; 6 and 12 are what t2.micro and t2.small earn.
CREDITS_PER_HOUR: Final = {"t3.micro": 6, "t3.small": 12, "t3.medium": 24, "t3.large": 36}

EXAMPLE_INSTANCE_ID: Final = "i-0abcd1234efgh5678"
S3_DURABILITY: Final = Decimal("0.99999999999")
S3_AVAILABILITY: Final = Decimal("0.9999")

# AWS does not say where its facilities stand: these are Ashburn and the middle of Tokyo.
VIRGINIA: Final = Place("N. Virginia", 39.04, -77.49)
TOKYO: Final = Place("Tokyo", 35.68, 139.69)


def local_batch_ms() -> Span:
    """A local batch, by the course's four steps, in milliseconds (the course adds them to about 20)."""
    return total_latency(LOCAL_BATCH)


def s3_batch_ms() -> Span:
    """A batch with S3 in the loop, by the course's four steps, in milliseconds."""
    return total_latency(S3_BATCH)


def s3_batch_slowdown() -> Span:
    """How many times longer a batch takes with S3 than without (the course says 3 to 5)."""
    return s3_batch_ms() / local_batch_ms()


def network_slowdown() -> Span:
    """How many times longer the course's network operations take than its memory access.

    The course says 10,000 to 1,000,000.
    """
    memory = LATENCIES_MS["Memory access"]
    ratios = [span / memory for name, span in LATENCIES_MS.items() if name.endswith(("network", "region"))]
    return Span(min(each.low for each in ratios), max(each.high for each in ratios))


def backoff_sleeps_s(max_retries: int = 3) -> tuple[int, ...]:
    """The sleeps of `download_with_retry`, in seconds, when every try fails.

    The loop sleeps 2^attempt after each failure but the last, where it raises.
    """
    return tuple(2**attempt for attempt in range(max_retries - 1))


def training_checkpoints(epochs: int = 100, every: int = 10, start: int = 0) -> tuple[int, ...]:
    """The epochs whose checkpoint `train` saves: each multiple of `every`, 0 among them, and the end.

    Raises:
        InputError: `every` is below 1.
    """
    if every < 1:
        raise InputError(
            "A checkpoint follows at least one epoch", f"Every {every} epochs.", "Write 1 or more."
        )
    return (*(epoch for epoch in range(start, epochs) if epoch % every == 0), epochs)


@dataclass(frozen=True, slots=True)
class LightBounds:
    """A distance in kilometres, and the least round trip over it in milliseconds, in vacuum and in fibre."""

    km: float
    vacuum_ms: float
    fibre_ms: float


def virginia_to_tokyo() -> LightBounds:
    """The bounds that light sets between N. Virginia and Tokyo (the course says 90 ms at least)."""
    km = great_circle_km(VIRGINIA, TOKYO)
    return LightBounds(km, light_rtt_ms(km), light_rtt_ms(km, FIBRE_INDEX))


def s3_years_per_loss(objects: int = 10_000_000) -> Decimal:
    """How many years S3 takes to lose one of so many objects, at its eleven nines."""
    return years_per_loss(objects, S3_DURABILITY)


def s3_downtime_minutes() -> Decimal:
    """The minutes of a year that 99.99 % leaves (the course says about 53)."""
    return downtime_minutes(S3_AVAILABILITY)


def credits_per_hour() -> dict[str, tuple[int, Decimal]]:
    """By T3 type: the credits an hour that the course gives, and what the type earns."""
    return {name: (said, credit_rule(name).earned_per_hour) for name, said in CREDITS_PER_HOUR.items()}


def example_id_fault() -> str | None:
    """What is wrong with the course's example of an instance id, in one sentence."""
    return resource_id_fault(EXAMPLE_INSTANCE_ID)
