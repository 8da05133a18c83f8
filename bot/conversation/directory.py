"""The directory: which services are nearest, in which province a position lies, what is open. Its screens are written
when the content is loaded; here is only what a person's position or the time decides."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from markupsafe import escape

from bot.conversation.screens import Block, Choice, Screen, Text

SHOWN = 5
# Beyond this distance (km) from the centre of any commune a position is not taken to be in Viet Nam.
OUTSIDE = 20.0
_KM_A_DEGREE = 111.195
SIGNS = {"open": "🟢", "closed": "⚪", "holiday": "🟡"}
NEAR, SERVICE = "services/near", "service/"

Position = tuple[float, float]
State = Literal["open", "closed", "holiday", "unknown"]


class Hours(Protocol):
    """When a service is open."""

    def state(self, at: datetime) -> State:
        """At that time; "holiday" where it is a public holiday and nobody says what then."""
        ...


class Point(NamedTuple):
    """Something with a position: latitude and longitude in degrees."""

    latitude: float
    longitude: float
    key: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Built once. services: points by category. communes: centres, each with its province. All in order of latitude.

    hours: by service, where they are known. provinces: the 34. needs: folded words that name a category.
    """

    services: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    communes: Sequence[Point] = ()
    hours: Mapping[str, Hours] = field(default_factory=dict)
    provinces: frozenset[str] = frozenset()
    needs: Mapping[str, str] = field(default_factory=dict)

    def province(self, position: Position) -> str:
        """The province in which a position lies, by the nearest commune; "" outside Viet Nam."""
        found = nearest(self.communes, position, 1)
        return found[0][1] if found and found[0][0] <= OUTSIDE else ""


def nearest(points: Sequence[Point], position: Position, count: int = SHOWN) -> list[tuple[float, str]]:
    """The nearest of points in order of latitude: kilometres as the crow flies, and key. It looks north and south only so
    far as something nearer may still be there."""
    latitude, _ = position
    found: list[tuple[float, str]] = []
    north = bisect_left(points, latitude, key=lambda point: point.latitude)
    south = north - 1
    while north < len(points) or south >= 0:
        up = points[north].latitude - latitude if north < len(points) else math.inf
        down = latitude - points[south].latitude if south >= 0 else math.inf
        if len(found) == count and min(up, down) * _KM_A_DEGREE > found[-1][0]:
            break
        point = points[north] if up <= down else points[south]
        north, south = (north + 1, south) if up <= down else (north, south - 1)
        found.append((distance(position, (point.latitude, point.longitude)), point.key))
        found.sort()
        del found[count:]
    return found


def distance(one: Position, other: Position) -> float:
    """Kilometres along a great circle (haversine)."""
    first, second = math.radians(one[0]), math.radians(other[0])
    across = math.radians(other[1] - one[1])
    half = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * math.sin(across / 2) ** 2
    return 2 * 6371.0 * math.asin(min(1.0, math.sqrt(half)))


def near_screen(screen: Screen, found: Sequence[tuple[float, Screen, Block]], where: Sequence[Screen], said: str) -> Screen:
    """What is nearest, with distances: services with their screens and cards; then screens to go on with.

    said: what is said where nothing was found.
    """
    blocks = [Block(Text(said, str(escape(said)), f"<p>{escape(said)}</p>"), screen.language)] if said else []
    for kilometres, _, card in found:
        far = screen.labels["distance"].format(km=f"{kilometres:.1f}" if kilometres < 10 else f"{kilometres:.0f}")
        blocks.append(_above(card, far))
    # After what the screen offers without a position, which we forget: a number that is typed later means the same.
    more = [Choice(to.title, to.language, to.address) for to in (*(service for _, service, _ in found), *where)]
    return replace(screen, blocks=tuple(blocks), choices=(*screen.choices, *more), asks="")


def with_state(screen: Screen, hours: Hours, at: datetime) -> Screen:
    """A service's screen with a line that says whether it is open at this time."""
    said = screen.labels[hours.state(at)]
    line = Block(Text(said, f"<b>{escape(said)}</b>", f"<p><b>{escape(said)}</b></p>"), screen.language, "note")
    return replace(screen, blocks=(line, *screen.blocks))


def open_now(screen: Screen, hours: Mapping[str, Hours], at: datetime) -> Screen:
    """A list of services with a sign that says which are open at this time. None is taken away: a number that is typed
    later means what it meant when the list was shown."""

    def marked(choice: Choice) -> Choice:
        key = choice.address.removeprefix(SERVICE)
        state = hours[key].state(at) if choice.address.startswith(SERVICE) and key in hours else ""
        return replace(choice, label=f"{SIGNS[state]} {choice.label}") if state in SIGNS else choice

    legend = " ".join(f"{sign} {screen.labels[state]}" for state, sign in SIGNS.items())
    line = Block(Text(legend, str(escape(legend)), f"<p>{escape(legend)}</p>"), screen.language, "note")
    return replace(screen, blocks=(line, *screen.blocks), choices=tuple(map(marked, screen.choices)))


def _above(card: Block, line: str) -> Block:
    text, safe = card.text, escape(line)
    return replace(card, text=Text(f"{line}\n{text.plain}", f"<b>{safe}</b>\n{text.inline}", f"<p><b>{safe}</b></p>{text.web}"))
