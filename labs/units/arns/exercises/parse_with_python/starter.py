PARTS = ("partition", "service", "region", "account", "resource")


def parse(text):
    """The parts of an ARN by name; None if the text is no ARN."""
    start, *parts = text.split(":")  # is that all?
    return dict(zip(PARTS, parts, strict=False))


def role_name(text):
    """The name of the role that an ARN is of, or whose session it is; else None."""
