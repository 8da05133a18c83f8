"""Facts that a turn leaves behind for the store. They name no person, and nothing that anybody wrote."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Viewed:
    """A screen was shown. campaign: the mark of the link or poster that led here, "" without one."""

    day: date
    channel: str
    language: str
    address: str
    campaign: str = ""


Record = Viewed
