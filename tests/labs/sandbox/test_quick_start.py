"""Loading quickly: the same is loaded, and nothing stays changed."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest
from botocore import session
from botocore.exceptions import UnknownServiceError
from botocore.loaders import JSONFileLoader, Loader

from labs.sandbox import moto_setup
from labs.sandbox.quick_start import loading, one_session
from labs.sandbox.services import known_regions

PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


def what_is_changed() -> tuple[Any, ...]:
    return (
        session.create_loader,
        Loader.list_available_services,
        Loader.load_service_model,
        session.Session.get_available_regions,
        JSONFileLoader._load_file,
        gc.isenabled(),
    )


def test_what_is_changed_while_loading_is_put_back() -> None:
    before = what_is_changed()
    with loading():
        assert not gc.isenabled()
        assert not set(what_is_changed()) & set(before)

    assert what_is_changed() == before


def test_it_is_put_back_when_loading_fails() -> None:
    before = what_is_changed()
    with pytest.raises(ValueError, match="broken"), loading():
        raise ValueError("broken")

    assert what_is_changed() == before


def test_who_had_no_garbage_collected_has_none_afterwards() -> None:
    gc.disable()
    try:
        with loading():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_sessions_find_the_same_services_and_load_their_models_once() -> None:
    usual = boto3.Session()
    with loading():
        first, second = session.Session(), session.Session()
        services = [each.get_available_services() for each in (first, second)]
        resources = boto3.Session().get_available_resources()

    assert services == [usual.get_available_services()] * 2
    assert resources == usual.get_available_resources()
    assert first.get_component("data_loader") is second.get_component("data_loader")


def test_a_model_is_loaded_without_a_look_at_other_services(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Loader().load_service_model("sqs", "service-2")
    with loading():
        loader = session.create_loader()
        with pytest.raises(UnknownServiceError, match="no-such-service") as refused:
            loader.load_service_model("no-such-service", "service-2")
        assert "sqs" in str(refused.value)
        monkeypatch.setattr(Loader, "list_available_services", lambda *_: pytest.fail("all were looked for"))
        for model in (
            loader.load_service_model("sqs", "service-2"),
            loader.load_service_model("sqs", type_name="service-2", api_version="2012-11-05"),
            session.create_loader(None).load_service_model("sqs", "service-2"),
        ):
            assert model == usual


@pytest.mark.parametrize("service", ["ec2", "s3", "endpoints", "no-such-service"])
def test_a_file_is_read_as_botocore_reads_it_into_plain_dictionaries(service: str) -> None:
    data = Path(botocore.__file__).parent / "data"
    found = next(data.glob(f"{service}/*/service-2.json.gz"), data / f"{service}.json")
    name = str(found).partition(".json")[0]
    usual = JSONFileLoader().load_file(name)
    with loading():
        read = JSONFileLoader().load_file(name)

    assert (read is None) == (service == "no-such-service")
    assert json.dumps(read) == json.dumps(usual)
    assert type(read) in (dict, type(None))


def test_services_of_moto_share_a_session_while_it_is_imported() -> None:
    usual = boto3.Session
    with one_session():
        assert boto3.Session() is boto3.Session()
        assert boto3.Session(region_name="eu-west-1") is not boto3.Session()

    assert boto3.Session is usual
    assert boto3.Session() is not boto3.Session()


def test_sessions_find_the_same_regions_of_a_service_without_its_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def found(services: Iterable[str]) -> list[list[str]]:
        asked = session.Session()
        return [asked.get_available_regions(name, each) for name in services for each in PARTITIONS]

    known = found(moto_setup.SERVICES)
    with loading():
        assert found(["no-such-service"]) == [[], [], []]
        monkeypatch.setattr(Loader, "load_service_model", lambda *_: pytest.fail("a model was read"))
        assert found(moto_setup.SERVICES) == known


def test_the_world_knows_the_regions_that_a_session_knows() -> None:
    usual = session.Session()
    found = {
        region
        for name in usual.get_available_partitions()
        for region in usual.get_available_regions("ec2", name)
    }

    assert known_regions() == found | {"aws-global"}
