PARTS = ("partition", "service", "region", "account", "resource")


def parse(text):
    """The parts of an ARN by name; None if the text is no ARN."""
    start, *parts = text.split(":")
    parts = [*parts[:4], *parts[4:][-1:]]
    if start != "arn" or len(parts) != 5:
        return None
    return dict(zip(PARTS, parts, strict=True))


def role_name(text):
    """The name of the role that an ARN is of, or whose session it is; else None."""
    arn = parse(text)
    if arn is None:
        return None
    kind, *rest = arn["resource"].split("/")
    if arn["service"] == "iam" and kind == "role":
        return rest[-1]
    if arn["service"] == "sts" and kind == "assumed-role":
        return rest[0]
    return None
