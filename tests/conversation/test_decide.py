"""respond(): links, languages, repeated events, people who left; and that any token and any session lead to a screen."""

import random
from datetime import UTC, date, datetime
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import Catalog, Left, Opened, Said, Session, Shared, Tapped, Turn, Viewed, respond, token

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
WHO = {"channel": "test", "person": "1", "at": NOW}


def first(catalog: Catalog, *languages: str) -> Turn:
    return respond(catalog, Session(), Opened(**WHO, languages=languages))


@pytest.mark.parametrize(
    ("languages", "language"),
    [
        ((), "vi"),
        (("vi-VN",), "vi"),
        (("en-GB",), "en"),
        (("km",), "km"),
        (("lo_LA",), "lo"),
        (("fr", "lo"), "lo"),
        (("th",), "en"),
        (("",), "vi"),
    ],
)
def test_the_language_is_guessed_at_the_first_message(catalog: Catalog, languages: tuple[str, ...], language: str) -> None:
    turn = first(catalog, *languages)

    assert (turn.session.language, turn.replies[0].language, turn.replies[0].address) == (language, language, "home")


def test_the_language_stays_whatever_the_app_says_later(catalog: Catalog) -> None:
    session = respond(catalog, first(catalog, "vi").session, Tapped(**WHO, token="km:home")).session

    later = respond(catalog, session, Said(**WHO, text="1", languages=("vi",)))

    assert later.replies[0].language == "km"


@pytest.mark.parametrize(
    ("payload", "place", "campaign"),
    [
        ("", ("vi", "home"), ""),
        ("en__covid_masks", ("en", "covid/masks"), ""),
        ("lo__help_now__moc-bai", ("lo", "help/now"), "moc-bai"),
        ("vi__covid_masks__<script>", ("vi", "covid/masks"), ""),
        ("vi__sos", ("vi", "help/now"), ""),  # renamed
        ("xx__covid_masks", ("vi", "covid/masks"), ""),
        ("vi__no_such_page", ("vi", "home"), ""),
        ("____", ("vi", "home"), ""),
        ("../../etc/passwd", ("vi", "home"), ""),
    ],
)
def test_a_link_leads_to_its_screen_in_its_language(
    catalog: Catalog, payload: str, place: tuple[str, str], campaign: str
) -> None:
    turn = respond(catalog, Session(), Opened(**WHO, payload=payload))

    assert (turn.session.language, turn.session.screen) == place
    assert turn.records == (Viewed(date(2026, 11, 21), "test", *place, campaign),)


def test_an_event_delivered_twice_is_applied_once_and_shows_the_current_screen(catalog: Catalog) -> None:
    once = respond(catalog, Session("vi"), Tapped(**WHO, id="7", token="vi:covid"))
    moved = respond(catalog, once.session, Tapped(**WHO, id="8", token="vi:covid/masks"))

    again = respond(catalog, moved.session, Tapped(**WHO, id="7", token="vi:covid"))

    assert again == Turn(moved.session, (moved.replies[0],), ())


def test_somebody_who_left_is_sent_nothing_until_they_write_again(catalog: Catalog) -> None:
    gone = respond(catalog, Session("en", "covid"), Left(**WHO))
    back = respond(catalog, gone.session, Opened(**WHO))

    assert (gone.replies, gone.records, gone.session) == ((), (), Session("en", "covid", left=True))
    assert (back.session.left, back.replies[0].language) == (False, "en")


def test_a_position_is_answered_with_what_is_near_and_not_kept(catalog: Catalog) -> None:
    turn = respond(catalog, Session("vi", "covid"), Shared(**WHO, latitude=11.1, longitude=106.2))

    assert turn.replies and turn.session == Session("vi", "services/near/hospital")


def test_an_old_button_whose_page_is_gone_leads_home_and_says_so(catalog: Catalog) -> None:
    turn = respond(catalog, Session("en"), Tapped(**WHO, token="en:covid/no-such-page"))

    assert turn.replies[0].address == "home"
    assert turn.replies[0].blocks[0] == catalog.editions["en"].notices["gone"]


OLD_SESSIONS: list[object] = [
    None,
    [],
    "x",
    7,
    {},
    {"language": "xx"},
    {"language": 7, "screen": None},
    {"screen": "gone/page"},
    {"language": "vi", "screen": ""},
    {"language": "km", "screen": "covid/masks", "recent": "abc"},
    {"recent": [1, None, {}], "left": "yes"},
    {"screen": ["home"]},
    {"language": "en", "screen": "language", "unknown": 1},
    {"recent": [str(n) for n in range(1000)]},
]
ODD_TOKENS = [
    "",
    ":",
    "vi:",
    ":home",
    "vi:home",
    "en:covid/masks",
    "xx:home",
    "vi:nowhere",
    "vi:covid//masks",
    "vi:/home",
    "vi:../secret",
    "VI:HOME",
    "vi:home\n",
    "vi:" + "a" * 5000,
    "vi:covid/masks/",
    "home",
    "vi:sos",
    "vi:form/x/y/z",
    "\ud800",
    "\x00",
    "vi:ខ្មែរ",
    "vi:home:home",
    "%76i:home",
]


@pytest.mark.parametrize("saved", OLD_SESSIONS, ids=range(len(OLD_SESSIONS)))
def test_any_old_session_and_any_odd_token_lead_to_a_screen(catalog: Catalog, saved: object) -> None:
    for odd in ODD_TOKENS:
        turn = respond(catalog, Session.from_dict(saved), Tapped(**WHO, token=odd))

        assert turn.replies[0].choices or turn.replies[0].ways, odd
        assert catalog.find(str(turn.session.language), turn.session.screen), odd
        assert Session.from_dict(turn.session.to_dict()) == turn.session, odd


@given(st.text())
@settings(max_examples=200)
def test_no_text_raises_or_leaves_a_person_without_a_screen(catalog: Catalog, text: str) -> None:
    for incoming in (Said(**WHO, text=text), Tapped(**WHO, token=text), Opened(**WHO, payload=text)):
        assert respond(catalog, Session(), incoming).replies


DEEDS = ("need/", "form/", "report/", "helpful/", "forget/", "exit")


@given(st.lists(st.tuples(st.integers(0, 999), st.booleans()), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_a_random_walk_never_gets_stuck(catalog: Catalog, steps: list[tuple[int, bool]]) -> None:
    turn = first(catalog)
    for number, (step, types) in enumerate(steps):
        screen = turn.replies[-1]
        ways = [*screen.choices, *screen.ways, *screen.languages]
        # Answers of forms, votes, reports and leaving have tests of their own.
        ways = [way for way in ways if catalog.find(way.language, way.address) and not way.address.startswith(DEEDS)]
        choice = ways[step % len(ways)]
        session = Session.from_dict(turn.session.to_dict())
        if types and choice in screen.choices:
            typed = str(screen.choices.index(choice) + 1)
            turn = respond(catalog, session, Said(**WHO, id=str(number), text=typed))
        else:
            turn = respond(catalog, session, Tapped(**WHO, id=str(number), token=token(choice.language, choice.address)))
        assert (turn.replies[0].language, turn.replies[0].address) == (
            choice.language,
            catalog.redirects.get(choice.address, choice.address),
        )
        assert turn.replies[0].ways


def test_every_screen_is_reached_by_tapping_in_every_language(catalog: Catalog) -> None:
    for language, edition in catalog.editions.items():
        found, queue = {"home"}, ["home"]
        for address in queue:
            screen = edition.screens[address]
            for choice in (*screen.choices, *screen.ways):
                led = catalog.find(language, choice.address)
                if led and led.address not in found:
                    found.add(led.address)
                    queue.append(led.address)
        questions = {address for address in edition.screens if address.startswith("form/") and address.count("/") > 1}
        assert found == set(edition.screens) - questions, language


# --- nobody's words hold up the others


def odd_texts(catalog: Catalog) -> dict[str, str]:
    """Ten thousand characters of what costs most, or is no language."""
    words = [word for word in catalog.index.features if "_" not in word]
    dice = random.Random(7)
    return {
        "one letter": "a" * 10_000,
        "one word": "cứu " * 2_500,
        "words of the pages": " ".join(dice.choices(words, k=1_500)),
        "words of the pages without spaces": "".join(dice.choices(words, k=1_500)),
        "no words": "".join(dice.choices("bcdghklmnprstvxaeiouy ", k=10_000)),
        "emoji": "🙂👨‍👩‍👧" * 2_000,
        "right to left": "\u202eمرحبا " * 1_400,
        "Khmer": "ជួយខ្ញុំផងគេចាប់ខ្ញុំ" * 500,
        "null bytes": "\x00" * 10_000,
        "lone surrogates": "\ud83d" * 10_000,
        "marks upon marks": "a" + "\u0301" * 9_999,
    }


def test_no_text_stalls_the_others(catalog: Catalog) -> None:
    for name, text in odd_texts(catalog).items():
        took = [1.0]
        while min(took) >= 0.05 and len(took) < 4:
            start = process_time()
            turn = respond(catalog, Session(language="vi"), Said(channel="test", person="1", at=NOW, text=text))
            took.append(process_time() - start)
        assert turn.replies
        assert min(took) < 0.05, name
