"""The house's own measures: sizes, openings, forbidden words, layers and doors to the network."""

import ast
import re
import statistics
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("ui", "app", "agents", "plugins", "retrieval")
SOURCES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

FILE_WALL, FILE_MEDIAN = 350, 120
FUNCTION_WALL, FUNCTION_MEDIAN = 50, 10

NETWORK = {
    "httpcore",
    "httpx",
    "requests",
    "urllib.request",
    "urllib3",
    "aiohttp",
    "http.client",
    "socket",
}
DOORS = {
    "agents/models/": "servers that speak the OpenAI or LangChain protocols, named by the settings",
    "app/downloads.py": "model files, when the user asks for them",
    "retrieval/web/wire.py": "the web, to addresses that retrieval/web/fetch.py has checked",
    "app/slack_check.py": "Slack's own SDK, at the address that the settings name",
}
SOCKETS = {
    "plugins/guard.py": "which refuses a plugin what it was not granted",
    "app/": "the local socket between a face and the engine",
    "ui/": "faces that listen on this machine",
}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in _imports(path)}


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the name and the lines of every function, without its docstring."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first, last = node.body[0], node.end_lineno or node.lineno
            told = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) else 0
            yield f"{_name(path)}:{node.name}", last - node.lineno + 1 - told


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_files_are_short() -> None:
    lines = {_name(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES + TESTS}
    assert not {name: n for name, n in lines.items() if n > FILE_WALL}
    median = statistics.median(n for n in (lines[_name(path)] for path in SOURCES) if n > 3)
    assert median <= FILE_MEDIAN


def test_functions_are_paragraphs() -> None:
    sizes = [size for path in SOURCES for size in _functions(path)]
    assert not [(name, n) for name, n in sizes if n > FUNCTION_WALL]
    assert statistics.median(n for _, n in sizes) <= FUNCTION_MEDIAN


def test_functions_of_tests_are_short_too() -> None:
    sizes = [size for path in TESTS for size in _functions(path)]
    assert not [(name, n) for name, n in sizes if n > FUNCTION_WALL]


def test_a_module_opens_with_one_sentence() -> None:
    for path in SOURCES + TESTS:
        opening = (ast.get_docstring(_tree(path)) or "").partition("\n\n")[0]
        assert opening.endswith((".", "?", ":")), _name(path)


def test_nothing_is_unfinished() -> None:
    for path in SOURCES:
        marks = re.search(r"NotImplementedError|\b(TODO|FIXME|XXX)\b", path.read_text("utf-8"))
        assert not marks, _name(path)


def test_nothing_is_pickled() -> None:
    for path in SOURCES:
        pickles = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
        assert not _tops(path) & pickles, _name(path)
        assert "allow_pickle=True" not in path.read_text("utf-8"), _name(path)


def test_names_say_what_a_thing_is() -> None:
    vague = re.compile(r"(Manager|Handler|Helper|Utils?)$|^(utils?|helpers?|misc|common)$")
    for path in SOURCES:
        classes = [node.name for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef)]
        assert not [name for name in [*classes, path.stem] if vague.search(name)], _name(path)


def test_no_face_hides_a_floor() -> None:
    """`streamlit run ui/app.py` puts ui/ first on the path, where app.py would hide `app`."""
    assert not {path.stem for path in (ROOT / "ui").iterdir()} & set(FLOORS)


def test_tests_are_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_the_network_is_used_at_the_doors_only() -> None:
    for path in SOURCES:
        used = _imports(path) & NETWORK
        allowed = {"socket"} if _name(path).startswith(tuple(SOCKETS)) else set()
        if not _name(path).startswith(tuple(DOORS)):
            assert not used - allowed, f"{_name(path)}: only {', '.join(DOORS)} may reach out"


def test_the_mind_does_nothing_by_itself() -> None:
    """No files, clock, chance or processes in agents/ outside agents/models/."""
    outside = {"os", "pathlib", "time", "datetime", "random", "subprocess", "tempfile", "threading"}
    for path in SOURCES:
        if _name(path).startswith("agents/") and not _name(path).startswith("agents/models/"):
            assert not _tops(path) & outside, _name(path)


def _catches_all(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    if isinstance(node.body[-1], ast.Raise):
        return False
    return node.type is None or bool(re.search(r"\b(Base)?Exception\b", ast.unparse(node.type)))


def _doors(path: Path) -> list[str]:
    """Return the functions of a file that catch every exception."""
    functions = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef)]
    catching = [f for f in functions if any(_catches_all(node) for node in ast.walk(f))]
    return [f"{_name(path)}:{function.name}" for function in catching]


def test_every_exception_is_caught_at_the_doors_only() -> None:
    doors = {door for path in SOURCES for door in _doors(path)}
    assert doors <= {
        "agents/desk.py:carry_out",
        "plugins/registry.py:load",
        "plugins/calling.py:called",
        "app/batch/crew.py:_asked",
        "ui/serve/working.py:read",
    }


def test_the_layers_hold(python: str) -> None:
    done = subprocess.run(
        [Path(python).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert version("vouch") == project["version"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_locks_hold_versions_and_nothing_else() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        for line in path.read_text("utf-8").splitlines():
            assert re.fullmatch(r"[a-z0-9.-]+==[0-9][0-9a-z.]*", line), f"{path.name}: {line}"


def test_running_needs_no_gpu_and_no_tests() -> None:
    locked = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    others = "nvidia-|triton=|pytest|mypy=|ruff=|playwright=|trl=|ray="
    assert not re.search(rf"^({others})", locked, re.M)
