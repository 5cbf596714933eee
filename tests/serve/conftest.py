"""The service over the house of cards of the faces' tests."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ui.serve.service import build

FAKE = Path(__file__).resolve().parents[1] / "faces" / "fake_vouch.py"


@pytest.fixture(scope="session")
def cards() -> ModuleType:
    """The module of the house of cards."""
    if "fake_vouch" not in sys.modules:
        spec = importlib.util.spec_from_file_location("fake_vouch", FAKE)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules["fake_vouch"] = module
        spec.loader.exec_module(module)
    return sys.modules["fake_vouch"]


@pytest.fixture
def service(cards: ModuleType) -> Callable[..., FastAPI]:
    """Build a service over a new house of cards in some mood."""

    def make(mood: str = "", **choices: Any) -> FastAPI:
        made = build(cards.FakeHouse(mood), **{"clock": lambda: 1000.0, **choices})
        assert isinstance(made, FastAPI)
        return made

    return make


@pytest.fixture
def client(service: Callable[..., FastAPI]) -> Callable[..., httpx.Client]:
    """A client of a service, without a socket."""
    from starlette.testclient import TestClient

    def make(mood: str = "", **choices: Any) -> httpx.Client:
        return TestClient(service(mood, **choices), base_url="http://127.0.0.1")

    return make
