"""ISO 8601 weeks: `2026-W47` is Monday to Sunday, in UTC, and belongs to the year of its Thursday."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

FIRST_YEAR = 1971
"""A digest looks four weeks back, and the store's days begin in 1970."""
_FORM = re.compile(r"([0-9]{4})-W([0-9]{2})")


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek:
    """One ISO week; weeks compare by time."""

    year: int
    week: int

    @classmethod
    def parse(cls, text: str) -> IsoWeek:
        """Read `2026-W47`. Raises ValueError for another form, a week that the year does not have, or one before `FIRST_YEAR`."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(f"not an ISO week: `{text}`; expected a year and a week such as `2026-W47`")
        year, week = int(match[1]), int(match[2])
        if year < FIRST_YEAR:
            raise ValueError(f"no run is as old as `{text}`: expected a week of {FIRST_YEAR} or later")
        try:
            date.fromisocalendar(year, week, 1)
        except ValueError:
            weeks = date(year, 12, 28).isocalendar().week
            raise ValueError(f"{year} has no week {week}: expected 01 to {weeks}") from None
        return cls(year, week)

    @classmethod
    def of(cls, moment: date) -> IsoWeek:
        """The week that a day (or an aware time, taken in UTC) falls into."""
        day = moment.astimezone(timezone.utc).date() if isinstance(moment, datetime) else moment
        calendar = day.isocalendar()
        return cls(calendar.year, calendar.week)

    @property
    def start(self) -> datetime:
        """Monday 00:00 UTC."""
        return datetime.combine(date.fromisocalendar(self.year, self.week, 1), time(), timezone.utc)

    @property
    def end(self) -> datetime:
        """Monday 00:00 UTC of the week after: the first moment that is not in this week."""
        return self.start + timedelta(weeks=1)

    @property
    def days(self) -> str:
        """The days in words, such as `16 to 22 Nov 2026`."""
        first, last = self.start, self.end - timedelta(days=1)
        if first.year != last.year:
            return f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}"
        if first.month != last.month:
            return f"{first.day} {first:%b} to {last.day} {last:%b %Y}"
        return f"{first.day} to {last.day} {last:%b %Y}"

    def before(self, weeks: int) -> IsoWeek:
        """The week `weeks` weeks earlier."""
        return IsoWeek.of((self.start - timedelta(weeks=weeks)).date())

    def __str__(self) -> str:
        return f"{self.year}-W{self.week:02d}"
