"""The page that lies beside an export and says what it is and how it is loaded."""

from collections.abc import Mapping
from typing import Any

from app.feedback.selection import Format

_WHAT: Mapping[Format, str] = {
    "trl": "Preferences in TRL's conversational format: `prompt`, `chosen` and `rejected`, each a "
    "list of messages. They train with `DPOTrainer` and `RewardTrainer`.",
    "kto": "Single answers in TRL's unpaired format: `prompt`, `completion` and `label` (true for "
    "a thumb up). They train with `KTOTrainer`.",
    "webgpt": "Comparisons with the fields of `openai/webgpt_comparisons`: `question`, "
    "`quotes_0`, `answer_0`, `score_0` and their counterparts. `tokens_0` and `tokens_1` are left "
    "out.",
    "trajectories": "Steps of good runs in TRL's prompt-completion format: `prompt` is what the "
    "policy read, `completion` the one line it wrote. They train with `SFTTrainer`.",
}


def readme(format: Format, report: Mapping[str, Any], licence: str) -> str:
    """Return the page; its head tells `datasets` which file is which split."""
    parts = [part for part in ("train", "test") if report["split"][part]]
    files = "\n".join(f"  - split: {part}\n    path: {part}.jsonl" for part in parts)
    apart = report["split"]["never_on_both_sides"]
    scrubbed = ", ".join(f"{kind} {count}" for kind, count in report["scrubbed"].items())
    return f"""---
configs:
- config_name: default
  data_files:
{files}
---

# Feedback of a Vouch house

{_WHAT[format]}

```python
from datasets import load_dataset

data = load_dataset("json", data_files={_listed(parts)})
```

- Rows: {report["exported"]}, from {report["derived"]} that there were, over {report["prompts"]}
  prompts and {report["people"]} people.
- Never on both sides of the split: {apart}. The rows of a prompt stand side by side.
- People are keyed hashes. Taken out of the texts: {scrubbed or "nothing was found"}. Names of
  people and postal addresses have no form to be known by and were not looked for.
- `provenance.jsonl` says of every line where it comes from; `manifest.json` has the whole report
  and the SHA-256 of each file.

{licence}
"""


def _listed(parts: list[str]) -> str:
    return "{" + ", ".join(f'"{part}": "{part}.jsonl"' for part in parts) + "}"
