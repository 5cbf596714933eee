"""Adding to the library and building its index anew: work that goes on while a page is redrawn."""

import os
from collections import Counter
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
from ui.chat.library_parts import collections
from ui.chat.pages_parts import tell
from ui.escape import markdown, one_line
from ui.house_port import Item, Stream
from ui.html_files import files_html
from ui.uploads import forget, keep, safe_name, uploads

FINAL = ("added", "changed", "unchanged", "duplicate", "removed", "failed")
"""Kinds of progress that say what became of a file."""

SECONDS = 0.7
"""Between two looks at the work."""

_WORK = "library.work"
_SEEN = "library.seen"
_REPORT = "library.report"
_STOPPING = "library.stopping"
_FORM = "library.form"


@dataclass(frozen=True, slots=True)
class Work:
    """A call under way: the same job's name again is the same job, however often it is drawn."""

    job: str
    name: str
    params: Item


@dataclass(slots=True)
class Report:
    """What became of each file so far; `place` is how much is done, 0 to 1, `number` how many
    items of the job were read."""

    name: str
    files: list[Item] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    place: float = 0.0
    doing: str = ""
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
        st.markdown(f"**{say(f'library.working_{work.name}')}**")
        st.progress(report.place, markdown(report.doing or say("library.progress_start")))
        if report.files:
            st.html(files_html(report.files[-5:], say))
        st.button(say("library.stop"), key="library.stop", on_click=_stop, args=(context, work))


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
            see(report, item, context)


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
        held = {document["source"] for document in context.call("library")["documents"]}
        for item in idle:
            if item.get("copy") and item["copy"] not in held:
                forget(context.home, Path(item["copy"]))


def _stop(context: Context, work: Work) -> None:
    with context.guarded():
        st.session_state[_STOPPING] = context.house.stop(work.job)


def see(report: Report, item: Item, context: Context) -> None:
    """Take an item of progress into a report."""
    kind, say = str(item.get("kind", "")), context.say
    if kind in FINAL:
        report.files.append(_named(item, context.home))
        report.counts[kind] += 1
    if item.get("total"):
        report.place = min(1.0, int(item.get("done", 0)) / int(item["total"]))
        report.doing = say("library.progress", done=item.get("done", 0), total=item["total"])
    if kind == "embedding":
        passages = say("library.embedding", passages=item.get("passages", 0), total=item.get("of"))
        report.doing = " · ".join(filter(None, [report.doing.partition(" · ")[0], passages]))
        if not item.get("total") and item.get("of"):
            report.place = min(1.0, int(item["passages"]) / int(item["of"]))
    elif kind == "indexed":
        report.place, report.doing = 1.0, say("library.indexed")


def _named(item: Item, home: Path) -> Item:
    """Name uploaded files by their names alone: where the copies lie says nothing to a person."""
    path = Path(str(item.get("path", "")))
    why = str(item.get("why", "")).removeprefix(f"'{path}' ")
    told = {**item, "why": why} if why else item
    return {**told, "path": path.name, "copy": str(path)} if path.parent == uploads(home) else told


def _report(context: Context, report: Report) -> None:
    say = context.say
    if report.fault is not None:
        context.show(report.fault)
    kinds = [kind for kind in FINAL if report.counts[kind]]
    said = " · ".join(say(f"library.count_{kind}", count=report.counts[kind]) for kind in kinds)
    if report.stopped:
        st.warning(say("library.stopped"), icon=":material/stop_circle:")
    if report.name == "reindex" and not report.stopped:
        said = say("library.told_reindex")
    if said or report.fault is None:
        show = st.warning if report.counts["failed"] else st.success
        show(said or say("library.told_nothing"))
    if report.files:
        worst = sorted(report.files, key=lambda item: item.get("kind") != "failed")
        st.html(files_html(worst[:50], say))
    if st.button(say("library.dismiss"), key="library.dismiss", icon=":material/close:"):
        del st.session_state[_REPORT]
        context.again()


def add_tab(context: Context, state: Item) -> None:
    """Take files dropped and paths named, and begin to add them."""
    say, form = context.say, int(st.session_state.get(_FORM, 0))
    dropped = st.file_uploader(
        say("library.drop"),
        accept_multiple_files=True,
        help=say("library.drop_help"),
        key=f"library.drop.{form}",
    )
    typed = st.text_area(
        say("library.paths"),
        placeholder=say("library.paths_example"),
        height=80,
        key=f"library.paths.{form}",
    )
    collection = _collection(context, state, form)
    if st.button(say("library.add"), key="library.add", type="primary", icon=":material/add:"):
        with context.guarded():
            paths = _paths(context, typed.splitlines())
            paths += _kept(context, dropped)
            if not paths:
                raise UserError(say("library.nothing_given"))
            begin("add", paths=paths, collection=collection)
            # Fresh keys empty the fields; the files dropped are kept by now.
            st.session_state[_FORM] = form + 1
            context.again()


def _collection(context: Context, state: Item, form: int) -> str:
    names = [str(line["name"]) for line in collections(state)] or ["default"]
    chosen = st.selectbox(
        context.say("library.collection"),
        names,
        index=names.index("default") if "default" in names else 0,
        accept_new_options=True,
        help=context.say("library.collection_help"),
        key=f"library.collection.{form}",
    )
    return str(chosen or "default").strip()


def _kept(context: Context, dropped: Sequence[Any]) -> list[str]:
    paths = [(file.name, keep(context.home, file.name, file.getvalue())) for file in dropped]
    other = [path.name for name, path in paths if path.name != safe_name(name)]
    if other:
        tell(context.say("library.copies", name=", ".join(other)))
    return [str(path) for _, path in paths]


def _paths(context: Context, typed: Sequence[str]) -> list[str]:
    """Return the paths that were typed; `UserError` for one that is not there."""
    paths = [Path(line.strip()).expanduser() for line in typed if line.strip()]
    for path in paths:
        if not path.is_absolute() or not path.exists():
            said = context.say("library.missing", path=one_line(str(path)))
            raise UserError(said, cure=context.say("library.missing_cure"))
    return [str(path) for path in paths]


def reindex_part(context: Context) -> None:
    """Offer to build the index anew, with what it is good for."""
    say = context.say
    with st.expander(say("library.reindex_title"), icon=":material/refresh:"):
        st.write(say("library.reindex_what"))
        if st.button(say("library.reindex"), key="library.reindex"):
            begin("reindex")
            context.again()
