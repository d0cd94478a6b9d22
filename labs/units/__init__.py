"""The course itself: one folder a unit, content only."""
