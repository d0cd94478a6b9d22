"""The sandbox: a world that behaves like AWS, behind one HTTP endpoint."""
