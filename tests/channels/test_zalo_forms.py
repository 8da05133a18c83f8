"""Forms, forget me and quick exit in Zalo, where people type and a bot cannot take anything back: it says so."""

from pathlib import Path
from typing import Any

import pytest

from bot.channels import zalo_bot, zalo_oa
from bot.channels.render import Capabilities, render
from bot.conversation import Catalog
from tests.channels.fake_zalo_oa import FakeZaloOa, Visit


async def says(visit: Visit, person: Any, *texts: str) -> str:
    """Type one text after the other; the last answer."""
    for text in texts:
        answer = await visit.answer(person, text)
    return answer


@pytest.mark.parametrize("language", ["vi", "en", "km", "lo"])
@pytest.mark.parametrize("can", [zalo_bot.CAN, zalo_oa.CAN], ids=["zalo bot", "zalo oa"])
def test_quick_exit_says_that_the_person_must_delete_the_chat(catalog: Catalog, can: Capabilities, language: str) -> None:
    screen = catalog.editions[language].screens["exit"]

    outgoing = render(screen, can)

    (text,) = outgoing.parts
    assert text == f"{screen.blocks[-1].text.plain}\n\n{screen.labels['delete_chat']}", "and nothing else"
    assert outgoing.buttons == ()
    assert "Đồng Hành" not in text


async def test_a_form_is_filled_in_by_numbers_and_words(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person(7001)
    first = await says(visit, mai, "#form-access-survey", "1")
    assert "Câu 1/12" in first
    assert "1. Đi làm, đi học xa quê ở Việt Nam" in first

    assert "Câu 2/12" in await says(visit, mai, "2")
    assert "Mình chưa nhận ra tỉnh này" in await says(visit, mai, "nơi xa lắm")
    assert "Câu 3/12" in await says(visit, mai, "binh duong")
    assert "Câu 2/12" in await says(visit, mai, "<")
    assert "Câu 3/12" in await says(visit, mai, "Long An")
    assert "Cảm ơn bạn" in await says(visit, mai, "dưới 18")


async def test_danger_in_the_middle_of_a_form_brings_help_and_then_the_question(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person(7002)
    await says(visit, mai, "#form-job-offer", "1", "1")

    answer = await says(visit, mai, "tôi muốn chết")

    assert answer.index("115") < answer.index("Câu 2/12")


async def test_after_quick_exit_everything_that_was_remembered_is_gone(visit: Visit, zalo: FakeZaloOa) -> None:
    mai = zalo.person(7003)
    await says(visit, mai, "#form-job-offer", "1", "1", "2")

    answer = await says(visit, mai, "thoát")

    assert "xóa cuộc trò chuyện" in answer
    assert "Câu 1/12" in await says(visit, mai, "#form-job-offer", "1"), "it begins anew"


async def test_forget_me_leaves_no_byte_of_the_person_once_the_event_is_finished(
    visit: Visit, zalo: FakeZaloOa, tmp_path: Path
) -> None:
    mai, noy = zalo.person(700412345678), zalo.person(700487654321)
    for person in (mai, noy):
        await says(visit, person, "#form-job-offer", "1", "1", "2")

    answer = await says(visit, mai, "quên tôi", "1")

    assert "Không xóa được: tin nhắn" in answer
    left = {file.name: file.read_bytes() for file in sorted(tmp_path.iterdir())}  # noqa: ASYNC240
    assert [name for name, content in left.items() if mai.number.encode() in content] == []
    session = visit.house.store.person("zalo_oa", mai.number).encode()
    assert [name for name, content in left.items() if session in content] == []
    other = visit.house.store.person("zalo_oa", noy.number).encode()
    assert [name for name, content in left.items() if other in content] != []
