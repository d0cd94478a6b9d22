"""What a machine costs in a month. Money is Decimal and leaves the functions as text."""

from decimal import Decimal

HOUR = 3600


def gateway_cost(seconds, hourly):
    """A NAT gateway bills each hour that was begun."""
    hours = -(-seconds // HOUR)  # rounded up
    return str(hours * Decimal(hourly))


def runs_cost(runs, hourly):
    """The runs of one instance, in seconds each."""
    billed = sum(-(-seconds // HOUR) * HOUR for seconds in runs)
    return str(billed * Decimal(hourly) / HOUR)


def month_cost(log, machine, month_seconds):
    """The whole month, line by line."""
    runs = []
    started = None
    for at, state in log:
        if state == "running":
            started = at
        else:
            runs.append(at - started)
    instance = Decimal(runs_cost(runs, machine["hourly"]))
    # Both were there all month, whatever the instance did.
    volume = machine["gib"] * Decimal(machine["gb_month"])
    address = month_seconds * Decimal(machine["address_hour"]) / HOUR
    return {
        "instance": str(instance),
        "volume": str(volume),
        "address": str(address),
        "total": str(instance + volume + address),
    }
