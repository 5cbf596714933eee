"""What people click: stop, quotes, what the check changed, and thumbs with reasons."""

from collections.abc import Mapping
from typing import Any

from app.wire import EngineFault
from retrieval.errors import UserError
from ui.house_port import House
from ui.slack import modals
from ui.slack.asked import click_name
from ui.slack.crew import Crew
from ui.slack.items import FACE, result
from ui.slack.modals import View
from ui.slack.talk import Talk
from ui.slack.web import Doubt, Refused
from ui.slack.words import escape
from ui.slack.work import Work
from ui.summary import Summary

Body = Mapping[str, Any]
NOTED = "Thank you, noted."


class Clicks:
    """Carries out clicks. One that is delivered twice counts once."""

    def __init__(self, house: House, talk: Talk, work: Work, crew: Crew) -> None:
        self._house = house
        self._talk = talk
        self._work = work
        self._crew = crew

    def stop(self, body: Body) -> None:
        """End the work on an event, if it is the one who asked who clicks."""
        item = self._crew.at_work(_value(body))
        if item is None:
            self._say(body, "This has ended already.")
        elif item.request.user != body["user"]["id"]:
            self._say(body, "Only the one who asked can stop this.")
        elif not item.stopped:
            self._work.stop(item)

    def quotes(self, body: Body) -> None:
        """Open the window of the quotes."""
        self._open(body, modals.quotes(self._summary(body)))

    def changes(self, body: Body) -> None:
        """Open the window of what the check changed."""
        self._open(body, modals.what_changed(self._summary(body)))

    def up(self, body: Body) -> None:
        """Keep a thumb up."""
        name = click_name(*_person(body), "up", _value(body), body["actions"][0]["action_ts"])
        if self._mark(body, name, _value(body), "up", [], ""):
            self._say(body, NOTED)

    def ask_reasons(self, body: Body) -> None:
        """Open the window that asks what is wrong."""
        channel = (body.get("channel") or {}).get("id") or ""
        self._open(body, modals.reasons(_value(body), channel, _root(body)))

    def down(self, body: Body) -> None:
        """Keep a thumb down with its reasons."""
        view = body["view"]
        tags, comment = modals.told(view)
        run, channel, root = modals.about(view)
        name = click_name(*_person(body), "down", run, view["id"])
        if self._mark(body, name, run, "down", tags, comment) and channel:
            self._talk.whisper(channel, body["user"]["id"], root, NOTED)

    def _mark(
        self, body: Body, name: str, run: str, mark: str, tags: list[str], comment: str
    ) -> bool:
        """Keep a person's word on a run, and say whether it is new."""
        params = {"id": name, "run": run, "mark": mark, "tags": tags, "comment": comment}
        by = ":".join((FACE, *_person(body)))
        kept = result(self._house, "feedback.add", {**params, "by": by, "face": FACE})
        return bool(kept.get("fresh", True))

    def _summary(self, body: Body) -> Summary:
        channel = (body.get("channel") or {}).get("id") or ""
        return self._work.summary(_value(body), channel.startswith("D"))

    def _open(self, body: Body, view: View) -> None:
        """Open a window; a click that was delivered before has its window already."""
        try:
            self._talk.web.call("views.open", trigger_id=body["trigger_id"], view=view)
        except (Doubt, Refused):
            return

    def _say(self, body: Body, text: str) -> None:
        channel = (body.get("channel") or {}).get("id")
        if channel:
            self._talk.whisper(channel, body["user"]["id"], _root(body), text)

    def fail(self, body: Body, fault: UserError | EngineFault) -> None:
        """Say to the person why a click came to nothing."""
        said = fault.what if isinstance(fault, UserError) else "the engine failed on this"
        self._say(body, escape(f"That did not work: {said}."))


def _value(body: Body) -> str:
    return str(body["actions"][0].get("value") or "")


def _person(body: Body) -> tuple[str, str]:
    team = (body.get("team") or {}).get("id") or body["user"].get("team_id") or ""
    return str(team), str(body["user"]["id"])


def _root(body: Body) -> str:
    message = body.get("message") or {}
    return str(message.get("thread_ts") or message.get("ts") or "")
