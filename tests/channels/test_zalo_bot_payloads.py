"""Zalo's JSON <-> ours: payloads as documented and as captured -> Incoming or None, garbage -> never an error, Outgoing -> the
exact requests, answers of the API -> the result or the kind of failure."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.render import Outgoing, length, render
from bot.channels.zalo_bot import CAN, Call, decode, encode
from bot.channels.zalo_bot_http import Busy, Failed, Rationed, Refused, TokenRefused, Unanswered, Unreachable, read
from bot.conversation import HELP, Catalog, Said

SENT = datetime(2026, 9, 10, 10, 26, 12, 455000, tzinfo=UTC)
WHO: dict[str, Any] = {"channel": "zalo_bot", "person": "a1b2c3d4e5f60718293a", "at": SENT, "id": "0123456789abcdef0123"}
HEAD = (
    '"date": 1789035972455, "chat": {"chat_type": "PRIVATE", "id": "a1b2c3d4e5f60718293a"}, '
    '"message_id": "0123456789abcdef0123", "from": {"id": "a1b2c3d4e5f60718293a", "is_bot": false, "display_name": "Nguyễn A"}'
)


def event(kind: str, content: str, head: str = HEAD) -> str:
    return f'{{"event_name": "message.{kind}.received", "message": {{{head}{content}}}}}'


TEXT = event("text", ', "text": "xin chào"')
SAID = {
    "words": (TEXT, "xin chào"),
    "words, wrapped as documented": (f'{{"ok": true, "result": {TEXT}}}', "xin chào"),
    "words, wrapped without ok": (f'{{"result": {TEXT}}}', "xin chào"),
    "words escaped as JSON does": (event("text", r', "text": "kh\u1ea9u trang \ud83d\ude37"'), "khẩu trang 😷"),
    "words of December 2025, without the event's name": (f'{{"message": {{{HEAD}, "text": "0"}}}}', "0"),
    "an address code": (event("text", ', "text": "#covid-masks"'), "#covid-masks"),
    "no text at all": (event("text", ""), ""),
    "a text that is none": (event("text", ', "text": 7'), ""),
    "a picture as documented": (event("image", ', "photo": "https://photo.zdn.vn/a.jpg", "caption": "ho"'), "ho"),
    "a picture as captured": (event("image", ', "photo_url": "https://p.zdn.vn/a.jpg", "message_type": "CHAT_PHOTO"'), ""),
    "a voice message": (event("voice", ', "voice_url": "https://v.zdn.vn/a.aac", "message_type": "CHAT_VOICE"'), ""),
    "a sticker": (event("sticker", ', "sticker": "0e078a2fb66a5f34067b", "url": "https://s.zdn.vn/a"'), ""),
    "what the bot may not see": (event("unsupported", ""), ""),
    "a kind of message of which nobody knows yet": (event("location", ', "place": {"lat": 1}'), ""),
    "a sender without a name or anything else": (event("text", ', "text": "a"', HEAD.partition(', "from"')[0]), "a"),
}


@pytest.mark.parametrize(("payload", "text"), SAID.values(), ids=SAID)
def test_what_a_person_sends_is_something_said(payload: str, text: str) -> None:
    assert decode(json.loads(payload)) == Said(**WHO, text=text)


@pytest.mark.parametrize("date", ['"yesterday"', "null", "1e400", "-1e300", "9" * 400, "NaN", "[]", "{}"])
def test_an_odd_time_is_replaced_by_ours(date: str) -> None:
    before = datetime.now(UTC)
    said = decode(json.loads(TEXT.replace("1789035972455", date)))
    assert said
    assert before <= said.at <= datetime.now(UTC)


NOT_OURS = {
    "a group": TEXT.replace("PRIVATE", "GROUP"),
    "a bot": TEXT.replace('"is_bot": false', '"is_bot": true'),
    "an event that is no message": TEXT.replace("message.text.received", "user.follow"),
    "a receipt": TEXT.replace("message.text.received", "message.text.seen"),
    "an event's name that is none": TEXT.replace('"message.text.received"', "5"),
    "no id of the message": TEXT.replace('"message_id"', '"id"'),
    "an empty id": TEXT.replace("0123456789abcdef0123", ""),
    "a number for an id": TEXT.replace('"0123456789abcdef0123"', "123"),
    "an id that no header or log could hold": TEXT.replace("0123456789abcdef0123", r"a\nb"),
    "an id that cannot be written": TEXT.replace("a1b2c3d4e5f60718293a", r"\ud83d"),
    "an endless id": TEXT.replace("0123456789abcdef0123", "a" * 5000),
    "no chat": TEXT.replace('"chat"', '"chats"'),
    "a chat that is none": TEXT.replace('{"chat_type": "PRIVATE", "id": "a1b2c3d4e5f60718293a"}', '"PRIVATE"'),
    "a message that is none": '{"event_name": "message.text.received", "message": []}',
    "a test of the webhook": '{"ok": true, "result": {"event_name": "webhook.test"}}',
    "an answer without update": '{"ok": false, "error_code": 408, "description": "Request timeout"}',
    "nothing": "{}",
    "a list": f"[{TEXT}]",
    "a text": '"message"',
    "null": "null",
}


@pytest.mark.parametrize("payload", NOT_OURS.values(), ids=NOT_OURS)
def test_what_is_not_ours_to_answer_is_nothing(payload: str) -> None:
    assert decode(json.loads(payload)) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["PRIVATE", "message.text.received"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["ok", "result", "event_name", "message", "chat", "id", "chat_type", "message_id", "from", "date", "text"]
            ),
            inner,
        )
    ),
    max_leaves=30,
)


@given(_JSON)
def test_no_payload_whatsoever_is_an_error(payload: Any) -> None:
    assert decode(payload) is None or isinstance(decode(payload), Said)


@given(st.dictionaries(st.sampled_from(["message_id", "from", "chat", "date", "text", "caption"]), _JSON))
def test_no_part_of_a_message_can_be_so_odd_that_it_is_an_error(parts: dict[str, Any]) -> None:
    payload = json.loads(TEXT)
    payload["message"] |= parts
    assert decode(payload) is None or isinstance(decode(payload), Said)


def test_a_screen_is_plain_text_to_the_chat_and_nothing_else() -> None:
    assert encode(Outgoing(to="a1b2", parts=("*Khẩu trang* {red}" * 100, "1. Một" * 100))) == [
        Call("POST", "sendMessage", {"chat_id": "a1b2", "text": "*Khẩu trang* {red}" * 100}),
        Call("POST", "sendMessage", {"chat_id": "a1b2", "text": "1. Một" * 100}),
    ]


def test_a_short_end_goes_with_the_message_before_if_zalo_takes_both() -> None:
    assert [len(call.body["text"]) for call in encode(Outgoing(to="a", parts=("a" * 1900, "b" * 98)))] == [2000]
    assert [len(call.body["text"]) for call in encode(Outgoing(to="a", parts=("a" * 1900, "b" * 99)))] == [1900, 99]
    assert [len(call.body["text"]) for call in encode(Outgoing(to="a", parts=("a" * 1900, "😷" * 50)))] == [1900, 50]


def test_a_text_is_sent_in_the_normal_form_that_phones_show_best() -> None:
    (call,) = encode(Outgoing(to="a", parts=("Khẩu trang\n",)))
    assert call.body["text"] == "Khẩu trang"


def test_every_screen_of_every_language_fits_into_messages_that_zalo_takes(catalog: Catalog) -> None:
    for edition in catalog.editions.values():
        for screen in edition.screens.values():
            calls = encode(render(screen, CAN, to="a"))
            assert all(1 <= length(call.body["text"]) <= 2000 for call in calls)
            assert len(calls) <= 2, screen.address
            if screen.closing:
                continue
            way = "0 = " if screen.address == HELP else "# = "
            assert calls[-1].body["text"].count(way) == 1, "the ways on stand in the newest message"


def test_the_result_of_an_answer_is_what_zalo_says_and_not_what_the_status_says() -> None:
    assert read(200, b'{"ok": true, "result": {"id": "1"}}') == {"id": "1"}
    assert read(500, b'{"ok": true, "result": {"id": "1"}}') == {"id": "1"}
    assert read(200, b'{"ok": true, "error_code": 0, "result": {}}') == {}
    assert read(200, b'{"ok": true}') == read(200, b'{"ok": true, "result": 7}') == {}
    assert read(200, b'{"ok": true, "result": [{"a": 1}]}') == {"updates": [{"a": 1}]}


FAILURES = {
    (200, '{"ok": false, "error_code": 400, "description": "Bad Request"}'): (Refused, 400),
    (404, '{"ok": false, "error_code": 404}'): (Refused, 404),
    (401, '{"ok": false, "error_code": 401, "description": "Unauthorized"}'): (TokenRefused, 401),
    (403, '{"ok": false, "error_code": 403, "description": "Internal server error"}'): (Unreachable, 403),
    (408, '{"ok": false, "error_code": 408, "description": "Request timeout"}'): (Unanswered, 408),
    (200, '{"ok": false, "errorCode": 426}'): (Rationed, 426),
    (429, '{"ok": false, "error_code": 429, "description": "Quota exceeded"}'): (Busy, 429),
    (503, '{"ok": false}'): (Unreachable, 503),
    (418, '{"ok": false, "error_code": "teapot"}'): (Refused, 418),
    (502, "<html>Bad Gateway</html>"): (Unreachable, 0),
    (401, "<html>a proxy wants a password</html>"): (Unreachable, 0),
    (200, ""): (Unreachable, 0),
    (200, '{"ok": true, "resu'): (Unreachable, 0),
    (200, '{"ok": "yes"}'): (Unreachable, 0),
    (200, "[" * 100_000): (Unreachable, 0),
    (200, "[]"): (Unreachable, 0),
    (200, "\ud800"): (Unreachable, 0),
}


@pytest.mark.parametrize(("answer", "failure"), FAILURES.items(), ids=map(str, range(len(FAILURES))))
def test_a_failure_says_its_kind_and_code_and_no_word_of_anybody(
    answer: tuple[int, str], failure: tuple[type[Failed], int]
) -> None:
    with pytest.raises(Failed) as info:
        read(answer[0], answer[1].encode("utf-8", "surrogatepass"))
    assert (type(info.value), info.value.code) == failure
    assert str(info.value) == f"code {failure[1]}"
    assert info.value.__cause__ is None


PICTURE = "https://bot.example.org/pictures/mask-steps.0123456789.png"
SHOWN: dict[str, Any] = {"chat_id": "a", "photo": PICTURE}


def test_a_picture_bears_the_text_that_is_one_message() -> None:
    outgoing = Outgoing(to="a", parts=("Khẩu trang",), picture=PICTURE, alt="Bốn bước")
    for spare in (True, False):
        assert encode(outgoing, spare=spare) == [Call("POST", "sendPhoto", SHOWN | {"caption": "Khẩu trang"})]


def test_beside_a_longer_text_a_picture_is_a_message_of_its_own_if_the_month_has_some_to_spare() -> None:
    outgoing = Outgoing(to="a", parts=("a" * 1900, "b" * 1900), picture=PICTURE, alt="Bốn bước")
    texts = [Call("POST", "sendMessage", {"chat_id": "a", "text": letter * 1900}) for letter in "ab"]
    assert encode(outgoing) == [Call("POST", "sendPhoto", SHOWN | {"caption": "Bốn bước"}), *texts]
    assert encode(outgoing, spare=False) == texts
