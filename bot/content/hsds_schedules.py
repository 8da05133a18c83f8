"""Opening hours of OpenStreetMap as HSDS schedules: the simple ones as days and times, the others as words only."""

import re
from collections.abc import Iterator
from typing import Any

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = f"(?:{'|'.join(_DAYS)})"
_RULE = re.compile(rf"(?:({_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*) )?(\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*)")
# Viet Nam has one zone and no summer time.
OFFSET = 7
_ZONE = f"+{OFFSET:02}:00"
ALWAYS = "24/7"


def schedules(hours: str) -> Iterator[dict[str, Any]]:
    """The fields of one or more schedules, without ids. Where the hours say more than days and times, there is one in words."""
    rules = [("Mo-Su", "00:00-23:59")] if hours.strip() == ALWAYS else _rules(hours)
    if not rules:
        yield {"description": hours}
    for days, times in rules:
        byday = ",".join(day.upper()[:2] for day in _all_days(days))
        for span in times.split(","):
            opens, _, closes = span.partition("-")
            yield {
                "freq": "WEEKLY",
                "wkst": "MO",
                "byday": byday,
                "opens_at": opens + _ZONE,
                "closes_at": closes + _ZONE,
                "timezone": OFFSET,
                "description": hours,
            }


def _rules(hours: str) -> list[tuple[str, str]]:
    """(days, times); none where a rule is not that simple, or one overrides another."""
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    for part in hours.split(";"):
        rule = _RULE.fullmatch(part.strip())
        if not rule:
            return []
        days = rule[1] or "Mo-Su"
        if seen & {*_all_days(days)} or not all(_is_within_a_day(span) for span in rule[2].split(",")):
            return []
        seen |= {*_all_days(days)}
        found.append((days, rule[2]))
    return found


def _is_within_a_day(span: str) -> bool:
    opens, _, closes = span.partition("-")
    return opens < closes < "24:00"


def _all_days(days: str) -> list[str]:
    """The days of "Mo-We,Fr", in the order of the week."""
    found: set[int] = set()
    for part in days.split(","):
        first, _, last = part.partition("-")
        start = _DAYS.index(first)
        found |= {(start + step) % 7 for step in range((_DAYS.index(last or first) - start) % 7 + 1)}
    return [_DAYS[day] for day in sorted(found)]
