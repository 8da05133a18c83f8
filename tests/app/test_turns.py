"""Turns: one person in order and everybody else at once; whatever the store does there is a screen; nothing counts twice."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import REGISTRY

from bot.conversation import Catalog, Incoming, Left, Opened, Record, Said, Session, Tapped, Turn
from bot.turns import ATTEMPTS, Conflict, Turns, Unavailable

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ANNA: dict[str, Any] = {"channel": "telegram", "person": "1", "at": NOW}
BINH: dict[str, Any] = {"channel": "telegram", "person": "2", "at": NOW}
SOON = 5


class MemoryStore:
    """Keeps everything in memory, with revisions, as a database would."""

    def __init__(self) -> None:
        self.sessions: dict[tuple[str, str], tuple[Session, int]] = {}
        self.records: list[Record] = []

    async def load(self, channel: str, person: str) -> tuple[Session, int]:
        return self.sessions.get((channel, person), (Session(), 0))

    async def save(self, channel: str, person: str, session: Session, revision: int, records: Sequence[Record]) -> None:
        if self.sessions.get((channel, person), (Session(), 0))[1] != revision:
            raise Conflict
        self.sessions[channel, person] = (session, revision + 1)
        self.records += records

    async def keep(self, records: Sequence[Record]) -> None:
        self.records += records

    def addresses(self) -> list[str]:
        return [record.address for record in self.records]


class RivalStore(MemoryStore):
    """Another process saves the same person's session first, so many times."""

    def __init__(self, times: int, rival: Session) -> None:
        super().__init__()
        self.times = times
        self.rival = rival

    async def save(self, channel: str, person: str, session: Session, revision: int, records: Sequence[Record]) -> None:
        if self.times:
            self.times -= 1
            self.sessions[channel, person] = (self.rival, revision + 1)
        await super().save(channel, person, session, revision, records)


class BrokenStore(MemoryStore):
    """Does not answer: at all, or only when something is to be written (a full disk, a database that became read-only)."""

    def __init__(self, *, reads: bool) -> None:
        super().__init__()
        self.reads = reads

    async def load(self, channel: str, person: str) -> tuple[Session, int]:
        if not self.reads:
            raise Unavailable
        return await super().load(channel, person)

    async def save(self, channel: str, person: str, session: Session, revision: int, records: Sequence[Record]) -> None:
        raise Unavailable

    async def keep(self, records: Sequence[Record]) -> None:
        raise Unavailable


async def take(turns: Turns, incoming: Incoming) -> Turn:
    async with turns.turn(incoming) as turn:
        return turn


def shown(turn: Turn) -> list[tuple[str, str]]:
    return [(screen.language, screen.address) for screen in turn.replies]


def unsaved() -> float:
    return REGISTRY.get_sample_value("bot_turns_unsaved_total", {"channel": "telegram"}) or 0


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def turns(catalog: Catalog, store: MemoryStore) -> Turns:
    return Turns(lambda: catalog, store)


# --- the usual


async def test_a_turn_shows_the_screen_remembers_it_and_counts_it_once(turns: Turns, store: MemoryStore) -> None:
    turn = await take(turns, Tapped(**ANNA, id="t1", token="km:covid/masks"))
    assert shown(turn) == [("km", "covid/masks")]
    assert store.sessions == {("telegram", "1"): (Session("km", "covid/masks", ("t1",)), 1)}
    assert store.addresses() == ["covid/masks"]


async def test_the_second_turn_goes_on_where_the_first_ended(turns: Turns, catalog: Catalog) -> None:
    await take(turns, Tapped(**ANNA, token="lo:covid"))
    turn = await take(turns, Said(**ANNA, text="3"))
    choice = catalog.editions["lo"].screens["covid"].choices[2]
    assert shown(turn) == [("lo", choice.address)]


async def test_somebody_who_left_is_remembered_and_gets_no_reply(turns: Turns, store: MemoryStore) -> None:
    await take(turns, Opened(**ANNA))
    turn = await take(turns, Left(**ANNA))
    assert turn.replies == ()
    assert store.sessions["telegram", "1"][0].left
    await take(turns, Opened(**ANNA))
    assert not store.sessions["telegram", "1"][0].left


# --- in order, and at once


async def test_one_person_waits_until_the_replies_before_are_sent_and_others_do_not(turns: Turns) -> None:
    log: list[str] = []
    sending, sent, other = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with turns.turn(Tapped(**ANNA, token="vi:covid")):
            sending.set()
            await sent.wait()
            log.append("first is sent")

    async def second() -> None:
        async with turns.turn(Tapped(**ANNA, token="vi:health")):
            log.append("second is taken")

    async def somebody_else() -> None:
        async with turns.turn(Tapped(**BINH, token="vi:covid")):
            log.append("somebody else is served")
            other.set()

    async with asyncio.timeout(SOON), asyncio.TaskGroup() as at_once:
        at_once.create_task(first())
        await sending.wait()
        at_once.create_task(second())
        at_once.create_task(somebody_else())
        await other.wait()
        assert log == ["somebody else is served"]
        sent.set()
    assert log == ["somebody else is served", "first is sent", "second is taken"]


async def test_many_events_of_one_person_at_once_are_taken_in_the_order_they_came(turns: Turns, store: MemoryStore) -> None:
    addresses = ["covid", "migration", "health", "frontline", "settings"] * 10
    async with asyncio.timeout(SOON):
        taps = (Tapped(**ANNA, id=f"t{n}", token=f"en:{address}") for n, address in enumerate(addresses))
        turns_taken = await asyncio.gather(*(take(turns, tap) for tap in taps))
    assert [shown(turn) for turn in turns_taken] == [[("en", address)] for address in addresses]
    assert store.addresses() == addresses
    assert store.sessions["telegram", "1"] == (Session("en", "settings", tuple(f"t{n}" for n in range(18, 50))), 50)


async def test_a_hundred_people_are_served_at_the_same_time(turns: Turns) -> None:
    everybody = asyncio.Barrier(100)

    async def visit(person: str) -> None:
        async with turns.turn(Opened(channel="telegram", person=person, at=NOW)):
            await everybody.wait()  # nobody leaves before all are in

    async with asyncio.timeout(SOON):
        await asyncio.gather(*(visit(str(number)) for number in range(100)))


async def test_the_same_id_in_two_channels_is_two_people_who_do_not_wait_for_each_other(turns: Turns) -> None:
    async with asyncio.timeout(SOON), turns.turn(Opened(**ANNA)):
        await take(turns, Opened(channel="zalo", person="1", at=NOW))


async def test_a_reply_that_could_not_be_sent_does_not_lock_the_person_out(turns: Turns) -> None:
    with pytest.raises(ConnectionResetError):
        async with turns.turn(Opened(**ANNA)):
            raise ConnectionResetError
    async with asyncio.timeout(SOON):
        assert shown(await take(turns, Tapped(**ANNA, token="vi:covid"))) == [("vi", "covid")]


# --- conflicts


async def test_after_a_conflict_the_conversation_is_asked_again_with_what_the_other_process_saved(catalog: Catalog) -> None:
    store = RivalStore(1, Session("km", "covid"))
    store.sessions["telegram", "1"] = (Session("vi", "home"), 4)
    turn = await take(Turns(lambda: catalog, store), Said(**ANNA, id="u1", text="3"))
    choice = catalog.editions["km"].screens["covid"].choices[2]
    assert shown(turn) == [("km", choice.address)]
    assert store.sessions["telegram", "1"] == (Session("km", choice.address, ("u1",)), 6)
    assert store.addresses() == [choice.address]


async def test_conflicts_are_asked_again_until_the_last_attempt(catalog: Catalog) -> None:
    store = RivalStore(ATTEMPTS - 1, Session("km", "covid"))
    before = unsaved()
    await take(Turns(lambda: catalog, store), Tapped(**ANNA, token="km:covid/masks"))
    assert store.sessions["telegram", "1"] == (Session("km", "covid/masks"), ATTEMPTS)
    assert store.addresses() == ["covid/masks"]
    assert unsaved() == before


async def test_after_five_conflicts_in_a_row_there_is_still_the_screen_and_nothing_is_counted(catalog: Catalog) -> None:
    assert ATTEMPTS == 5
    store = RivalStore(ATTEMPTS, Session("km", "covid"))
    before = unsaved()
    turn = await take(Turns(lambda: catalog, store), Tapped(**ANNA, token="km:covid/masks"))
    assert shown(turn) == [("km", "covid/masks")]
    assert store.sessions["telegram", "1"] == (Session("km", "covid"), ATTEMPTS)
    assert store.addresses() == []
    assert unsaved() == before + 1


async def test_after_five_conflicts_typed_words_are_still_understood_where_the_person_is(catalog: Catalog) -> None:
    store = RivalStore(ATTEMPTS, Session("km", "covid"))
    turn = await take(Turns(lambda: catalog, store), Said(**ANNA, text="3"))
    assert shown(turn) == [("km", catalog.editions["km"].screens["covid"].choices[2].address)]


# --- the database is away


@pytest.mark.parametrize("reads", [False, True])
@pytest.mark.parametrize("language", ["vi", "en", "km", "lo"])
async def test_without_a_database_a_button_still_shows_its_screen_in_its_language(
    catalog: Catalog, language: str, *, reads: bool
) -> None:
    before = unsaved()
    turn = await take(Turns(lambda: catalog, BrokenStore(reads=reads)), Tapped(**ANNA, id="t1", token=f"{language}:help/now"))
    assert shown(turn) == [(language, "help/now")]
    assert unsaved() == before + 1


async def test_without_a_database_typed_words_are_answered_in_the_language_of_the_app(catalog: Catalog) -> None:
    said = Said(**ANNA, languages=("km-KH",), text="khau trang")
    assert shown(await take(Turns(lambda: catalog, BrokenStore(reads=False)), said)) == [("km", "covid/masks")]


async def test_when_only_saving_fails_typed_words_are_still_understood_where_the_person_is(catalog: Catalog) -> None:
    store = BrokenStore(reads=True)
    store.sessions["telegram", "1"] = (Session("km", "covid"), 4)
    turn = await take(Turns(lambda: catalog, store), Said(**ANNA, text="3"))
    assert shown(turn) == [("km", catalog.editions["km"].screens["covid"].choices[2].address)]


async def test_somebody_who_carries_their_session_loses_only_the_count_when_the_database_is_away(catalog: Catalog) -> None:
    turns = Turns(lambda: catalog, BrokenStore(reads=False))
    carried = await turns.carried(Session("lo", "covid"), Said(channel="web", person="", at=NOW, text="3"))
    choice = catalog.editions["lo"].screens["covid"].choices[2]
    assert shown(carried) == [("lo", choice.address)]
    assert carried.session == Session("lo", choice.address)


async def test_of_somebody_who_carries_their_session_only_the_count_is_stored(turns: Turns, store: MemoryStore) -> None:
    await turns.carried(Session("lo", "covid"), Tapped(channel="web", person="", at=NOW, token="lo:covid/masks"))
    assert store.sessions == {}
    assert store.addresses() == ["covid/masks"]


# --- delivered twice


async def test_an_event_that_is_delivered_again_shows_the_current_screen_and_counts_nothing(
    turns: Turns, store: MemoryStore
) -> None:
    opened = Opened(**ANNA, id="u1", payload="km__covid_masks__moc-bai")
    await take(turns, opened)
    await take(turns, Tapped(**ANNA, id="t2", token="km:help/now"))
    kept, counted = dict(store.sessions), list(store.records)
    for again in (opened, Tapped(**ANNA, id="t2", token="km:help/now")):
        assert shown(await take(turns, again)) == [("km", "help/now")]
    assert (store.sessions, store.records) == (kept, counted)


async def test_an_event_that_is_delivered_twice_at_once_is_counted_once(turns: Turns, store: MemoryStore) -> None:
    tap = Tapped(**ANNA, id="t1", token="km:covid/masks")
    taken = await asyncio.gather(*(take(turns, tap) for _ in range(5)))
    assert [shown(turn) for turn in taken] == [[("km", "covid/masks")]] * 5
    assert store.addresses() == ["covid/masks"]


async def test_an_event_without_an_id_is_never_taken_for_a_repeated_one(turns: Turns, store: MemoryStore) -> None:
    for _ in range(2):
        await take(turns, Tapped(**ANNA, token="km:covid/masks"))
    assert store.addresses() == ["covid/masks", "covid/masks"]


# --- the catalog or the session is from another day


class Shelf:
    """Holds the catalog that is current, as the house does when the content is corrected while people write."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def __call__(self) -> Catalog:
        return self.catalog


def without(catalog: Catalog, *, language: str = "", address: str = "") -> Catalog:
    editions = {
        name: replace(edition, screens={at: screen for at, screen in edition.screens.items() if at != address})
        for name, edition in catalog.editions.items()
        if name != language
    }
    return replace(catalog, editions=editions)


async def test_a_correction_is_shown_from_the_next_turn_on(catalog: Catalog, store: MemoryStore) -> None:
    shelf = Shelf(catalog)
    turns = Turns(shelf, store)
    tap = Tapped(**ANNA, token="vi:covid/masks")
    old = (await take(turns, tap)).replies[0]
    edition = catalog.editions["vi"]
    corrected = replace(old, title="Khẩu trang, bản sửa")
    screens = {**edition.screens, "covid/masks": corrected}
    shelf.catalog = replace(catalog, editions={**catalog.editions, "vi": replace(edition, screens=screens)})
    assert (await take(turns, tap)).replies == (corrected,)


async def test_somebody_on_a_screen_that_was_taken_away_goes_on_from_home(catalog: Catalog, store: MemoryStore) -> None:
    shelf = Shelf(catalog)
    turns = Turns(shelf, store)
    await take(turns, Tapped(**ANNA, token="lo:covid/masks"))
    shelf.catalog = without(catalog, address="covid/masks")
    turn = await take(turns, Said(**ANNA, text="1"))
    assert shown(turn) == [("lo", shelf.catalog.editions["lo"].screens["home"].choices[0].address)]


async def test_a_button_to_a_screen_that_was_taken_away_leads_home_and_says_so(catalog: Catalog, store: MemoryStore) -> None:
    turns = Turns(Shelf(without(catalog, address="covid/masks")), store)
    turn = await take(turns, Tapped(**ANNA, token="lo:covid/masks"))
    assert shown(turn) == [("lo", "home")]
    assert turn.replies[0].blocks[0] == catalog.editions["lo"].notices["gone"]


@pytest.mark.parametrize(("languages", "expected"), [((), "vi"), (("en-GB",), "en"), (("lo",), "en"), (("de", "km"), "km")])
async def test_somebody_whose_language_is_no_longer_there_goes_on_in_the_one_that_fits_best(
    catalog: Catalog, store: MemoryStore, languages: tuple[str, ...], expected: str
) -> None:
    turns = Turns(Shelf(without(catalog, language="lo")), store)
    store.sessions["telegram", "1"] = (Session("lo", "covid"), 7)
    turn = await take(turns, Said(**ANNA, languages=languages, text="3"))
    choice = catalog.editions[expected].screens["covid"].choices[2]
    assert shown(turn) == [(expected, choice.address)]
    assert store.sessions["telegram", "1"] == (Session(expected, choice.address), 8)
