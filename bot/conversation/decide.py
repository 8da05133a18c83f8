"""The only place that decides what happens next. One door: respond()."""

from dataclasses import replace
from typing import NamedTuple

from bot.conversation.address import Place, parse_payload, parse_token
from bot.conversation.catalog import Catalog
from bot.conversation.directory import NEAR, SERVICE, near_screen, nearest, open_now, with_state
from bot.conversation.form_screens import old_question, shown
from bot.conversation.forms import BACK, FORM, Answers, Step, cleaned, step, walk
from bot.conversation.messages import Incoming, Left, Opened, Said, Shared, Tapped
from bot.conversation.records import Answered, Counted, Kind, Record, Unanswered, Viewed
from bot.conversation.screens import Screen
from bot.conversation.session import MOST_FORMS, RECENT_EVENTS, Session
from bot.conversation.understand import FOUND, common_words, found_screen, understand

# Addresses that do more than show a screen: a need is answered where the person is, the others are counted or carried out.
NEED, REPORT, HELPFUL, FORGET, EXIT = "need/", "report/", "helpful/", "forget/now", "exit"
DEEDS = (REPORT, HELPFUL, FORGET, EXIT)
# What most people look for who send their position.
HOSPITAL = "hospital"
NOTHING = Step(())


class Turn(NamedTuple):
    """What one Incoming caused: the session as it is now, the screens to show in order, the facts to keep in order.

    forget: all that is kept of this person has to be deleted, the session too.
    """

    session: Session
    replies: tuple[Screen, ...]
    records: tuple[Record, ...]
    forget: bool = False


def respond(catalog: Catalog, session: Session, incoming: Incoming) -> Turn:
    """What happens when a person with this session does this.

    A function of values: it never waits, reads, sends, looks at the clock or throws dice, and never raises, whatever the
    session or the message. There is always a screen, except for somebody who left. It may be asked again with the same
    values (after a conflict in the store) and then says the same. Help in danger comes before everything else.
    """
    language = session.language or ""
    if language not in catalog.editions:
        language = catalog.guess(incoming.languages)
    current = _find(catalog, session, Place(language, session.screen), incoming) or catalog.editions[language].screens["home"]
    asked = session.screen
    if incoming.id and incoming.id in session.recent:
        return Turn(session, (current,), ())
    if current.closing:  # they come back: it is home that they look at
        current = catalog.editions[language].screens["home"]
    session = replace(
        session,
        language=language,
        screen=current.address,
        recent=(*session.recent, incoming.id)[-RECENT_EVENTS:] if incoming.id else session.recent,
        left=False,
        found=session.found if current.address == FOUND else (),
    )
    if isinstance(incoming, Left):
        return Turn(replace(session, left=True), (), ())
    if isinstance(incoming, Shared):
        return _near(catalog, session, incoming)
    if isinstance(incoming, Said):
        # If the content changed since a question was shown, what is typed answers no other one.
        return _said(catalog, session, incoming, current, moved=asked != current.address and asked.startswith(FORM))
    if isinstance(incoming, Tapped):
        place = parse_token(incoming.token) or Place(language, "")
    else:
        opened = incoming.payload if isinstance(incoming, Opened) else ""
        place = parse_payload(opened) or Place(language, "" if opened else "home")
    return _show(catalog, session, incoming, (place,), "")


def _said(catalog: Catalog, session: Session, incoming: Said, current: Screen, *, moved: bool) -> Turn:
    """What typed words lead to. moved: the question that they were typed for is not there any more."""
    answer = understand(catalog, replace(current, address="home", choices=()) if moved else current, incoming.text)
    if moved and (answer.kind or not answer.places):
        return Turn(session, (old_question(current),), ())
    counted: tuple[Record, ...] = (_counted(incoming, answer.kind, current),) if answer.kind else ()
    if not answer.places:
        if words := common_words(catalog, incoming.text):
            counted = (*counted, Unanswered(incoming.at.date(), current.language, words))
        return Turn(session, (_notice(catalog, replace(current, blocks=()), "not-understood"),), counted)
    session = replace(session, found=answer.found or session.found)
    turn = _show(catalog, session, incoming, tuple(Place(*place) for place in answer.places), incoming.text)
    return turn._replace(records=(*counted, *turn.records))


def _show(catalog: Catalog, session: Session, incoming: Incoming, places: tuple[Place, ...], typed: str) -> Turn:
    """The screens at these places, in order; the session is then at the last one."""
    replies: list[Screen] = []
    records: list[Record] = []
    forget = False
    for wanted in places:
        place = wanted if wanted.language in catalog.editions else wanted._replace(language=session.language or catalog.source)
        if place.address.startswith(FORM):
            session, place, notice, done = _fill_in(catalog, session, incoming, place, typed)
            records += done
        else:
            session, notice = replace(session, forms=_unfinished(catalog, session) if session.forms else ()), NOTHING
        thanked = place.address.split("/", 2)[2] if place.address.startswith(HELPFUL) and place.address.count("/") > 1 else ""
        screen = _find(catalog, session, place._replace(address=thanked) if thanked else place, incoming, notice)
        if screen is None:
            screen = catalog.editions[place.language].screens["home"]
            replies.append(_notice(catalog, screen, "gone"))
        else:
            replies.append(_notice(catalog, screen, "thanks") if thanked else screen)
            if screen.address.startswith("services/"):
                session = replace(session, province=catalog.province(screen.address) or session.province)
            if place.address.startswith(DEEDS):
                records += _done(incoming, place.address, screen)
            forget = forget or screen.address == FORGET
        records.append(Viewed(incoming.at.date(), incoming.channel, screen.language, screen.address, place.campaign))
        if screen.address.startswith(FORM) and (leads_to := _leads_to(catalog, session, screen)):
            replies.append(leads_to)
    last = replies[-1]
    if forget or last.address == EXIT:
        session = Session(last.language, "home" if forget else EXIT, session.recent)
    else:
        found = session.found if last.address == FOUND else ()
        session = replace(session, language=last.language, screen=last.address, found=found)
    return Turn(session, tuple(replies), tuple(records), forget)


def _find(catalog: Catalog, session: Session, place: Place, incoming: Incoming, last: Step = NOTHING) -> Screen | None:
    """The screen at a place as it is for this person now; None if there is none."""
    edition = catalog.editions[place.language]
    if place.address == FOUND:
        return found_screen(catalog, place.language, session.found)
    need = place.address.removeprefix(NEED)
    if need != place.address and session.province in catalog.directory.provinces:
        return edition.screens.get(f"services/{session.province}/{need}")
    _, _, rest = place.address.partition(FORM)
    if (form := edition.forms.get(rest.partition("/")[0])) and "/" in rest:
        walked = walk(form, dict(session.forms).get(form.key, ()))
        asked = edition.screens[f"{FORM}{form.key}/{walked.at}"]
        return shown(form, asked, walked, last.before, last.notice, incoming.at.date())
    screen = catalog.find(place.language, place.address)
    if screen is None:
        return None
    hours, service = catalog.directory.hours, screen.address.removeprefix(SERVICE)
    if service in hours:
        screen = with_state(screen, hours[service], incoming.at)
    elif screen.address.endswith("/open"):
        screen = open_now(screen, hours, incoming.at)
    merged = "/".join(place.address.split("/")[:2])
    return _notice(catalog, screen, merged) if merged in edition.notices else screen


def _fill_in(
    catalog: Catalog, session: Session, incoming: Incoming, place: Place, typed: str
) -> tuple[Session, Place, Step, list[Record]]:
    """What an address of a form does to the answers; the place that is reached, and what there is to keep of it."""
    _, key, *rest = place.address.split("/")
    form = catalog.editions[place.language].forms.get(key)
    if form is None or not rest:
        return session, place, NOTHING, []
    before = dict(session.forms).get(key, ())
    last = step(form, before, rest, typed, catalog.find_province)
    others = tuple(entry for entry in session.forms if entry[0] != key)
    session = replace(session, forms=(*others, (key, last.answers))[-MOST_FORMS:])
    walked = walk(form, last.answers)
    if rest[1:] == [BACK] and not before:
        return session, place._replace(address=f"{FORM}{key}"), last, []
    records: list[Record] = []
    address = f"{FORM}{key}/{walked.at}"
    if last.before or not (last.answers or before):
        records.append(Counted(incoming.at.date(), "form", incoming.channel, place.language, address))
    ending = form.endings.get(walked.at)
    if form.survey and last.before and ending and ending.points is not None and key not in session.done:
        records.append(Answered(incoming.at.date(), key, place.language, cleaned(form, walked.answers)))
        session = replace(session, done=(*session.done, key))
    return session, place._replace(address=address), last, records


def _leads_to(catalog: Catalog, session: Session, screen: Screen) -> Screen | None:
    """The screen that follows an ending at once."""
    _, key, *rest = screen.address.split("/")
    form = catalog.editions[screen.language].forms.get(key)
    ending = form.endings.get(rest[0]) if form and rest else None
    return catalog.find(screen.language, ending.leads_to) if ending and ending.leads_to else None


def _unfinished(catalog: Catalog, session: Session) -> tuple[tuple[str, Answers], ...]:
    """Forms that somebody is in the middle of. What came out of a finished one is nobody's business once it was read."""
    forms = catalog.editions[session.language or catalog.source].forms

    def asks(key: str, answers: Answers) -> bool:
        return key in forms and walk(forms[key], answers).at in forms[key].questions

    return tuple(entry for entry in session.forms if asks(*entry))


def _done(incoming: Incoming, asked: str, screen: Screen) -> list[Record]:
    """What an address does besides showing a screen, as records."""
    if asked.startswith(REPORT):
        return [_counted(incoming, "report", screen, asked.removeprefix(REPORT))]
    if asked.startswith(HELPFUL):
        return [_counted(incoming, "helpful" if asked.startswith(f"{HELPFUL}yes/") else "not-helpful", screen)]
    if screen.address in (FORGET, EXIT):
        return [_counted(incoming, "forgotten" if screen.address == FORGET else "exit", screen)]
    return []


def _counted(incoming: Incoming, kind: Kind, screen: Screen, address: str = "") -> Counted:
    return Counted(incoming.at.date(), kind, incoming.channel, screen.language, address or screen.address)


def _near(catalog: Catalog, session: Session, incoming: Shared) -> Turn:
    """The five nearest services of the kind that was last looked for, hospitals otherwise; the position is not kept."""
    language = session.language or catalog.source
    edition, directory = catalog.editions[language], catalog.directory
    position = (incoming.latitude, incoming.longitude)
    if not (abs(position[0]) <= 90 and abs(position[1]) <= 180):  # no place on earth, or no number at all
        return Turn(session, (_notice(catalog, edition.screens["home"], "not-understood"),), ())
    province = directory.province(position)
    category = next((part for part in session.screen.split("/")[1:] if directory.services.get(part)), HOSPITAL)
    screen = edition.screens.get(f"{NEAR}/{category}")
    if screen is None:
        return Turn(session, (_notice(catalog, edition.screens["home"], "not-understood"),), ())
    found = [
        (kilometres, edition.screens[SERVICE + key], edition.cards[key])
        for kilometres, key in (nearest(directory.services[category], position) if province else [])
    ]
    where = (f"services/{province}/{category}", f"services/{province}") if province else ("countries",)
    said = "" if found else screen.labels["nothing_near" if province else "outside"]
    screen = near_screen(screen, found, [edition.screens[address] for address in where if address in edition.screens], said)
    viewed = Viewed(incoming.at.date(), incoming.channel, language, screen.address)
    return Turn(replace(session, screen=screen.address, found=()), (screen,), (viewed,))


def _notice(catalog: Catalog, screen: Screen, name: str) -> Screen:
    """The screen with a notice above its text."""
    return replace(screen, blocks=(catalog.editions[screen.language].notices[name], *screen.blocks))
