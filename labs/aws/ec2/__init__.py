"""EC2's own rules: type names, the life of an instance, volumes, placement, CPU credits."""
