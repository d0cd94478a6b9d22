"""Line mode: text out, lines in, for screen readers and pipes."""
