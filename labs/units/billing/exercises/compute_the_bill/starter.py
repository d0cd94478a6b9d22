"""What a machine costs in a month. Money is Decimal and leaves the functions as text."""

from decimal import Decimal

HOUR = 3600


def gateway_cost(seconds, hourly):
    """A NAT gateway bills each hour that was begun. This one is complete."""
    hours = -(-seconds // HOUR)  # rounded up
    return str(hours * Decimal(hourly))


def runs_cost(runs, hourly):
    """The runs of one instance, in seconds each. Fill in what stands as None."""
    billed = 0
    for seconds in runs:
        billed += 0  # how many seconds of this run are billed?
    price = None  # of these seconds, at so many dollars an hour
    return price if price is None else str(price)


def month_cost(log, machine, month_seconds):
    """The whole month, line by line. This one is yours."""
    return None
