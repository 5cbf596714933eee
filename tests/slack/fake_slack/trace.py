"""What happened around one act of a storm, in lines to read."""

from collections.abc import Iterator

from fake_slack.storm import Storm


def trace(storm: Storm, number: int) -> str:
    """Return deliveries, calls, kills and messages that concern an act."""
    return "\n".join(_lines(storm, number))


def _lines(storm: Storm, number: int) -> Iterator[str]:
    done = storm.done[number]
    act, began = done.act, storm.began
    yield f"act {number}: {act.kind} of {act.user} in {act.channel}, code {act.fact.code}"
    deliveries = done.deliveries(storm.slack)
    yield from (f"  {one.born - began:7.2f}s {one.line()}" for one in deliveries)
    ours = [m for m in storm.slack.world.by_bot() if act.fact.code in "".join(m.versions)]
    names = {one.name for one in deliveries} | {message.ts for message in ours}
    names |= {act.fact.code, *([done.root] if done.root else [])}
    calls = [call for call in storm.slack.api.calls if any(n in str(call.args) for n in names)]
    told = [(call.at, call.line(began)) for call in calls]
    told += [(at, f"{at - began:7.2f}s KILL at {moment}") for at, moment in storm.bot.kills]
    yield from (f"  {line}" for _, line in sorted(told))
    for message in ours:
        where = f"{message.ts} in {message.thread_ts or message.channel}"
        yield f"  message {where}: {message.metadata} {message.versions[-1][:70]!r}"
