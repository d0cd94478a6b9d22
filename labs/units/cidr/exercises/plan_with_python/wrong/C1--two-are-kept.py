from ipaddress import ip_address, ip_network

KEPT = 2  # the network and the broadcast address


def prefix_for(hosts):
    """The prefix length of the smallest subnet for so many hosts."""
    return min(28, 32 - (hosts + KEPT - 1).bit_length())


def plan(vpc, zones, tiers):
    """A subnet for each tier in each zone, or None if they do not fit."""
    whole = ip_network(vpc)
    place = int(whole.network_address)
    subnets = []
    # The largest first: then each begins at a multiple of its size by itself.
    for tier, hosts in sorted(tiers.items(), key=lambda item: -item[1]):
        prefix = prefix_for(hosts)
        for zone in zones:
            if place + 2 ** (32 - prefix) - 1 > int(whole.broadcast_address):
                return None
            subnets.append({"tier": tier, "zone": zone, "cidr": f"{ip_address(place)}/{prefix}"})
            place += 2 ** (32 - prefix)
    return subnets
