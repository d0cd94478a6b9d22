from ipaddress import ip_address, ip_network

KEPT = 5  # AWS keeps the first four addresses of a subnet and the last


def prefix_for(hosts):
    """The prefix length of the smallest subnet for so many hosts."""
    return min(28, 32 - (hosts + KEPT - 1).bit_length())


def plan(vpc, zones, tiers):
    """A subnet for each tier in each zone, or None if they do not fit."""
    whole = ip_network(vpc)
    place = int(whole.network_address)
    subnets = []
    # As they come, each right behind the one before.
    for tier, hosts in tiers.items():
        prefix = prefix_for(hosts)
        for zone in zones:
            if place + 2 ** (32 - prefix) - 1 > int(whole.broadcast_address):
                return None
            subnets.append({"tier": tier, "zone": zone, "cidr": f"{ip_address(place)}/{prefix}"})
            place += 2 ** (32 - prefix)
    return subnets
