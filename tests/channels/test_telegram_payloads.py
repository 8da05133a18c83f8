"""Telegram's JSON <-> ours: real payloads -> Incoming or None, garbage -> never an error, Outgoing -> the exact calls.

Also that the fake server of the other tests refuses what the real one refuses.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.render import Button, Outgoing
from bot.channels.telegram import Call, decode, encode
from bot.conversation import Incoming, Left, Opened, Said, Shared, Tapped
from tests.channels.fake_telegram import Refused, keyboard, visible

SENT = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
WHO: dict[str, Any] = {"channel": "telegram", "person": "5550001", "at": SENT, "languages": ("vi",), "id": "u872560001"}

FROM = '{"id": 5550001, "is_bot": false, "first_name": "Mai", "last_name": "Trần", "language_code": "vi"}'
CHAT = '{"id": 5550001, "first_name": "Mai", "last_name": "Trần", "type": "private"}'
BOT = '{"id": 110201543, "is_bot": true, "first_name": "Đồng Hành", "username": "dong_hanh_bot"}'
GROUP = '{"id": -1001987654321, "title": "Công nhân khu A", "type": "supergroup"}'
HEAD = f'"message_id": 77, "from": {FROM}, "chat": {CHAT}, "date": 1795224600'
FILE = '"file_id": "AgACAgUAAxkBAAM", "file_unique_id": "AQADxK8", "file_size": 1101'
SHOWN = f'{{"message_id": 76, "from": {BOT}, "chat": {CHAT}, "date": 1795224000, "text": "Đồng Hành"}}'


def message(content: str) -> str:
    return f'{{"update_id": 872560001, "message": {{{HEAD}, {content}}}}}'


def query(content: str) -> str:
    return (
        '{"update_id": 872560001, "callback_query": {"id": "4382570316042", '
        f'"from": {FROM}, "chat_instance": "-339", {content}}}}}'
    )


def member(chat: str, status: str) -> str:
    return (
        f'{{"update_id": 872560001, "my_chat_member": {{"chat": {chat}, "from": {FROM}, "date": 1795224600, '
        f'"old_chat_member": {{"user": {BOT}, "status": "member"}}, '
        f'"new_chat_member": {{"user": {BOT}, "status": "{status}", "until_date": 0}}}}}}'
    )


TYPED = {
    "words": ('"text": "khau trang"', "khau trang"),
    "words with accents": ('"text": "Khẩu trang 😷"', "Khẩu trang 😷"),
    "words escaped as JSON does": (r'"text": "kh\u1ea9u trang \ud83d\ude37"', "khẩu trang 😷"),
    "a command": ('"text": "/help", "entities": [{"offset": 0, "length": 5, "type": "bot_command"}]', "/help"),
    "a command that begins like /start": ('"text": "/startle"', "/startle"),
    "an empty text": ('"text": ""', ""),
    "a photo": (f'"photo": [{{{FILE}, "width": 90, "height": 67}}]', ""),
    "a photo with words": (f'"photo": [{{{FILE}, "width": 90, "height": 67}}], "caption": "đây là gì"', "đây là gì"),
    "a sticker": (f'"sticker": {{{FILE}, "width": 512, "height": 512, "emoji": "👋", "type": "regular"}}', ""),
    "a voice message": (f'"voice": {{{FILE}, "duration": 3, "mime_type": "audio/ogg"}}', ""),
    "a video": (f'"video": {{{FILE}, "duration": 3, "width": 640, "height": 480}}', ""),
    "a video note": (f'"video_note": {{{FILE}, "duration": 3, "length": 240}}', ""),
    "a sound": (f'"audio": {{{FILE}, "duration": 200}}', ""),
    "a document": (f'"document": {{{FILE}, "file_name": "cv.pdf"}}', ""),
    "a contact": ('"contact": {"phone_number": "84900000000", "first_name": "A"}', ""),
    "a poll": ('"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0}', ""),
    "dice": ('"dice": {"emoji": "🎲", "value": 4}', ""),
    "an animation": (f'"animation": {{{FILE}, "width": 1, "height": 1, "duration": 1}}, "document": {{{FILE}}}', ""),
    "a reply": (f'"reply_to_message": {SHOWN}, "text": "1"', "1"),
    "forwarded words": ('"forward_origin": {"type": "hidden_user", "sender_user_name": "B", "date": 1}, "text": "xem"', "xem"),
}


@pytest.mark.parametrize(("content", "text"), TYPED.values(), ids=TYPED)
def test_a_private_message_is_what_was_said_without_words_where_it_has_none(content: str, text: str) -> None:
    assert decode(json.loads(message(content))) == Said(**WHO, text=text)


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("/start", ""),
        ("/start ", ""),
        ("/start vi__covid_masks", "vi__covid_masks"),
        ("/start km__help_now__moc-bai", "km__help_now__moc-bai"),
        ("/start   vi__home  ", "vi__home"),
        ("/start <b>&", "<b>&"),
    ],
)
def test_start_is_a_link_that_was_opened(text: str, payload: str) -> None:
    assert decode(json.loads(message(f'"text": "{text}"'))) == Opened(**WHO, payload=payload)


@pytest.mark.parametrize(
    "content",
    [
        '"location": {"latitude": 10.9641, "longitude": 106.0}',
        '"location": {"latitude": 10.9641, "longitude": 106, "live_period": 900, "horizontal_accuracy": 12.5}',
        '"location": {"latitude": 10.9641, "longitude": 106.0}, '
        '"venue": {"location": {"latitude": 10.9641, "longitude": 106.0}, "title": "Mộc Bài", "address": "QL22"}',
    ],
)
def test_a_location_is_a_shared_position(content: str) -> None:
    assert decode(json.loads(message(content))) == Shared(**WHO, latitude=10.9641, longitude=106.0)


def tapped(update: str) -> Tapped:
    incoming = decode(json.loads(update))
    assert isinstance(incoming, Tapped)
    assert abs((datetime.now(UTC) - incoming.at).total_seconds()) < 60, "a tap tells no time: it is that of its arrival"
    return replace(incoming, at=SENT)


@pytest.mark.parametrize(
    ("content", "token", "shown"),
    [
        (f'"message": {SHOWN}, "data": "vi:covid/masks"', "vi:covid/masks", "76"),
        (f'"message": {SHOWN}, "data": "<script>"', "<script>", "76"),
        (f'"message": {SHOWN}, "game_short_name": "chess"', "", "76"),
        (f'"message": {{"message_id": 12, "chat": {CHAT}, "date": 0}}, "data": "vi:home"', "vi:home", ""),
        ('"inline_message_id": "AAAAAFBB", "data": "vi:home"', "vi:home", ""),
    ],
    ids=["a button", "a button of somebody else", "a game", "a message too old to be shown", "an inline message"],
)
def test_a_tap_names_its_token_and_the_message_that_can_be_edited(content: str, token: str, shown: str) -> None:
    assert tapped(query(content)) == Tapped(**WHO | {"id": "u872560001"}, token=token, message=shown, query="4382570316042")


@pytest.mark.parametrize("status", ["kicked", "left"])
def test_who_blocks_the_bot_has_left(status: str) -> None:
    assert decode(json.loads(member(CHAT, status))) == Left(**WHO)


def test_a_person_whose_app_tells_no_language_has_none() -> None:
    update = json.loads(message('"text": "1"'))
    del update["message"]["from"]["language_code"]

    assert decode(update) == Said(**WHO | {"languages": ()}, text="1")


NOT_OURS = {
    "a group": message('"text": "/start"').replace(CHAT, GROUP),
    "a group's button": query(f'"message": {SHOWN.replace(CHAT, GROUP)}, "data": "vi:home"'),
    "a basic group": message('"text": "/help@dong_hanh_bot"').replace(CHAT, '{"id": -4, "title": "A", "type": "group"}'),
    "an edited message": message('"edit_date": 1795224700, "text": "1"').replace('"message":', '"edited_message":', 1),
    "a moving live location": message('"location": {"latitude": 1, "longitude": 2}').replace(
        '"message":', '"edited_message":', 1
    ),
    "a channel post": '{"update_id": 1, "channel_post": {"message_id": 3, "sender_chat": {"id": -100, "type": "channel"}, '
    '"chat": {"id": -100, "title": "Tin", "type": "channel"}, "date": 1795224600, "text": "/start"}}',
    "a channel's message without sender": '{"update_id": 1, "message": {"message_id": 3, "date": 1795224600, '
    '"chat": {"id": -100, "title": "Tin", "type": "channel"}, "text": "/start"}}',
    "an inline query": f'{{"update_id": 1, "inline_query": {{"id": "9", "from": {FROM}, "query": "tb", "offset": ""}}}}',
    "a poll answer": f'{{"update_id": 1, "poll_answer": {{"poll_id": "9", "user": {FROM}, "option_ids": [0]}}}}',
    "a reaction": f'{{"update_id": 1, "message_reaction": {{"chat": {CHAT}, "message_id": 1, "date": 1, "new_reaction": []}}}}',
    "a pinned message": message(f'"pinned_message": {SHOWN}'),
    "a timer for deleting": message('"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}'),
    "the bot unblocked": member(CHAT, "member"),
    "the bot thrown out of a group": member(GROUP, "kicked"),
    "nothing but a number": '{"update_id": 1}',
    "an update of a later version": '{"update_id": 1, "telepathy": {"from": 5550001}}',
}


@pytest.mark.parametrize("update", NOT_OURS.values(), ids=NOT_OURS)
def test_what_is_not_ours_to_answer_is_nothing(update: str) -> None:
    assert decode(json.loads(update)) is None


GARBAGE: list[Any] = [
    None,
    True,
    -1,
    1.5,
    10**40,
    float("inf"),
    float("nan"),
    "",
    "x",
    "\ud800",
    "9" * 5000,
    [],
    [1],
    {},
    {"id": {}},
]
PAYLOADS = [
    *(message(content) for content, _ in TYPED.values()),
    message('"text": "/start vi__covid"'),
    message('"location": {"latitude": 1.5, "longitude": 2.5}'),
    query(f'"message": {SHOWN}, "data": "vi:home"'),
    member(CHAT, "kicked"),
    *NOT_OURS.values(),
]


def spoilt(update: Any) -> Iterator[Any]:
    """The update with each of its parts left out, and replaced by each piece of garbage."""
    for key in list(update) if isinstance(update, dict) else range(len(update)):
        whole = update[key]
        for part in [*GARBAGE, *(spoilt(whole) if isinstance(whole, dict | list) else ())]:
            update[key] = part
            yield update
        del update[key]
        yield update
        if isinstance(update, dict):
            update[key] = whole
        else:
            update.insert(key, whole)


def check(incoming: Incoming | None) -> None:
    """What comes out can be used by everything behind."""
    assert incoming is None or (incoming.person.lstrip("-").isdecimal() and incoming.at.tzinfo and incoming.id)
    assert all(isinstance(language, str) for language in incoming.languages) if incoming else True
    match incoming:
        case Said():
            assert isinstance(incoming.text, str)
        case Opened():
            assert isinstance(incoming.payload, str)
        case Tapped():
            assert isinstance(incoming.token, str) and isinstance(incoming.message, str)
            assert not incoming.message or int(incoming.message)
        case Shared():
            assert isinstance(incoming.latitude, float) and isinstance(incoming.longitude, float)


@pytest.mark.parametrize("update", PAYLOADS)
def test_a_payload_with_any_part_spoilt_raises_nothing(update: str) -> None:
    spoils = 0
    for broken in spoilt(json.loads(update)):
        check(decode(broken))
        spoils += 1
    assert spoils >= len(GARBAGE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "update_id",
                    "message",
                    "callback_query",
                    "my_chat_member",
                    "from",
                    "chat",
                    "type",
                    "id",
                    "date",
                    "text",
                    "location",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_whatever_raises(anything: Any) -> None:
    before = deepcopy(anything)

    check(decode(anything))

    assert repr(anything) == repr(before), "and it is left as it was"


ROWS = (
    (Button("😷 Khẩu trang", token="vi:covid/masks"),),
    (Button("‹", token="vi:covid"), Button("🌐", url="https://a.vn/vi/home")),
)
KEYBOARD = {
    "inline_keyboard": [
        [{"text": "😷 Khẩu trang", "callback_data": "vi:covid/masks"}],
        [{"text": "‹", "callback_data": "vi:covid"}, {"text": "🌐", "url": "https://a.vn/vi/home"}],
    ]
}


def sent(text: str, **more: Any) -> dict[str, Any]:
    return {"chat_id": 5550001, "text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}} | more


@pytest.mark.parametrize(
    ("outgoing", "calls"),
    [
        (
            Outgoing(to="5550001", parts=("<b>A</b>",), buttons=ROWS),
            [Call("sendMessage", sent("<b>A</b>", reply_markup=KEYBOARD))],
        ),
        (
            Outgoing(to="5550001", replaces="76", parts=("A",), buttons=ROWS),
            [Call("editMessageText", sent("A", reply_markup=KEYBOARD, message_id=76))],
        ),
        (
            Outgoing(to="5550001", parts=("A", "B", "C"), buttons=ROWS),
            [
                Call("sendMessage", sent("A")),
                Call("sendMessage", sent("B")),
                Call("sendMessage", sent("C", reply_markup=KEYBOARD)),
            ],
        ),
        (
            Outgoing(to="5550001", replaces="76", parts=("A", "B"), buttons=ROWS),
            [Call("sendMessage", sent("A")), Call("sendMessage", sent("B", reply_markup=KEYBOARD))],
        ),
        (
            Outgoing(to="5550001", parts=("A",)),
            [Call("sendMessage", sent("A", reply_markup={"inline_keyboard": []}))],
        ),
    ],
    ids=["a new message", "in place of another", "three parts", "two parts cannot take a place", "no buttons"],
)
def test_a_screen_becomes_exactly_these_calls(outgoing: Outgoing, calls: list[Call]) -> None:
    assert encode(outgoing) == calls
    assert json.loads(json.dumps([call.parameters for call in calls])) == [call.parameters for call in encode(outgoing)]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<b>A</b> &lt;1&gt; &amp;amp; &quot;&#39;&#x1F637;", "A <1> &amp; \"'😷"),
        ('<a href="https://a.vn/?q=1&amp;b=>">a</a> <i><b>n</b></i> <code>115</code>', "a n 115"),
        ("<blockquote>x</blockquote>\n &nbsp; &copy;", "x\n &nbsp; &copy;"),
    ],
)
def test_the_fake_server_shows_telegrams_html_as_telegram_does(html: str, text: str) -> None:
    assert visible(html) == text


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("a < b", "Unclosed start tag at byte offset 2"),
        ("ấ<br>", 'Unsupported start tag "br" at byte offset 3'),
        ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("<b>a", "Can't find end tag corresponding to start tag b"),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<a href=>a</a>", "Unclosed start tag at byte offset 0"),
    ],
)
def test_the_fake_server_refuses_other_markup_as_telegram_does(html: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        visible(html)

    assert (refused.value.code, str(refused.value)) == (400, f"Bad Request: can't parse entities: {reason}")


def one(**button: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "A"} | button]]}


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        (one(callback_data="đ" * 33), "BUTTON_DATA_INVALID"),
        (one(), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (one(text=" ", callback_data="x"), "inline keyboard button text must be non-empty"),
        (one(url="https://localhost/"), "inline keyboard button URL 'https://localhost/' is invalid: Wrong HTTP URL"),
        ({"inline_keyboard": [[{"text": "A", "callback_data": "x"}] * 9]}, "reply markup is too long"),
        ({"inline_keyboard": [[{"text": "A", "callback_data": "x"}]] * 101}, "reply markup is too long"),
        ({"inline_keyboard": [{}]}, 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'),
    ],
)
def test_the_fake_server_refuses_keyboards_that_telegram_refuses(markup: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        keyboard(markup)

    assert str(refused.value) == f"Bad Request: {reason}"


def test_the_fake_server_takes_the_largest_keyboard_that_telegram_takes() -> None:
    rows = [[{"text": "A", "callback_data": "đ" * 32}] * 8] * 12 + [[{"text": "A", "url": "https://a.vn"}] * 4]

    assert keyboard({"inline_keyboard": rows}) == rows


def test_a_picture_is_a_large_preview_above_the_first_message_and_edits_keep_it() -> None:
    outgoing = Outgoing(to="5550001", parts=("Một", "Hai"), picture="https://a.vn/pictures/a.png", alt="Bốn bước")
    shown = {"url": "https://a.vn/pictures/a.png", "prefer_large_media": True, "show_above_text": True}
    assert [call.parameters["link_preview_options"] for call in encode(outgoing)] == [shown, {"is_disabled": True}]
    (edit,) = encode(replace(outgoing, parts=("Một",), replaces="77"))
    assert (edit.method, edit.parameters["link_preview_options"]) == ("editMessageText", shown)
