"""Opening hours in the syntax of OpenStreetMap's opening_hours, in Viet Nam's time. The library opening-hours-py reads them;
it knows no day of the lunar calendar, so the library holidays says when it is Tết."""

import re
from collections.abc import Container
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, validate

from bot.conversation import State

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@cache
def _holidays() -> Container[date]:
    """Asked for when somebody asks what is open: the library takes longer to get ready than many commands to run."""
    from holidays import country_holidays

    return country_holidays("VN")


def is_hours(text: str) -> bool:
    """Can this be read as opening hours?"""
    return bool(validate(text))


class Times:
    """The hours of one service. text: as `is_hours` accepts it."""

    def __init__(self, text: str) -> None:
        self._hours = OpeningHours(text, country="VN")
        self._knows_holidays = "PH" in text or text.strip() == "24/7"
        self._off = re.search("PH +(off|closed)", text) is not None

    def state(self, at: datetime) -> State:
        """Open, closed, or "holiday": a public holiday of which the hours do not speak, so people should call ahead."""
        local = at.astimezone(ZONE).replace(tzinfo=None)
        if local.date() in _holidays() and (self._off or not self._knows_holidays):
            return "closed" if self._off else "holiday"
        return "open" if self._hours.is_open(local) else "closed"
