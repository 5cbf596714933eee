"""Every library that could report to its makers is asked, in a fresh process, whether it would."""

import json
import os
import subprocess
from functools import cache

import pytest

from app.quiet import QUIET

ASK = """
import json, os, sys
from app.quiet import hush
if sys.argv[1] == "hushed":
    hush(os.environ)

def streamlit():
    from streamlit import config
    from streamlit.web import bootstrap
    from ui.chat.server import options
    if sys.argv[1] == "hushed":
        bootstrap.load_config_options(options("127.0.0.1", 0))
    return config.get_option("browser.gatherUsageStats")

def langsmith():
    from langsmith.utils import tracing_is_enabled
    return bool(tracing_is_enabled())

def hub():
    from huggingface_hub import constants
    return not constants.HF_HUB_DISABLE_TELEMETRY

def ray():
    from ray._common.usage.usage_lib import _usage_stats_enabledness, UsageStatsEnabledness
    return _usage_stats_enabledness() is not UsageStatsEnabledness.DISABLED_EXPLICITLY

def opentelemetry():
    return os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"

told = {ask.__name__: ask() for ask in (streamlit, langsmith, hub, ray, opentelemetry)}
print(json.dumps(told))
"""
REPORTERS = ("streamlit", "langsmith", "hub", "ray", "opentelemetry")


@cache
def told(python: str, how: str) -> dict[str, bool]:
    environ = {name: value for name, value in os.environ.items() if name not in QUIET}
    if how == "loud":
        environ["LANGSMITH_TRACING"] = "true"
    done = subprocess.run(
        [python, "-c", ASK, how], env=environ, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, bool] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("reporter", REPORTERS)
def test_no_library_reports(python: str, reporter: str) -> None:
    assert told(python, "hushed")[reporter] is False


@pytest.mark.parametrize("reporter", REPORTERS)
def test_the_question_can_be_answered_otherwise(python: str, reporter: str) -> None:
    assert told(python, "loud")[reporter] is True


def test_what_the_user_chose_stands() -> None:
    from app.quiet import hush

    chosen = {"DO_NOT_TRACK": "0"}
    hush(chosen)
    assert chosen["DO_NOT_TRACK"] == "0" and set(QUIET) <= set(chosen)
