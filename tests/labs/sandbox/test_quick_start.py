"""Loading quickly: the same is loaded, and nothing stays changed."""

from __future__ import annotations

import gc

import pytest
from botocore import session
from botocore.loaders import Loader

from labs.sandbox.quick_start import loading


def test_what_is_changed_while_loading_is_put_back() -> None:
    before = session.create_loader, Loader.list_available_services, gc.isenabled()
    with loading():
        assert not gc.isenabled()

    assert (session.create_loader, Loader.list_available_services, gc.isenabled()) == before


def test_it_is_put_back_when_loading_fails() -> None:
    before = session.create_loader, Loader.list_available_services, gc.isenabled()
    with pytest.raises(ValueError, match="broken"), loading():
        raise ValueError("broken")

    assert (session.create_loader, Loader.list_available_services, gc.isenabled()) == before


def test_who_had_no_garbage_collected_has_none_afterwards() -> None:
    gc.disable()
    try:
        with loading():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_sessions_find_the_same_regions_and_models() -> None:
    usual = session.Session()
    with loading():
        first, second = session.Session(), session.Session()
        found = [each.get_available_regions("ec2") for each in (first, second)]
        services = [each.get_available_services() for each in (first, second)]

    assert found == [usual.get_available_regions("ec2")] * 2
    assert services == [usual.get_available_services()] * 2
    assert first.get_component("data_loader") is second.get_component("data_loader")
