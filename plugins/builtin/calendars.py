"""Reads dates, times and zones as people write them, and says them back."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_MONTHS = {name.lower(): at for at, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): at for at, name in enumerate(calendar.month_abbr) if name}
_MONTHS["sept"] = 9
_ISO = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.? (?:of )?([A-Za-z]{3,9})\.?,? (\d{4})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_TIME = re.compile(r"(?:^|[\sT])(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*([ap])?\.?(?:m\.?)?$", re.I)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", re.I)
_RELATIVE = {"today": 0, "tomorrow": 1, "yesterday": -1}


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone and the name that it is told by."""

    name: str
    info: tzinfo


def zone_called(name: str) -> Zone:
    """Return the zone of that IANA name, city or offset. Raises ValueError, with near names."""
    wanted = name.strip().replace(" ", "_")
    if wanted.upper() in ("UTC", "GMT", "Z"):
        return Zone("UTC", UTC)
    if offset := _OFFSET.fullmatch(wanted):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes > 14 * 60:
            raise ValueError(f"{name!r} is no offset; they go from -14:00 to +14:00")
        sign = -1 if offset[1] == "-" else 1
        shown = f"UTC{offset[1]}{minutes // 60:02d}:{minutes % 60:02d}"
        return Zone(shown, timezone(sign * timedelta(minutes=minutes)))
    found = _zones().get(wanted.lower(), [])
    if len(found) == 1:
        return Zone(found[0], ZoneInfo(found[0]))
    if found:
        raise ValueError(f"{name!r} may be {' or '.join(found)}; write one of them")
    raise ValueError(
        f"there is no time zone {name[:60]!r}; write for example Europe/Paris or UTC+2"
    )


@cache
def _zones() -> dict[str, list[str]]:
    """Return zones by their name in lower case, and by their city where no zone has that name."""
    names = sorted(available_timezones())
    known = {name.lower(): [name] for name in names}
    for name in names:
        area, _, city = name.rpartition("/")
        if area.partition("/")[0] in _AREAS:
            entry = known.setdefault(city.lower(), [])
            if name not in entry and "/" in (entry[0] if entry else name):
                entry.append(name)
    return known


_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian",
          "Pacific")  # fmt: skip


def moment(text: str, now: datetime) -> datetime:
    """Return the date and time written in `text`, without a zone; midnight where no time stands.

    A time alone is one of the day of `now`. Raises ValueError.
    """
    text = " ".join(text.split())
    here = now.replace(tzinfo=None, second=0, microsecond=0)
    if text.lower() == "now":
        return here
    day, rest = _day(text, here)
    if not rest:
        return datetime.combine(day, time())
    clock = _TIME.fullmatch(rest) or _TIME.fullmatch(f" {rest}")
    if clock is None or (not clock[2] and not clock[4]):
        raise ValueError(
            f"{text[:60]!r} is no date or time; write for example 2024-05-01 or 2024-05-01 14:30"
        )
    hour = int(clock[1])
    if clock[4]:
        if not 1 <= hour <= 12:
            raise ValueError(f"there is no {rest.strip()!r} on a clock")
        hour = hour % 12 + (12 if clock[4].lower() == "p" else 0)
    try:
        return datetime.combine(day, time(hour, int(clock[2] or 0), int(clock[3] or 0)))
    except ValueError as error:
        raise ValueError(f"there is no {rest.strip()!r} on a clock") from error


def _day(text: str, here: datetime) -> tuple[datetime, str]:
    """Return the day that `text` begins with, by default today, and what follows it."""
    first, _, rest = text.partition(" ")
    if first.lower() in _RELATIVE:
        return here + timedelta(days=_RELATIVE[first.lower()]), rest.removeprefix("at ")
    for form, order in ((_ISO, "ymd"), (_DAY_FIRST, "dmy"), (_MONTH_FIRST, "mdy")):
        found = form.match(text)
        if found is None:
            continue
        part = dict(zip(order, found.groups(), strict=True))
        month = part["m"] if part["m"].isdigit() else _MONTHS.get(part["m"].lower(), 0)
        try:
            day = datetime(int(part["y"]), int(month), int(part["d"]))
        except ValueError as error:
            raise ValueError(f"there is no date {found[0]!r}: {error}") from error
        return day, text[found.end() :].strip(" ,").removeprefix("T").removeprefix("at ")
    return here, text


def months_later(start: datetime, months: int) -> datetime:
    """Return the same day so many months on, or the last day of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError("the result is outside the years 1 to 9999")
    last = calendar.monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def said(when: datetime, zone: Zone) -> str:
    """Return such as "Wednesday 2024-05-01 14:30 in Asia/Tokyo (UTC+09:00)"."""
    offset = when.strftime("%z")
    return f"{when:%A %Y-%m-%d %H:%M} in {zone.name} (UTC{offset[:3]}:{offset[3:5]})"
