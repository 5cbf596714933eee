"""What must hold after a storm: one reply to each event, whole, in order and in its place."""

import re
from collections import defaultdict
from collections.abc import Iterator

from fake_slack.storm import Storm
from fake_slack.world import Message

CODE = re.compile(r"K\d{4}X\d{5}")
RULE = re.compile(r"Rule (\d+) of")


def replies(messages: list[Message]) -> dict[str, list[Message]]:
    """Return the bot's messages by the key that their metadata carries, oldest first."""
    found: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        payload = (message.metadata or {}).get("event_payload", {})
        found[str(payload.get("key", ""))].append(message)
    return dict(found)


def wrongs(storm: Storm) -> Iterator[tuple[int, str]]:
    """Yield what does not hold: the number of the act (-1: of none) and a sentence."""
    found = replies(storm.slack.world.by_bot())
    by_code: dict[str, list[str]] = defaultdict(list)
    for key, parts in found.items():
        codes = set(CODE.findall("\n".join(part.seen() for part in parts)))
        if not key:
            yield -1, f"{len(parts)} messages carry no key: {parts[0].seen()[:80]!r}"
        elif len(codes) != 1:
            yield -1, f"reply {key} holds {len(codes)} answers: {parts[0].seen()[:80]!r}"
        for code in codes:
            by_code[code].append(key)
    for number, done in storm.done.items():
        keys = by_code.pop(done.act.fact.code, [])
        yield from ((number, wrong) for wrong in _of_act(storm, number, keys, found))
    for code, keys in by_code.items():
        yield -1, f"{code} is nobody's answer: {keys}"


def _of_act(
    storm: Storm, number: int, keys: list[str], found: dict[str, list[Message]]
) -> Iterator[str]:
    done = storm.done[number]
    deliveries = done.deliveries(storm.slack)
    if not done.act.wanted:
        if keys:
            yield f"{done.act.kind} was answered"
        return
    acked = any(delivery.acked for delivery in deliveries)
    if not keys and acked:
        yield "no reply though it was acknowledged"
    if not acked and deliveries[0].kind == "events_api" and all(d.given_up for d in deliveries):
        yield "never acknowledged"
    if len(keys) > 1:
        yield f"{len(keys)} replies: {keys}"
    for key in keys:
        yield from _of_reply(done.root, done.act.fact.code, found[key], done.act.fact.long)


def _of_reply(root: str, code: str, parts: list[Message], long: bool) -> Iterator[str]:
    numbers = [int((part.metadata or {})["event_payload"].get("part", 0)) for part in parts]
    if numbers != list(range(len(parts))):
        yield f"parts {numbers} are not in order, each once"
    if code not in parts[0].seen():
        yield f"the first part holds no answer: {parts[0].seen()[:80]!r}"
    rules = [int(number) for part in parts for number in RULE.findall(part.seen())]
    if long and (len(parts) < 3 or not rules):
        yield f"a long answer came in {len(parts)} parts"
    if rules != sorted(rules):
        yield f"the answer is out of order: rules {rules}"
    for part in parts:
        inside = (root,) if root else ("", parts[0].ts)
        if part.thread_ts not in inside:
            yield f"part in the thread {part.thread_ts or '-'} and not in {root or '-'}"
        if "<!channel>" in part.seen() or not part.text:
            yield "a part that calls everybody, or says nothing to screen readers"
