"""Forms, near me, forget me and quick exit in Telegram: whole visits against the server that checks Telegram's limits."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import yaml

from bot.app import House
from bot.conversation import Catalog
from bot.settings import Settings
from tests.channels.fake_telegram import (
    ROOT,
    TOKEN,
    FakeTelegram,
    Fault,
    Message,
    Pauses,
    Person,
    opened,
    small_content,
)
from tests.channels.faults import Logs
from tests.channels.test_telegram_kill import Moment, bots

NUMBERS = count(7_770_001)
HOME, SOS = "🤝 Đồng Hành", "🆘 Cần giúp ngay"
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house")
    database = f"sqlite+aiosqlite:///{folder}/bot.db"
    return House(
        Settings(telegram_token=TOKEN, database_url=database, content_dir=ROOT / "content", locales_dir=ROOT / "locales")
    )


@pytest.fixture
async def pauses(house: House, server: FakeTelegram, public: str, logs: Logs) -> AsyncIterator[Pauses]:
    """The house is open; how long its Telegram door would have waited, so far."""
    async with opened(house, server, public=public) as (_, pauses):
        yield pauses


def troubles(logs: Logs) -> Logs:
    return [entry for entry in logs if entry["log_level"] in ("warning", "error", "critical")]


def shows(person: Person) -> list[Message]:
    return [message for message in person.messages if message.ours]


async def start(server: FakeTelegram, language: str = "vi", payload: str = "") -> Person:
    person = server.person(next(NUMBERS), language)
    person.says(f"/start {payload}".strip())
    await server.settled()
    return person


async def taps(server: FakeTelegram, person: Person, *labels: str) -> None:
    for label in labels:
        person.taps(label)
        await server.settled()


# Forms


@pytest.mark.parametrize("language", ["vi", "en", "km", "lo"])
async def test_a_whole_form_is_filled_in_in_one_message(
    catalog: Catalog, server: FakeTelegram, pauses: Pauses, logs: Logs, language: str
) -> None:
    edition = catalog.editions[language]
    mai = await start(server, language, f"{language}__form_frontline-quiz")
    await taps(server, mai, edition.screens["home"].labels["begin"])
    form = edition.forms["frontline-quiz"]
    for number, question in enumerate(form.questions.values(), 1):
        assert edition.screens["home"].labels["question"].format(number=number, all=15) in mai.shown.text
        await taps(server, mai, next(option.label for option in question.options.values() if option.right))

    assert datetime.now(UTC).strftime("%d/%m/%Y") in mai.shown.text
    assert len(shows(mai)) == 1
    assert edition.screens["home"].labels["restart"] in mai.shown.labels
    assert (server.refusals, server.unanswered, troubles(logs), pauses) == ([], [], [], [])


async def test_every_way_out_of_the_question_is_under_it(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server, payload="vi__form_access-survey")
    await taps(server, mai, "▶️ Bắt đầu, hoặc làm tiếp")

    assert {"Bỏ qua câu này", "Dừng ở đây, làm tiếp sau", SOS, "‹ Quay lại"} <= set(mai.shown.labels)
    await taps(server, mai, "Bỏ qua câu này")
    assert {"Tây Ninh", "Hà Nội", "Bỏ qua câu này"} <= set(mai.shown.labels)
    await taps(server, mai, "‹ Quay lại", "‹ Quay lại")
    assert "▶️ Bắt đầu, hoặc làm tiếp" in mai.shown.labels


async def test_a_danger_sign_shows_the_ending_and_then_help(server: FakeTelegram, pauses: Pauses, logs: Logs) -> None:
    mai = await start(server, payload="vi__form_covid-check")
    await taps(server, mai, "▶️ Bắt đầu, hoặc làm tiếp", "Có")

    ending, medical = shows(mai)[-2:]
    assert "115" in ending.text
    assert "Đừng đi một mình" in ending.text
    assert medical.changed > ending.changed
    assert "115" in medical.text
    assert troubles(logs) == []


async def test_the_same_tap_delivered_twice_answers_once(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server, payload="vi__form_job-offer")
    server.twice = True

    await taps(server, mai, "▶️ Bắt đầu, hoặc làm tiếp", "Có", "Không", "Không, họ nói rõ")

    assert "Câu 4/12" in mai.shown.text


async def test_an_impatient_thumb_answers_one_question(server: FakeTelegram, pauses: Pauses, logs: Logs) -> None:
    mai = await start(server, payload="vi__form_job-offer")
    await taps(server, mai, "▶️ Bắt đầu, hoặc làm tiếp")
    shown = mai.shown

    for _ in range(4):
        mai.calls_back("vi:form/job-offer/easy/yes", shown)
    await server.settled()

    assert "Câu 2/12" in mai.shown.text
    assert (server.unanswered, troubles(logs)) == ([], [])


async def test_a_tap_under_an_old_message_says_so_and_changes_nothing(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server, payload="vi__form_job-offer")
    await taps(server, mai, "▶️ Bắt đầu, hoặc làm tiếp", "Có", "Có")
    mai.says("sos")
    await server.settled()
    old = shows(mai)[-2]

    mai.calls_back("vi:form/job-offer/easy/no", old)
    await server.settled()

    assert "Câu đó đã qua" in mai.shown.text
    assert "Câu 3/12" in mai.shown.text


async def test_who_types_their_answers_gets_through_as_well(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server, payload="vi__form_access-survey")
    for text in ("1", "1", "Long An", "25–34", "bỏ qua câu này", "tôi muốn chết", "2"):
        mai.says(text)
        await server.settled()

    titles = [message.text for message in shows(mai)]
    assert any("Câu 5/12" in text for text in titles)
    assert "Câu 6/12" in mai.shown.text, "help came first, then the same question, then its answer"


KILLED = ["Có", "Không", "Không, họ nói rõ", "Có", "Không rõ"]


def with_form(content: Path) -> None:
    """Put the job offer back, without what leads to pages that a small house does not have."""
    form = yaml.safe_load((ROOT / "content/forms/job-offer.yaml").read_text("utf-8"))
    form["see_also"] = []
    form["endings"] = {key: {"points": ending["points"], "text": "Một câu."} for key, ending in form["endings"].items()}
    (content / "forms").mkdir()
    (content / "forms/job-offer.yaml").write_text(yaml.safe_dump(form, allow_unicode=True, sort_keys=False), "utf-8")
    bot = yaml.safe_load((content / "bot.yaml").read_text("utf-8"))
    bot["home"].append("form/job-offer")
    (content / "bot.yaml").write_text(yaml.safe_dump(bot, allow_unicode=True), "utf-8")


async def test_after_a_kill_in_the_middle_the_form_goes_on_at_the_right_question(tmp_path: Path) -> None:
    with_form(small_content(tmp_path))
    async with FakeTelegram() as server, bots(server, tmp_path) as running:
        mai = server.person(1)
        await running.start()
        mai.says("/start vi__form_job-offer")
        await server.until(lambda: mai.title)
        mai.taps("▶️ Bắt đầu, hoặc làm tiếp")
        for number, label in enumerate(KILLED, 1):
            await server.until(lambda number=number: f"Câu {number}/12" in mai.shown.text)
            # It dies after the answer was saved and before anybody saw the next question.
            server.script = moment = Moment("editMessageText", 1, carried_out=bool(number % 2))
            mai.taps(label)
            await asyncio.wait_for(moment.reached.wait(), 60)
            await running.end(9)
            server.script = lambda call: None
            await running.start()
        await server.until(lambda: "Câu 6/12" in mai.shown.text)
        await server.settled()
        await running.end(15)

    with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
        (session,) = database.execute("SELECT session FROM sessions").fetchone()
    wanted = '["job-offer", ["easy", "yes"], ["stranger", "no"], ["company", "no"], ["hurry", "yes"], ["route", "unsure"]]'
    assert wanted in session
    assert server.unanswered == []


# Near me


async def test_a_position_that_is_shared_brings_the_nearest_places_and_is_kept_nowhere(
    house: House, server: FakeTelegram, pauses: Pauses, logs: Logs, tmp_path: Path
) -> None:
    mai = await start(server, payload="vi__services_near")
    assert mai.keyboard == [[{"text": "📍 Gửi vị trí của tôi", "request_location": True}]]

    mai.shares(10.7573, 106.6594)
    await server.settled()

    assert "km" in mai.shown.text
    assert mai.keyboard == [], "its button has done its work"
    session, _ = await house.store.load("telegram", str(mai.number))
    assert "10.7" not in str(session)
    assert "106.6" not in str(session)
    assert (server.refusals, troubles(logs)) == ([], [])


async def test_a_position_abroad_says_so_and_leads_to_the_countries(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server, payload="vi__services_near")

    mai.shares(48.85, 2.35)
    await server.settled()

    assert "Vị trí này không ở Việt Nam" in mai.shown.text
    assert SOS in mai.shown.labels


# Forget me, quick exit


async def test_forget_me_is_two_taps_away_and_says_what_stays(house: House, server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server, "en", "vi__form_job-offer")
    await taps(server, mai, "▶️ Bắt đầu, hoặc làm tiếp", "Có")
    mai.says("quên tôi")
    await server.settled()
    await taps(server, mai, "🧹 Xóa hết ngay")

    assert "Không xóa được: tin nhắn" in mai.shown.text
    session, revision = await house.store.load("telegram", str(mai.number))
    assert (session.forms, revision) == ((), 0)
    mai.says("/start")
    await server.settled()
    assert "Hello" in mai.shown.text or mai.title == HOME, "somebody new, in the language of their phone"


def neutral(catalog: Catalog, language: str = "vi") -> str:
    """The whole text, without a word on who wrote or translated it."""
    return "\n\n".join(block.text.plain for block in catalog.editions[language].screens["exit"].blocks if block.kind == "text")


@pytest.mark.parametrize("by", ["/exit", "thoát", "tap"])
async def test_quick_exit_leaves_one_neutral_sentence_and_nothing_else(
    catalog: Catalog, house: House, server: FakeTelegram, pauses: Pauses, logs: Logs, by: str
) -> None:
    mai = await start(server)
    for text in ("sos", "tôi muốn chết", "#services-near", "#form-danger"):
        mai.says(text)
        await server.settled()
    mai.shares(10.7, 106.6)
    await server.settled()
    assert len(mai.messages) > 10

    if by == "tap":
        mai.says("#settings")
        await server.settled()
        await taps(server, mai, catalog.editions["vi"].screens["exit"].title)
    else:
        mai.says(by)
    await server.settled()

    assert [message.text for message in mai.messages] == [neutral(catalog)]
    assert (mai.shown.rows, mai.keyboard) == ([], [])
    assert "Đồng Hành" not in mai.shown.text
    session, _ = await house.store.load("telegram", str(mai.number))
    assert (session.forms, session.province, session.found) == ((), "", ())
    assert (server.refusals, troubles(logs)) == ([], [])


@pytest.mark.parametrize("language", ["en", "km", "lo"])
async def test_the_neutral_sentence_stands_alone_in_every_language(
    catalog: Catalog, server: FakeTelegram, pauses: Pauses, language: str
) -> None:
    noy = await start(server, language)

    noy.says("/exit")
    await server.settled()

    assert [message.text for message in noy.messages] == [neutral(catalog, language)]


async def test_quick_exit_touches_nobody_elses_chat(catalog: Catalog, server: FakeTelegram, pauses: Pauses) -> None:
    mai, noy = await start(server), await start(server, "lo")
    for _ in range(3):
        for person in (mai, noy):
            person.says("sos")
        await server.settled()
    before = list(noy.messages)

    mai.says("/exit")
    await server.settled()

    assert [message.text for message in mai.messages] == [neutral(catalog)]
    assert noy.messages == before


async def test_quick_exit_deletes_what_is_younger_than_48_hours(catalog: Catalog, server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server)
    mai.says("sos")
    await server.settled()
    old = list(mai.messages)
    for message in old:
        message.age = 49
    mai.says("1")
    await server.settled()

    mai.says("/exit")
    await server.settled()

    assert mai.messages[:-1] == old
    assert mai.messages[-1].text == neutral(catalog)


async def test_after_quick_exit_start_begins_at_home(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server)
    mai.says("#form-danger")
    mai.says("/exit")
    await server.settled()

    mai.says("/start")
    await server.settled()

    assert mai.title == HOME
    mai.says("1")
    await server.settled()
    assert mai.title == "🦠 COVID-19 và dịch bệnh"


async def test_what_is_typed_after_quick_exit_is_answered_and_deletes_nothing(server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server)
    mai.says("/exit")
    await server.settled()
    made = len(server.made("deleteMessages"))

    mai.says("xyzzy")
    mai.says("khẩu trang")
    await server.settled()

    assert mai.title == "Khi nào nên đeo khẩu trang"
    assert len(server.made("deleteMessages")) == made


async def test_quick_exit_that_comes_twice_shows_nothing_else(catalog: Catalog, server: FakeTelegram, pauses: Pauses) -> None:
    mai = await start(server)
    server.twice = True
    mai.says("sos")
    await server.settled()

    mai.says("/exit")
    await server.settled()

    assert {message.text for message in mai.messages} == {neutral(catalog)}


async def test_quick_exit_whose_answer_fails_is_carried_out_when_it_comes_again(
    catalog: Catalog, server: FakeTelegram, pauses: Pauses
) -> None:
    mai = await start(server)
    mai.says("sos")
    await server.settled()
    server.fail("sendMessage", Fault(code=429, retry_after=3600))

    mai.says("/exit")
    await server.settled()

    assert {message.text for message in mai.messages} == {neutral(catalog)}


REFUSALS = {"400": Fault(code=400, description="message can't be deleted for everyone"), "500": Fault(code=500)}


@pytest.mark.parametrize("fault", REFUSALS.values(), ids=REFUSALS)
async def test_where_telegram_deletes_nothing_the_neutral_sentence_stands_last(
    catalog: Catalog, server: FakeTelegram, pauses: Pauses, fault: Fault
) -> None:
    mai = await start(server)
    server.fail("deleteMessages", *[fault] * 30)

    mai.says("/exit")
    await server.settled()

    assert mai.messages[-1].text == neutral(catalog)
    assert server.unanswered == []
