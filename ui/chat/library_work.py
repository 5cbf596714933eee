"""Work on the library that goes on while a page is redrawn: what it has come to, and its report."""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st

from app.wire import EngineFault
from retrieval.errors import UserError
from ui.chat.context import Context, Fault
from ui.chat.documents import forget_documents
from ui.chat.library_parts import pace, places
from ui.escape import markdown
from ui.house_port import Item, Stream
from ui.html_files import faults_html, files_html
from ui.tally import FINAL, Tally
from ui.uploads import forget, uploads

SECONDS = 0.7
"""Between two looks at the work."""

_FEW = 8
"""Files that a report names at once."""

_SHOWN = 200
"""Files and faults that a report names at most."""

_WORK = "library.work"
_SEEN = "library.seen"
_REPORT = "library.report"
_STOPPING = "library.stopping"


@dataclass(frozen=True, slots=True)
class Work:
    """A call under way: the same job's name again is the same job, however often it is drawn."""

    job: str
    name: str
    params: Item


@dataclass(slots=True)
class Report:
    """What became of each file so far, and what was found wrong; `number` is how many items of the
    job were read."""

    name: str
    files: list[Item] = field(default_factory=list)
    faults: list[Item] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    stopped: bool = False
    number: int = 0
    begun: bool = False
    fault: Fault | None = None


def begin(name: str, **params: Any) -> None:
    """Note a call that the next drawing of the page begins."""
    st.session_state.pop(_REPORT, None)
    st.session_state.pop(_SEEN, None)
    st.session_state[_WORK] = Work(os.urandom(8).hex(), name, params)


def under_way(context: Context) -> None:
    """Draw the work under way, or the report of the work that ended last."""
    work: Work | None = st.session_state.get(_WORK)
    if work is not None:
        st.fragment(_look, run_every=SECONDS)(context, work)
    report: Report | None = st.session_state.get(_REPORT)
    if report is not None:
        _report(context, report)


def _look(context: Context, work: Work) -> None:
    """Read what is new of the work and draw it; nothing else of the page waits for it."""
    report: Report = st.session_state.setdefault(_SEEN, Report(work.name))
    try:
        ended = _read(context, work, report)
    except (UserError, EngineFault, OSError) as error:
        report.fault, ended = error, True
    if ended:
        _close(context, report)
    say = context.say
    with st.container(border=True):
        st.markdown(f"**{say(f'library.working_{_word(work.name)}')}**")
        doing = pace(report.tally, say) or say("library.progress_start")
        st.progress(report.tally.share, markdown(doing))
        if report.files:
            st.html(files_html(report.files[-5:], say))
        st.button(say("library.stop"), key="library.stop", on_click=_stop, args=(context, work))


def _word(name: str) -> str:
    """Return the last part of a call's name: "verify" of "library.verify"."""
    return name.rpartition(".")[2]


def _read(context: Context, work: Work, report: Report) -> bool:
    """Take the items that are there by now into the report; True when the work has ended."""
    told = context.house.job(work.job)
    if told is None:
        if report.begun:
            raise UserError(context.say("library.lost"), cure=context.say("library.lost_cure"))
        with closing(context.house.call(work.name, work.params, job=work.job)) as stream:
            next(stream, None)
        told = context.house.job(work.job) or {"state": "waiting", "items": 0}
    report.begun = True
    ended = bool(told["state"] == "ended")
    if ended or told["items"] > report.number:
        with closing(context.house.attach(work.job, report.number)) as stream:
            _take(context, report, stream, None if ended else told["items"])
    return ended


def _take(context: Context, report: Report, stream: Stream, until: int | None) -> None:
    """Read a stream up to an item's number, or to its end: what is not there yet is not awaited."""
    while until is None or report.number < until:
        try:
            item = next(stream)
        except StopIteration:
            return
        # What tells of the job itself has no number.
        if "job" not in item and "queued" not in item:
            report.number += 1
            see(report, item, context.home)


def _close(context: Context, report: Report) -> NoReturn:
    """Put the report in the place of the work, and draw the whole page with what was added."""
    forget_documents()
    if report.fault is None:
        _tidy(context, report)
    report.stopped = bool(st.session_state.pop(_STOPPING, False))
    for key in (_WORK, _SEEN):
        st.session_state.pop(key, None)
    st.session_state[_REPORT] = report
    context.again()


def _tidy(context: Context, report: Report) -> None:
    """Delete the copies of uploads that did not become documents: nobody would find them."""
    idle = [item for item in report.files if item["kind"] in ("failed", "duplicate")]
    if any("copy" in item for item in idle):
        documents = context.call("library")["documents"]
        held = {name for document in documents for name in places(document)}
        for item in idle:
            if item.get("copy") and item["copy"] not in held:
                forget(context.home, Path(item["copy"]))


def _stop(context: Context, work: Work) -> None:
    with context.guarded():
        st.session_state[_STOPPING] = context.house.stop(work.job)


def see(report: Report, item: Item, home: Path) -> None:
    """Take an item into a report."""
    report.tally.see(item)
    if "part" in item:
        report.faults.append(_named(item, home))
    elif item.get("kind") in FINAL:
        report.files.append(_named(item, home))


def _named(item: Item, home: Path) -> Item:
    """Name uploaded files by their names alone: where the copies lie says nothing to a person."""
    told = dict(item)
    for key in ("path", "of", "before", "source"):
        path = Path(str(item.get(key, "")))
        if path.parent == uploads(home):
            told[key] = path.name
    if told.get("path") != item.get("path"):
        told["copy"] = str(item["path"])
        told |= (
            {"why": str(item["why"]).removeprefix(f"'{item['path']}' ")} if "why" in item else {}
        )
    return told


def _report(context: Context, report: Report) -> None:
    say, counts = context.say, report.tally.counts
    if report.fault is not None:
        context.show(report.fault)
    if report.stopped:
        st.warning(say("library.stopped"), icon=":material/stop_circle:")
    said = _said(context, report)
    if said or report.fault is None:
        show = st.warning if counts["failed"] or report.faults else st.success
        show(said or say("library.told_nothing"))
    _files(context, report.files)
    _faults(context, report.faults)
    with st.container(horizontal=True):
        if report.faults and st.button(
            say("library.repair"), key="library.repair", type="primary", icon=":material/build:"
        ):
            begin("library.repair")
            context.again()
        if st.button(say("library.dismiss"), key="library.dismiss", icon=":material/close:"):
            del st.session_state[_REPORT]
            context.again()


def _files(context: Context, files: Sequence[Item]) -> None:
    """Name some files, those that failed first, and more of them where a person wants to see."""
    worst = sorted(files, key=lambda item: item.get("kind") != "failed")
    if worst:
        st.html(files_html(worst[:_FEW], context.say))
    if more := worst[_FEW:]:
        with st.expander(context.say("library.remove_more", count=len(more))):
            st.html(files_html(more[:_SHOWN], context.say))


def _said(context: Context, report: Report) -> str:
    """Return what the work came to; empty if it came to nothing."""
    say, counts = context.say, report.tally.counts
    word, failed = _word(report.name), counts["failed"]
    if report.fault is not None and not counts:
        return ""
    if word == "verify" and not report.stopped:
        count = len(report.faults)
        return say("library.told_faults", count=count) if count else say("library.told_sound")
    if word in ("reindex", "repair") and not report.stopped and not failed:
        return say(f"library.told_{word}")
    kinds = [kind for kind in FINAL if counts[kind]]
    return " · ".join(say(f"library.count_{kind}", count=counts[kind]) for kind in kinds)


def _faults(context: Context, faults: Sequence[Item]) -> None:
    """Name what is wrong."""
    if faults:
        st.html(faults_html(faults[:_SHOWN], context.say))
    if len(faults) > _SHOWN:
        st.caption(context.say("library.remove_more", count=len(faults) - _SHOWN))
