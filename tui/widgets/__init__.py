"""The parts of the app's screens."""
