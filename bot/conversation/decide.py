"""The only place that decides what happens next. One door: respond()."""

from dataclasses import replace
from typing import NamedTuple

from bot.conversation.address import Place, parse_payload, parse_token
from bot.conversation.catalog import Catalog
from bot.conversation.messages import Incoming, Left, Opened, Said, Tapped
from bot.conversation.records import Record, Viewed
from bot.conversation.screens import Screen
from bot.conversation.session import RECENT_EVENTS, Session
from bot.conversation.understand import understand


class Turn(NamedTuple):
    """What one Incoming caused: the session as it is now, the screens to show in order, the facts to keep in order."""

    session: Session
    replies: tuple[Screen, ...]
    records: tuple[Record, ...]


def respond(catalog: Catalog, session: Session, incoming: Incoming) -> Turn:
    """What happens when a person with this session does this.

    A function of values: it never waits, reads, sends, looks at the clock or throws dice, and never raises, whatever the
    session or the message. There is always a screen, except for somebody who left. It may be asked again with the same
    values (after a conflict in the store) and then says the same.
    """
    language = session.language or ""
    if language not in catalog.editions:
        language = catalog.guess(incoming.languages)
    current = catalog.find(language, session.screen) or catalog.editions[language].screens["home"]
    if incoming.id and incoming.id in session.recent:
        return Turn(session, (current,), ())
    recent = (*session.recent, incoming.id)[-RECENT_EVENTS:] if incoming.id else session.recent
    if isinstance(incoming, Left):
        return Turn(Session(language, current.address, recent, left=True), (), ())
    place = _place(catalog, current, incoming)
    if place is None:
        reply = _notice(catalog, replace(current, blocks=()), "not-understood")
        return Turn(Session(language, current.address, recent), (reply,), ())
    if place.language not in catalog.editions:
        place = place._replace(language=language)
    screen = catalog.find(place.language, place.address)
    if screen is None:
        screen = catalog.editions[place.language].screens["home"]
        reply = _notice(catalog, screen, "gone")
    else:
        reply = screen
    viewed = Viewed(incoming.at.date(), incoming.channel, screen.language, screen.address, place.campaign)
    return Turn(Session(screen.language, screen.address, recent), (reply,), (viewed,))


def _place(catalog: Catalog, current: Screen, incoming: Incoming) -> Place | None:
    """Where the person wants to go; None if that is not understood."""
    if isinstance(incoming, Tapped):
        return parse_token(incoming.token) or Place(current.language, "")
    if isinstance(incoming, Opened):
        return parse_payload(incoming.payload) or Place(current.language, "" if incoming.payload else "home")
    if isinstance(incoming, Said):
        goal = understand(catalog, current, incoming.text)
        return goal and Place(*goal)
    return None


def _notice(catalog: Catalog, screen: Screen, name: str) -> Screen:
    """The screen with a notice above its text."""
    return replace(screen, blocks=(catalog.editions[screen.language].notices[name], *screen.blocks))
