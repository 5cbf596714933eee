"""Dates and zones: counted by the calendar, and honest where a clock skips or repeats an hour."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.builtin.calendars import months_later
from plugins.builtin.dates import TOOLS, tools
from plugins.schema import schema

NOW = datetime(2024, 2, 28, 23, 30, 15, tzinfo=UTC)
CALLS: dict[str, Callable[..., str]] = {f.__name__: f for f in tools(lambda: NOW)}


@pytest.mark.parametrize(
    ("tool", "given", "told"),
    [
        ("current_time", {}, "Wednesday 2024-02-28 23:30 in UTC (UTC+00:00)"),
        ("current_time", {"zone": "tokyo"}, "Thursday 2024-02-29 08:30 in Asia/Tokyo (UTC+09:00)"),
        ("current_time", {"zone": "UTC-3:30"},
         "Wednesday 2024-02-28 20:00 in UTC-03:30 (UTC-03:30)"),
        ("weekday", {"date": "1969-07-20"},
         "1969-07-20 is a Sunday, day 201 of the year, in ISO week 1969-W29"),
        ("weekday", {"date": "tomorrow"},
         "2024-02-29 is a Thursday, day 060 of the year, in ISO week 2024-W09"),
        ("weekday", {"date": "2024年5月1日"},
         "2024-05-01 is a Wednesday, day 122 of the year, in ISO week 2024-W18"),
        ("add_to_date", {"date": "31 January 2024", "months": 1},
         "2024-02-29, a Thursday (there is no day 31 in that month)"),
        ("add_to_date", {"date": "May 1st, 2024", "days": -1}, "2024-04-30, a Tuesday"),
        ("add_to_date", {"date": "2024-05-01 23:30", "minutes": 45},
         "2024-05-02 00:15, a Thursday"),
        ("add_to_date", {"date": "now", "years": 1}, "2025-02-28 23:30, a Friday"),
        ("date_difference", {"first": "2000-02-29", "last": "2024-02-28"},
         "8765 days = 1252 weeks and 1 days = 23 years 11 months 30 days"),
        ("date_difference", {"first": "2024-05-01 08:00", "last": "2024-05-02 09:30"},
         "1 days 1 hours 30 minutes = 25.5 hours"),
        ("date_difference", {"first": "2024-05-03", "last": "2024-05-01"},
         "2 days before, since 2024-05-01 is the earlier date"),
        ("convert_time", {"time": "14:30", "from_zone": "New York", "to_zone": "Europe/London"},
         "Wednesday 2024-02-28 14:30 in America/New_York (UTC-05:00) is "
         "Wednesday 2024-02-28 19:30 in Europe/London (UTC+00:00)"),
        ("convert_time", {"time": "2024-07-01 2:30 pm", "from_zone": "Paris", "to_zone": "UTC"},
         "Monday 2024-07-01 14:30 in Europe/Paris (UTC+02:00) is "
         "Monday 2024-07-01 12:30 in UTC (UTC+00:00)"),
    ],
)  # fmt: skip
def test_what_is_told(tool: str, given: dict[str, object], told: str) -> None:
    assert CALLS[tool](**given) == told


def test_a_time_that_the_clock_skips_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no 02:30 on 2024-03-31 in Europe/Berlin.* to 03:30"):
        CALLS["convert_time"](time="2024-03-31 02:30", from_zone="Berlin", to_zone="UTC")


def test_a_time_that_comes_twice_is_told_twice() -> None:
    told = CALLS["convert_time"](time="2024-10-27 02:30", from_zone="Berlin", to_zone="UTC")
    assert "comes twice" in told
    assert "2024-10-27 00:30 in UTC" in told
    assert "2024-10-27 01:30 in UTC" in told


@pytest.mark.parametrize(
    ("tool", "given", "why"),
    [
        ("weekday", {"date": "2023-02-29"}, "no date '2023-02-29'"),
        ("weekday", {"date": "soon"}, "no date or time"),
        ("weekday", {"date": "1 Mai 2024"}, "no date"),
        ("weekday", {"date": "7"}, "no date or time"),
        ("add_to_date", {"date": "9999-12-31", "days": 1}, "years 1 to 9999"),
        ("add_to_date", {"date": "2024-01-01", "years": 10**6}, "years 1 to 9999"),
        ("add_to_date", {"date": "2024-01-01", "days": 10**9}, "no more than"),
        ("convert_time", {"time": "25:00", "from_zone": "UTC", "to_zone": "UTC"}, "on a clock"),
        ("convert_time", {"time": "13 pm", "from_zone": "UTC", "to_zone": "UTC"}, "on a clock"),
        ("current_time", {"zone": "Atlantis"}, "no time zone 'Atlantis'"),
        ("current_time", {"zone": "../../etc/passwd"}, "no time zone"),
        ("current_time", {"zone": "UTC+15"}, "no offset"),
    ],
)
def test_what_is_no_date_or_zone_is_refused_in_words(
    tool: str, given: dict[str, object], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        CALLS[tool](**given)


@given(st.text(max_size=40))
def test_no_text_does_more_than_fail_in_words(text: str) -> None:
    try:
        CALLS["weekday"](date=text)
    except ValueError as error:
        assert str(error)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(0, 2000))
def test_months_later_is_that_month(start: datetime, months: int) -> None:
    later = months_later(start, months)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == months
    assert start.day - 3 <= later.day <= start.day


@given(st.dates(date(1900, 1, 1), date(9900, 1, 1)), st.integers(0, 5000))
def test_the_difference_undoes_the_sum(start: date, days: int) -> None:
    end = CALLS["add_to_date"](date=str(start), days=days).partition(",")[0]
    assert CALLS["date_difference"](first=str(start), last=end).startswith(f"{days} days")


def test_they_are_tools_on_the_clock_of_this_machine() -> None:
    described = {schema(tool)["name"]: schema(tool) for tool in TOOLS}
    assert set(described) == set(CALLS)
    assert described["add_to_date"]["parameters"]["required"] == ["date"]
    now = next(tool for tool in TOOLS if tool.__name__ == "current_time")()
    said = datetime.strptime(now.split(" in ")[0], "%A %Y-%m-%d %H:%M").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - said) < timedelta(minutes=10)
