"""The app manifest that Slack sets a bot up from: no more scopes than the bot uses."""

from typing import Any

from app.slack_check import SCOPES
from ui.slack.listeners import CHECK, COMMAND

EVENTS = ("app_mention", "message.im")


def manifest(mode: str, address: str = "") -> dict[str, Any]:
    """Return the manifest of https://docs.slack.dev/reference/app-manifest, for Socket Mode
    ("socket") or HTTP ("http"), where Slack posts to `address`."""
    socket = mode == "socket"
    url = {} if socket else {"url": address}
    request = {} if socket else {"request_url": address}
    command = {
        "command": COMMAND,
        "description": "Ask a question of the library",
        "usage_hint": "When did the mill open?",
        "should_escape": True,
        **url,
    }
    shortcut = {
        "name": "Check this claim",
        "type": "message",
        "callback_id": CHECK,
        "description": "Check a message against the library",
    }
    settings = {
        "event_subscriptions": {**request, "bot_events": list(EVENTS)},
        "interactivity": {"is_enabled": True, **request},
        "org_deploy_enabled": False,
        "socket_mode_enabled": socket,
        "token_rotation_enabled": False,
    }
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Vouch",
            "description": "Answers questions with sources, and checks every claim",
            "background_color": "#1d4d4f",
        },
        "features": {
            "app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
            "bot_user": {"display_name": "Vouch", "always_online": False},
            "slash_commands": [command],
            "shortcuts": [shortcut],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": settings,
    }
