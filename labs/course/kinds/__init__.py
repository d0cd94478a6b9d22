"""The kinds of exercise: what a learner hands in, and how it becomes criteria."""
