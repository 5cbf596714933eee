"""A small reader of GBNF for tests: does a text match, and what sentences are there."""

import random
import re
from typing import Any

TOKEN = re.compile(
    r'\s*(?:(?P<literal>"(?:\\.|[^"\\])*")|(?P<set>\[(?:\\.|[^\]\\])*\])'
    r"|(?P<name>[A-Za-z][A-Za-z0-9-]*)|(?P<count>\{\d+(?:,\d*)?\}|[?*+])|(?P<mark>[()|]))"
)
ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.S)


def unescaped(text: str) -> list[tuple[str, bool]]:
    """Return the characters that are meant, and whether each was written with a backslash."""
    out, at = [], 0
    while at < len(text):
        found = ESCAPE.match(text, at)
        if found:
            code = found[1]
            plain = {"n": "\n", "r": "\r", "t": "\t"}.get(code, code)
            out.append((chr(int(code[1:], 16)) if len(code) > 1 else plain, True))
            at = found.end()
        else:
            out.append((text[at], False))
            at += 1
    return out


class Grammar:
    """Rules by name; each node is a tuple whose first item says what it is."""

    def __init__(self, rules: dict[str, str]) -> None:
        self.rules = {name: self._read(body) for name, body in rules.items()}

    def _read(self, body: str) -> Any:
        tokens, at = [], 0
        body = body.strip()
        while at < len(body):
            found = TOKEN.match(body, at)
            assert found, f"not GBNF: {body[at : at + 40]!r}"
            tokens.append((str(found.lastgroup), found[0].strip()))
            at = found.end()
        self._tokens, self._at = tokens, 0
        node = self._choice()
        assert self._at == len(tokens), body
        return node

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _choice(self) -> Any:
        options = [self._sequence()]
        while self._peek()[1] == "|":
            self._at += 1
            options.append(self._sequence())
        return ("or", options) if len(options) > 1 else options[0]

    def _sequence(self) -> Any:
        items = []
        while self._peek()[0] in ("literal", "set", "name") or self._peek()[1] == "(":
            items.append(self._counted())
        return ("all", items)

    def _counted(self) -> Any:
        kind, text = self._peek()
        self._at += 1
        node: Any
        if kind == "literal":
            node = ("text", "".join(c for c, _ in unescaped(text[1:-1])))
        elif kind == "set":
            node = _set(text[1:-1])
        elif kind == "name":
            node = ("rule", text)
        else:
            node = self._choice()
            assert self._peek()[1] == ")"
            self._at += 1
        while self._peek()[0] == "count":
            count = self._peek()[1]
            self._at += 1
            low, high = {"?": (0, 1), "*": (0, 10**6), "+": (1, 10**6)}.get(count, (-1, -1))
            if low < 0:
                first, comma, last = count[1:-1].partition(",")
                low, high = int(first), int(last or 10**6) if comma else int(first)
            node = ("some", node, low, high)
        return node

    def matches(self, start: str, text: str) -> bool:
        """Whether the whole text is a sentence of the rule."""
        self._known: dict[tuple[int, int], frozenset[int]] = {}
        return len(text) in self._ends(("rule", start), text, 0)

    def _ends(self, node: Any, text: str, at: int) -> frozenset[int]:
        key = (id(self.rules[node[1]]) if node[0] == "rule" else id(node), at)
        if key not in self._known:
            self._known[key] = frozenset(self._found(node, text, at))
        return self._known[key]

    def _found(self, node: Any, text: str, at: int) -> set[int]:
        match node:
            case ("rule", name):
                return set(self._ends(self.rules[name], text, at))
            case ("text", literal):
                return {at + len(literal)} if text.startswith(literal, at) else set()
            case ("set", inverted, ranges):
                inside = at < len(text) and any(a <= text[at] <= b for a, b in ranges)
                return {at + 1} if at < len(text) and inside != inverted else set()
            case ("or", options):
                return {end for option in options for end in self._ends(option, text, at)}
            case ("all", items):
                ends = {at}
                for item in items:
                    ends = {end for place in ends for end in self._ends(item, text, place)}
                return ends
            case ("some", inner, low, high):
                ends, reached = ({at} if low == 0 else set()), {at}
                for count in range(1, high + 1):
                    reached = {end for place in reached for end in self._ends(inner, text, place)}
                    if not reached:
                        break
                    ends |= reached if count >= low else set()
                return ends
        raise AssertionError(node)

    def sentence(self, start: str, chance: random.Random) -> str:
        """Return a sentence drawn at random."""
        return self._drawn(("rule", start), chance)

    def _drawn(self, node: Any, chance: random.Random) -> str:
        match node:
            case ("rule", name):
                return self._drawn(self.rules[name], chance)
            case ("text", literal):
                return str(literal)
            case ("set", inverted, ranges):
                if not inverted:
                    low, high = chance.choice(ranges)
                    return chr(chance.randint(ord(low), ord(high)))
                pool = [chr(c) for c in (*range(128), 0xE9, 0x4E2D, 0x1F600)]
                return chance.choice([c for c in pool if not any(a <= c <= b for a, b in ranges)])
            case ("or", options):
                return self._drawn(chance.choice(options), chance)
            case ("all", items):
                return "".join(self._drawn(item, chance) for item in items)
            case ("some", inner, low, high):
                count = chance.choice(
                    [low, min(high, low + 1), min(high, low + chance.randint(0, 4))]
                )
                return "".join(self._drawn(inner, chance) for _ in range(count))
        raise AssertionError(node)


def _set(body: str) -> Any:
    inverted = body.startswith("^")
    characters = unescaped(body[1:] if inverted else body)
    ranges, at = [], 0
    while at < len(characters):
        low = characters[at][0]
        if at + 2 < len(characters) and characters[at + 1] == ("-", False):
            ranges.append((low, characters[at + 2][0]))
            at += 3
        else:
            ranges.append((low, low))
            at += 1
    return ("set", inverted, ranges)
