"""The only place that decides what happens next. One door: respond()."""

from dataclasses import replace
from typing import NamedTuple

from bot.conversation.address import Place, parse_payload, parse_token
from bot.conversation.catalog import Catalog
from bot.conversation.messages import Incoming, Left, Opened, Said, Tapped
from bot.conversation.records import Record, Viewed
from bot.conversation.screens import Screen
from bot.conversation.session import RECENT_EVENTS, Session
from bot.conversation.understand import FOUND, found_screen, understand


class Turn(NamedTuple):
    """What one Incoming caused: the session as it is now, the screens to show in order, the facts to keep in order."""

    session: Session
    replies: tuple[Screen, ...]
    records: tuple[Record, ...]


def respond(catalog: Catalog, session: Session, incoming: Incoming) -> Turn:
    """What happens when a person with this session does this.

    A function of values: it never waits, reads, sends, looks at the clock or throws dice, and never raises, whatever the
    session or the message. There is always a screen, except for somebody who left. It may be asked again with the same
    values (after a conflict in the store) and then says the same. Help in danger comes before everything else.
    """
    language = session.language or ""
    if language not in catalog.editions:
        language = catalog.guess(incoming.languages)
    edition = catalog.editions[language]
    current = found_screen(edition, session.found) if session.screen == FOUND else catalog.find(language, session.screen)
    current = current or edition.screens["home"]
    if incoming.id and incoming.id in session.recent:
        return Turn(session, (current,), ())
    recent = (*session.recent, incoming.id)[-RECENT_EVENTS:] if incoming.id else session.recent
    session = Session(language, current.address, recent, found=session.found if current.address == FOUND else ())
    if isinstance(incoming, Left):
        return Turn(replace(session, left=True), (), ())
    if isinstance(incoming, Tapped):
        places: tuple[Place, ...] = (parse_token(incoming.token) or Place(language, ""),)
    elif isinstance(incoming, Opened):
        places = (parse_payload(incoming.payload) or Place(language, "" if incoming.payload else "home"),)
    elif isinstance(incoming, Said):
        answer = understand(catalog, current, incoming.text)
        places = tuple(Place(*place) for place in answer.places)
        session = replace(session, found=answer.found or session.found)
    else:
        places = ()
    if not places:
        return Turn(session, (_notice(catalog, replace(current, blocks=()), "not-understood"),), ())
    return _show(catalog, session, incoming, places)


def _show(catalog: Catalog, session: Session, incoming: Incoming, places: tuple[Place, ...]) -> Turn:
    """The screens at these places, in order; the session is then at the last one."""
    replies: list[Screen] = []
    records: list[Record] = []
    for place in places:
        language = place.language if place.language in catalog.editions else session.language or catalog.source
        if place.address == FOUND:
            screen = found_screen(catalog.editions[language], session.found)
        else:
            screen = catalog.find(language, place.address)
        if screen is None:
            screen = catalog.editions[language].screens["home"]
            replies.append(_notice(catalog, screen, "gone"))
        else:
            replies.append(screen)
        records.append(Viewed(incoming.at.date(), incoming.channel, language, screen.address, place.campaign))
    last = replies[-1]
    found = session.found if last.address == FOUND else ()
    return Turn(replace(session, language=last.language, screen=last.address, found=found), tuple(replies), tuple(records))


def _notice(catalog: Catalog, screen: Screen, name: str) -> Screen:
    """The screen with a notice above its text."""
    return replace(screen, blocks=(catalog.editions[screen.language].notices[name], *screen.blocks))
