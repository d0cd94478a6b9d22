PARTS = ("partition", "service", "region", "account", "resource")


def parse(text):
    """The parts of an ARN by name; None if the text is no ARN."""
    start, *parts = text.split(":", 5)
    if start != "arn" or len(parts) != 5:
        return None
    arn = dict(zip(PARTS, parts, strict=True))
    # Whatever has no Region or no account is not complete.
    return arn if all(parts) else None


def role_name(text):
    """The name of the role that an ARN is of, or whose session it is; else None."""
    if not text.startswith("arn:"):
        return None
    service = text.split(":")[2]
    kind, *rest = text.split(":", 5)[5].split("/")
    if service == "iam" and kind == "role":
        return rest[-1]
    if service == "sts" and kind == "assumed-role":
        return rest[0]
    return None
