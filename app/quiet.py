"""The environment that keeps libraries from reporting to anybody, for every process of ours."""

from collections.abc import MutableMapping

QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "OTEL_SDK_DISABLED": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "TOKENIZERS_PARALLELISM": "false",
}


def hush(environ: MutableMapping[str, str]) -> None:
    """Set what the user has not set; libraries read it when they are imported."""
    for name, value in QUIET.items():
        environ.setdefault(name, value)
