"""Dates and time zones: what day it is, what lies between two dates, what time it is elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from plugins.builtin.calendars import Zone, moment, months_later, said, zone_called

Clock = Callable[[], datetime]
"""Tells the time now, with its zone."""

FARTHEST = 4_000_000
"""Days, weeks, months, years, hours or minutes that may be added: some 10,000 years of days."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The tools, as methods of plain values, on a clock."""

    clock: Clock

    def current_time(self, zone: str = "UTC") -> str:
        """Tell the date, weekday and time now in a time zone.

        Args:
            zone: a time zone such as Europe/Paris, a city such as Tokyo, or UTC
        """
        place = zone_called(zone)
        return said(self.clock().astimezone(place.info), place)

    def weekday(self, date: str) -> str:
        """Tell on which day of the week a date falls, with its week and day of the year.

        Args:
            date: a date such as 2024-05-01, 1 May 2024 or today
        """
        day = moment(date, self.clock()).date()
        year, week, _ = day.isocalendar()
        return f"{day} is a {day:%A}, day {day:%j} of the year, in ISO week {year}-W{week:02d}"

    def add_to_date(
        self,
        date: str,
        years: int = 0,
        months: int = 0,
        weeks: int = 0,
        days: int = 0,
        hours: int = 0,
        minutes: int = 0,
    ) -> str:
        """Add to a date or time, or take from it with negative numbers.

        Args:
            date: a date or time such as 2024-05-01, 2024-05-01 14:30, 1 May 2024, today or now
            years: calendar years, negative to go back
            months: calendar months; the last day of a shorter month is kept
        """
        start = moment(date, self.clock())
        if any(abs(n) > FARTHEST for n in (years, months, weeks, days, hours, minutes)):
            raise ValueError(f"no more than {FARTHEST} of anything can be added")
        by_calendar = months_later(start, 12 * years + months)
        span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
        try:
            end = by_calendar + span
        except OverflowError as error:
            raise ValueError("the result is outside the years 1 to 9999") from error
        timed = start.time() != datetime.min.time() or bool(hours or minutes)
        clipped = by_calendar.day != start.day
        note = f" (there is no day {start.day} in that month)" if clipped else ""
        written = f"{end:%Y-%m-%d %H:%M}" if timed else f"{end.date()}"
        return f"{written.rjust(10, '0')}, a {end:%A}{note}"

    def date_difference(self, first: str, last: str) -> str:
        """Tell how long it is from one date or time to another.

        Args:
            first: a date or time such as 2024-05-01, 2024-05-01 14:30, 1 May 2024, today or now
            last: the other one
        """
        now = self.clock()
        return _between(moment(first, now), moment(last, now))

    def convert_time(self, time: str, from_zone: str, to_zone: str) -> str:
        """Tell what time it is in one time zone when it is a given time in another.

        Args:
            time: a date and time such as 2024-05-01 14:30, or 14:30 for today, or now
            from_zone: the zone of that time, such as America/New_York, London or UTC+2
            to_zone: the zone wanted
        """
        origin, target = zone_called(from_zone), zone_called(to_zone)
        here = self.clock().astimezone(origin.info)
        return _elsewhere(moment(time, here), origin, target)


def tools(clock: Clock) -> list[Callable[..., str]]:
    """Return the tools, which take the time from `clock`."""
    dates = Dates(clock)
    return [
        dates.current_time,
        dates.weekday,
        dates.add_to_date,
        dates.date_difference,
        dates.convert_time,
    ]


def _between(first: datetime, last: datetime) -> str:
    order = "" if first <= last else f" before, since {last.date()} is the earlier date"
    low, high = min(first, last), max(first, last)
    days, seconds = (high - low).days, (high - low).seconds
    parts = [f"{days} days"]
    if seconds:
        hours, minutes = divmod(seconds // 60, 60)
        parts = [f"{days} days {hours} hours {minutes} minutes", f"{_hours(high - low)} hours"]
    elif days >= 7:
        parts.append(f"{days // 7} weeks and {days % 7} days")
    if days >= 28:
        parts.append(_calendar_span(low, high))
    return " = ".join(parts) + order


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.10g}"


def _calendar_span(low: datetime, high: datetime) -> str:
    """Return years, months and days: the most whole months that fit, then the days that remain."""
    months = (high.year - low.year) * 12 + high.month - low.month
    if months_later(low, months) > high:
        months -= 1
    rest = (high - months_later(low, months)).days
    return f"{months // 12} years {months % 12} months {rest} days"


def _elsewhere(local: datetime, origin: Zone, target: Zone) -> str:
    """Convert a time on the clock of `origin`; say so where that clock skips or repeats it."""
    early, late = (local.replace(tzinfo=origin.info, fold=fold) for fold in (0, 1))
    same = early.utcoffset() == late.utcoffset()
    if not same and early.astimezone(UTC).astimezone(origin.info).replace(tzinfo=None) != local:
        moved = early.astimezone(UTC).astimezone(origin.info)
        raise ValueError(
            f"there is no {local:%H:%M} on {local.date()} in {origin.name}: the clocks are put "
            f"forward over it, to {moved:%H:%M}; give another time"
        )
    times = [early] if same else [early, late]
    told = [
        f"{said(time, origin)} is {said(time.astimezone(target.info), target)}" for time in times
    ]
    if same:
        return told[0]
    return f"that time comes twice in {origin.name}, as the clocks go back: {', or '.join(told)}"


TOOLS = tools(lambda: datetime.now(UTC))
"""The tools on this machine's clock."""
