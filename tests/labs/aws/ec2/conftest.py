"""What the tests of EC2 share: the instance types that moto describes, read as data."""

from __future__ import annotations

import gzip
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def described_types() -> dict[str, dict[str, Any]]:
    """What `DescribeInstanceTypes` says, by name: moto's copy of AWS's answer."""
    spec = find_spec("moto")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])
    table: dict[str, dict[str, Any]] = json.loads(
        gzip.decompress((folder / "ec2" / "resources" / "instance_types.json.gz").read_bytes())
    )
    return table
