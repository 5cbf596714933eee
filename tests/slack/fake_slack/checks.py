"""What Slack refuses in a message or a view, by its published limits.

Sources: https://docs.slack.dev/reference/methods/chat.postMessage and chat.update (errors, lengths
of text), https://docs.slack.dev/reference/block-kit/blocks (limits of blocks),
https://docs.slack.dev/reference/views (modals), https://docs.slack.dev/messaging/message-metadata.
The limits of single elements are those that slack_sdk's own models validate. The limit of all
blocks together is in no page; it was measured in https://github.com/slackapi/bolt-js/issues/2509.
"""

import json
from collections.abc import Iterator
from typing import Any

from fake_slack.errors import SlackError
from fake_slack.world import JSON, texts
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, BlockElement, Option
from slack_sdk.models.blocks.basic_components import TextObject

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
SECTION, FIELD, MARKDOWN, ALL_BLOCKS = 3000, 2000, 12_000, 13_200
POSTED_TEXT, UPDATED_TEXT = 40_000, 4000
ELEMENTS = {"actions": 25, "context": 10}
METADATA = 16_000
_LATER = {"markdown", "context_actions", "table"}
IN_MESSAGES = {"section", "divider", "header", "context", "actions", "image", "rich_text", *_LATER}
IN_VIEWS = (IN_MESSAGES | {"input"}) - _LATER


def check_blocks(blocks: Any, view: bool = False) -> list[JSON]:
    """Return the blocks; `SlackError` invalid_blocks tells each fault with its place."""
    if isinstance(blocks, str):
        blocks = _read(blocks, "invalid_blocks_format")
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    faults = list(_faults(blocks, view))
    if faults:
        messages = [f"[ERROR] {fault}" for fault in faults]
        raise SlackError("invalid_blocks", errors=faults, response_metadata={"messages": messages})
    if not view and sum(map(len, texts(blocks))) > ALL_BLOCKS:
        raise SlackError("msg_blocks_too_long")
    return blocks


def check_metadata(metadata: Any) -> JSON | None:
    """Return the metadata, None if none is given."""
    if isinstance(metadata, str):
        metadata = _read(metadata, "invalid_metadata_format")
    if metadata in (None, {}):
        return None
    match metadata:
        case {"event_type": str(kind), "event_payload": dict(payload)} if kind:
            if len(json.dumps(payload)) > METADATA:
                raise SlackError("metadata_too_large")
            return {"event_type": kind, "event_payload": payload}
        case dict():
            raise SlackError("invalid_metadata_schema")
        case _:
            raise SlackError("invalid_metadata_format")


def check_view(view: Any) -> JSON:
    """Return a modal's view; `SlackError` invalid_arguments or invalid_blocks."""
    if isinstance(view, str):
        view = _read(view, "invalid_arguments")
    if not isinstance(view, dict) or view.get("type") != "modal":
        raise SlackError("invalid_arguments")
    limits = {"title": 24, "submit": 24, "close": 24}
    faults = [
        f"must be less than {limit + 1} characters [json-pointer:/view/{name}/text]"
        for name, limit in limits.items()
        if len((view.get(name) or {}).get("text", "")) > limit
    ]
    faults += [] if (view.get("title") or {}).get("text") else ["missing required field: title"]
    faults += ["private_metadata"] if len(view.get("private_metadata", "")) > 3000 else []
    faults += ["callback_id"] if len(view.get("callback_id", "")) > 255 else []
    asks = any(block.get("type") == "input" for block in view.get("blocks", []))
    faults += ["missing required field: submit"] if asks and not view.get("submit") else []
    if faults:
        raise SlackError("invalid_arguments", response_metadata={"messages": faults})
    check_blocks(view.get("blocks"), view=True)
    return view


def _read(text: str, code: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise SlackError(code) from None


def _faults(blocks: list[JSON], view: bool) -> Iterator[str]:
    most = VIEW_BLOCKS if view else MESSAGE_BLOCKS
    if len(blocks) > most:
        yield f"no more than {most} items allowed [json-pointer:/blocks]"
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        yield "block_id already exists [json-pointer:/blocks]"
    for number, block in enumerate(blocks):
        for fault in _block(block, view):
            yield f"{fault} [json-pointer:/blocks/{number}]"


def _block(block: JSON, view: bool) -> Iterator[str]:
    kind = block.get("type")
    if kind not in (IN_VIEWS if view else IN_MESSAGES):
        yield f"unsupported type: {kind}"
        return
    parsed = Block.parse(block) if kind not in _LATER else None
    if parsed is not None:
        yield from _validated(parsed)
    yield from _lengths(block)
    elements = block.get("elements", [])
    if len(elements) > ELEMENTS.get(str(kind), 1000):
        yield f"no more than {ELEMENTS[str(kind)]} items allowed"
    actions = [element["action_id"] for element in elements if element.get("action_id")]
    if len(actions) != len(set(actions)):
        yield "action_id already exists"
    held = [block.get("accessory"), block.get("element"), *elements]
    for element in [element for element in held if isinstance(element, dict)]:
        yield from _element(element, str(kind))


def _lengths(block: JSON) -> Iterator[str]:
    kind, text = block.get("type"), block.get("text")
    if kind == "section":
        if isinstance(text, dict) and not 0 < len(text.get("text", "")) <= SECTION:
            yield f"must be 1 to {SECTION} characters: text"
        if any(not 0 < len(field.get("text", "")) <= FIELD for field in block.get("fields", [])):
            yield f"must be 1 to {FIELD} characters: fields"
    if kind == "markdown" and not 0 < len(str(text or "")) <= MARKDOWN:
        yield f"must be 1 to {MARKDOWN} characters: text"


def _element(element: JSON, kind: str) -> Iterator[str]:
    if kind == "rich_text":
        return
    if element.get("type") in ("mrkdwn", "plain_text"):
        parsed: Any = TextObject.parse(element)
        if kind == "context" and not 0 < len(element.get("text", "")) <= SECTION:
            yield "context text is empty or too long"
    else:
        parsed = BlockElement.parse(element)
    if parsed is None:
        yield f"unsupported element: {element.get('type')}"
        return
    yield from _validated(parsed)
    for option in element.get("options", []):
        yield from _validated(Option.parse_all([option])[0])


def _validated(parsed: Any) -> Iterator[str]:
    try:
        parsed.validate_json()
    except SlackObjectFormationError as error:
        yield str(error)
