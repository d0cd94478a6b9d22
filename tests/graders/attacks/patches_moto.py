from moto.s3.models import s3_backends

s3_backends["123456789012"]["aws"].buckets["there"] = object()


def double(n):
    return 2 * n
