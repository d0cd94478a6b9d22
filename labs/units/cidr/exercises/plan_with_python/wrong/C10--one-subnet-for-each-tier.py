from ipaddress import ip_address, ip_network


def plan(vpc, zones, tiers):
    whole = ip_network(vpc)
    place = int(whole.network_address)
    subnets = []
    for tier, hosts in sorted(tiers.items(), key=lambda item: -item[1]):
        prefix = min(28, 32 - (hosts + 4).bit_length())
        if place + 2 ** (32 - prefix) - 1 > int(whole.broadcast_address):
            return None
        subnets.append({"tier": tier, "zone": zones[0], "cidr": f"{ip_address(place)}/{prefix}"})
        place += 2 ** (32 - prefix)
    return subnets
