"""Whatever is sent to the service, the answer is one that its OpenAPI page describes."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ui.serve.gate import Rate
from ui.serve.service import build

HERE = Path(__file__).resolve().parent


def _service() -> Any:
    spec = importlib.util.spec_from_file_location("cards", HERE.parent / "faces" / "fake_vouch.py")
    assert spec and spec.loader
    cards = importlib.util.module_from_spec(spec)
    sys.modules["cards"] = cards
    spec.loader.exec_module(cards)
    return build(cards.FakeHouse(), rate=Rate(10**9), hosts=("testserver",))


schema = schemathesis.openapi.from_asgi("/openapi.json", _service())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_sent_is_answered_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=CHECKS)
