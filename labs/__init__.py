"""What Skylab teaches, and the engines behind it: no screen, no widget, no grader."""
