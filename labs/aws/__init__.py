"""The rules of AWS as pure functions over values: no I/O, no moto, no boto3."""
