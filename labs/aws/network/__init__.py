"""Amazon VPC: address blocks and subnet plans (`addresses`), and the paths of packets (`paths`)."""
