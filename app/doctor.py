"""Examines a home part by part; no fault of one part hides what is to be said of another."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from agents.models.base import ModelError
from app import vitals
from app.client import Client
from app.launch import Launch
from retrieval.errors import UserError

if TYPE_CHECKING:
    from app.house import House
    from app.options import Settings

Level = Literal["ok", "note", "fault"]
ENGINE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about the house, and the command that mends it where something is to be mended."""

    subject: str
    level: Level
    fact: str
    cure: str = ""


Findings: TypeAlias = Iterator[Finding]


class Patient:
    """The home under examination; its parts are opened when a check asks for them."""

    def __init__(self, home: str | None, overrides: Mapping[str, str]) -> None:
        self._home = home
        self._overrides = overrides

    def load(self) -> "Settings":
        """Read the settings; `UserError` when they do not fit."""
        from app.settings import load

        return load(self._home, overrides=self._overrides)

    @cached_property
    def settings(self) -> "Settings":
        """The settings, or the defaults where they do not fit, so that the rest can be examined."""
        from app.options import Settings

        try:
            return self.load()
        except UserError:
            return Settings.of(vitals.home_folder(self._home), {}, {})

    @property
    def home(self) -> Path:
        return self.settings.home

    @cached_property
    def house(self) -> "House":
        """The parts of the house, in this process."""
        from app.house import build

        return build(self.settings)

    def close(self) -> None:
        """Let go of what was opened."""
        if "house" in self.__dict__:
            self.house.close()


Check: TypeAlias = Callable[[Patient], Findings]


def examine(
    home: str | None, overrides: Mapping[str, str], checks: Mapping[str, Check] | None = None
) -> Iterator[Finding]:
    """Yield the findings of every check, by default of all, each as soon as it is known."""
    patient = Patient(home, overrides)
    try:
        with ThreadPoolExecutor(1) as bench:
            for subject, check in (CHECKS if checks is None else checks).items():
                yield from _guarded(bench, subject, check, patient)
    finally:
        patient.close()


def _guarded(
    bench: ThreadPoolExecutor, subject: str, check: Check, patient: Patient
) -> Iterator[Finding]:
    """Carry out a check in a thread, where whatever it raises stays until it is looked at."""
    found: list[Finding] = []
    fault = bench.submit(lambda: found.extend(check(patient))).exception()
    yield from found
    if isinstance(fault, UserError):
        origin = f" ({fault.origin})" if fault.origin else ""
        yield Finding(subject, "fault", fault.what + origin, fault.cure)
    elif isinstance(fault, ModelError):
        yield Finding(subject, "fault", str(fault), _model_cure(patient))
    elif fault is not None:
        said = f"{type(fault).__name__}: {fault}"
        yield Finding(subject, "fault", said, "make run sets everything up again")


def _model_cure(patient: Patient) -> str:
    other = "choose another model: vouch models use NAME"
    return f"start the model's server, or {other}" if patient.settings.model.base_url else other


def _python(patient: Patient) -> Findings:
    yield Finding("python", *vitals.python())
    yield Finding("packages", *vitals.packages())


def _home(patient: Patient) -> Findings:
    yield Finding("home", *vitals.writable(patient.home))
    yield Finding("disk", *vitals.space(patient.home))


def _settings(patient: Patient) -> Findings:
    from app.settings import rows

    changed = [row for row in rows(patient.load()) if row.origin != "default"]
    told = "; ".join(f"{row.key} = {row.value} ({row.origin})" for row in changed)
    yield Finding("settings", "ok", told or "all as they come", "")


def _database(patient: Patient) -> Findings:
    from app.house import DATABASE

    if address := patient.settings.database.url.get_secret_value():
        yield Finding("database", *vitals.server(address))
        return
    path = patient.home / DATABASE
    if not path.exists():
        yield Finding("database", "note", f"{path} does not exist yet", "vouch add FOLDER makes it")
        return
    yield Finding("database", *vitals.database(path))


def _model(patient: Patient) -> Findings:
    from app.checkup import examine_model, prepared

    yield Finding("prepared", *prepared(patient.settings))
    runs = engine_state(patient.home) is not None
    for subject, fact in examine_model(patient.house, runs):
        yield Finding(subject, *fact)


def _embedder(patient: Patient) -> Findings:
    embedder = patient.house.embedder
    length = embedder.encode(["one sentence"]).shape[1]
    device = getattr(embedder, "device", "")
    where = f" on {device}" if device else ""
    yield Finding("embedder", "ok", f"{embedder.id}, {length} dimensions{where}")


def _library(patient: Patient) -> Findings:
    if not _begun(patient):
        yield Finding("library", "note", "the library is empty", "vouch add FOLDER")
        return
    try:
        told = _engine_library(patient.home)
    except UserError as refusal:
        yield Finding("library", "note", refusal.what, refusal.cure)
        return
    if told is None:
        state = patient.house.library.state()
        told = asdict(state)
    yield Finding("library", *_held(told))


def _begun(patient: Patient) -> bool:
    """Whether there is a database; opening one that is not there would make it."""
    from app.house import DATABASE

    if address := patient.settings.database.url.get_secret_value():
        from app.store.database import look

        return look(address).version is not None
    return (patient.home / DATABASE).exists()


def _engine_library(home: Path) -> dict[str, Any] | None:
    """Return what the running engine tells of its library, whose database it owns; None if none
    runs. `UserError` from one of another program version."""
    client = Client(home, False, Launch(), ENGINE_SECONDS, reading=True)
    if client.hello() is None:
        return None
    told: dict[str, Any] = client.result("library")
    return {**told, "documents": len(told["documents"])}


def _held(state: Mapping[str, Any]) -> vitals.Fact:
    """Say what a library holds; `state` is a LibraryState's fields."""
    if not state["documents"]:
        return "note", "the library is empty", "vouch add FOLDER"
    held = f"{state['documents']} documents, {state['passages']} passages"
    if not state["generation"]:
        return "note", f"{held}, not indexed yet", "vouch library reindex"
    size = f"{state['bytes'] / 2**20:.1f} MB"
    index = f"generation {state['generation']} of the {state['index']} index, {size}"
    return "ok", f"{held}; {index}, embedded by {state['embedder']}", ""


def _reward(patient: Patient) -> Findings:
    from app.house import MODELS
    from app.learning.candidates import Candidates
    from app.learning.reward.house import readers
    from app.learning.unused import unused

    kept = Candidates(patient.home / MODELS)
    card = kept.released("reward")
    if card is None:
        yield Finding("reward", "ok", "none is in use: the judges rank drafts")
    elif found := unused(kept, readers(patient.house)):
        yield Finding("reward", "note", f"{found.name} is not used: {found.because}", found.cure)
    else:
        yield Finding("reward", "ok", f"{card.name} ranks drafts")


def _plugins(patient: Patient) -> Findings:
    registry = patient.house.tools
    yield Finding("plugins", "ok", ", ".join(registry.names()) or "none is enabled")
    for failure in registry.failures:
        cure = "install it again, or take it out of the setting plugins.enabled"
        yield Finding("plugins", "fault", f"{failure.plugin}: {failure.because}", cure)


def _search(patient: Patient) -> Findings:
    from app.search_check import examine_search

    for fact in examine_search(patient.settings):
        yield Finding("search", *fact)


def _slack(patient: Patient) -> Findings:
    from app.slack_check import examine_slack

    for fact in examine_slack(patient.settings):
        yield Finding("slack", *fact)


def _engine(patient: Patient) -> Findings:
    state = engine_state(patient.home)
    if state is None:
        yield Finding("engine", "ok", "not running; the next vouch ask starts it")
        return
    since = vitals.moment(state["since"])
    yield Finding("engine", "ok", f"process {state['pid']} since {since}, {state['busy']} in work")


CHECKS: dict[str, Check] = {
    "python": _python,
    "home": _home,
    "settings": _settings,
    "database": _database,
    "model": _model,
    "embedder": _embedder,
    "reward": _reward,
    "library": _library,
    "plugins": _plugins,
    "search": _search,
    "slack": _slack,
    "engine": _engine,
}
"""The checks by subject, in the order in which they are told."""


def engine_state(home: Path) -> dict[str, Any] | None:
    """Return {pid, busy, since} of the engine of a home; None if none runs. `since` is UTC in
    seconds. `UserError` for one that does not answer."""
    from app.address import ADDRESS_FILE

    found = Client(home, False, Launch(), ENGINE_SECONDS).hello()
    if found is None:
        return None
    since = (home / ADDRESS_FILE).stat().st_mtime
    return {"pid": found["pid"], "busy": found["busy"], "since": since}


def stop_engine(home: Path, force: bool = True) -> bool:
    """End the engine of a home; False if none runs, or one is busy and it is not forced."""
    client = Client(home, False, Launch(), ENGINE_SECONDS)
    if client.hello() is None:
        return False
    return client.finish(force)
