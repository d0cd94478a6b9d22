"""The terminal face: the app and the `skylab` command line."""
