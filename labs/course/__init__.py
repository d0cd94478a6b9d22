"""What a unit, a lesson, an exercise, a variant, a workspace and progress are."""
