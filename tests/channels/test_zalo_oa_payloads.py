"""Zalo OA's JSON -> Incoming, Outgoing -> the exact call, signatures, and what each error code means for us."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.render import Button, Outgoing, length, render
from bot.channels.zalo_oa import CAN, Call, decode, encode
from bot.channels.zalo_oa_api import ACTS, CODES, Answer, Kind, read
from bot.channels.zalo_oa_webhook import name, signature
from bot.conversation import Catalog, Incoming, Left, Opened, Said, Shared, Tapped

PERSON, OA, APP = "5555000011112222333", "4444000011112222333", "1234567890123456789"
AT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
WHO: dict[str, Any] = {"channel": "zalo_oa", "person": PERSON, "at": AT}
STAMP = {"app_id": APP, "timestamp": "1790000000000"}
OTHER = {"id": "00aa11bb22cc33dd44ee"}


def sent(kind: str, **message: Any) -> dict[str, Any]:
    people = {"sender": {"id": PERSON}, "recipient": {"id": OA}, "user_id_by_app": "5"}
    return STAMP | people | {"event_name": kind, "message": {"msg_id": "00aa11bb22cc33dd44ee"} | message}


def place(latitude: object, longitude: object) -> dict[str, Any]:
    payload = {"coordinates": {"latitude": latitude, "longitude": longitude}}
    return sent("user_send_location", text="Chợ", attachments=[{"type": "location", "payload": payload}])


PICTURE = [{"type": "image", "payload": {"url": "https://f1.zdn.vn/a.jpg", "thumbnail": "https://f1.zdn.vn/b.jpg"}}]
FOLLOW = STAMP | {"oa_id": OA, "user_id_by_app": "5", "source": "oa_profile", "follower": {"id": PERSON}}


@pytest.mark.parametrize(
    ("event", "incoming"),
    [
        (sent("user_send_text", text="Xin chào"), Said(**WHO, **OTHER, text="Xin chào")),
        (sent("user_send_text", text="khẩu trang"), Said(**WHO, **OTHER, text="khẩu trang")),
        (sent("user_send_text", text="~m:vi:covid/masks"), Tapped(**WHO, **OTHER, token="vi:covid/masks")),
        (sent("user_send_text", text="~m:"), Tapped(**WHO, **OTHER, token="")),
        (sent("user_send_image", attachments=PICTURE), Said(**WHO, **OTHER, text="")),
        (sent("user_send_image", attachments=PICTURE, text="ho"), Said(**WHO, **OTHER, text="ho")),
        *((sent(f"user_send_{kind}"), Said(**WHO, **OTHER, text="")) for kind in ("sticker", "gif", "audio", "video", "file")),
        (sent("user_send_link", text="https://vnexpress.net"), Said(**WHO, **OTHER, text="https://vnexpress.net")),
        (place("21.0278", "105.8342"), Shared(**WHO, **OTHER, latitude=21.0278, longitude=105.8342)),
        (place(21.0278, 105.8342), Shared(**WHO, **OTHER, latitude=21.0278, longitude=105.8342)),
        (FOLLOW | {"event_name": "follow"}, Opened(**WHO, id="follow:1790000000000")),
        (FOLLOW | {"event_name": "unfollow"}, Left(**WHO, id="unfollow:1790000000000")),
        (
            STAMP | {"oa_id": OA, "user_id": PERSON, "event_name": "user_click_chatnow"},
            Opened(**WHO, id="chatnow:1790000000000"),
        ),
        (sent("user_send_text", text="a") | {"timestamp": 1790000000000}, Said(**WHO, **OTHER, text="a")),
        (sent("user_send_text", text="a", msg_id=""), Said(**WHO, id="user_send_text:1790000000000", text="a")),
    ],
)
def test_what_a_person_does_becomes_an_incoming(event: dict[str, Any], incoming: Incoming) -> None:
    assert decode(event) == incoming


@pytest.mark.parametrize(
    "event",
    [
        {},
        sent("oa_send_text", text="hello"),
        sent("oa_send_image"),
        sent("user_received_message"),
        sent("user_seen_message", msg_ids=["1"]),
        sent("user_reacted_message"),
        sent("user_send_group_text", text="hello"),
        sent("user_submit_info") | {"info": {"name": "Mai", "phone": 84900000000}},
        sent("anonymous_send_text", text="hello"),
        place("north", "105"),
        place(None, None),
        sent("user_send_location", attachments=[]),
        sent("user_send_text", text="a") | {"sender": {"id": "../../x"}},
        sent("user_send_text", text="a") | {"sender": None},
        sent("user_send_text", text="a") | {"timestamp": "soon"},
        sent("user_send_text", text="a") | {"timestamp": "9" * 40},
        FOLLOW | {"event_name": "follow", "follower": "Mai"},
        {"event_name": ["follow"]},
    ],
)
def test_what_is_not_ours_to_answer_becomes_nothing(event: dict[str, Any]) -> None:
    assert decode(event) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(sent("", text="", attachments=""))), inner)
    ),
    max_leaves=12,
)


@given(
    kind=st.sampled_from(["user_send_text", "user_send_location", "follow", "user_click_chatnow"]),
    event=st.dictionaries(st.sampled_from([*sent(""), "follower", "user_id", "id"]), JSON),
)
def test_no_event_however_odd_makes_decode_raise(kind: str, event: dict[str, Any]) -> None:
    decode(event | {"event_name": kind})
    decode(event)


def test_a_text_becomes_one_call_per_part_in_order_and_in_nfc() -> None:
    calls = encode(Outgoing(to=PERSON, parts=("một", "hai a\u0300")))
    assert calls == [
        Call("POST", "/v3.0/oa/message/cs", {"recipient": {"user_id": PERSON}, "message": {"text": "một"}}),
        Call("POST", "/v3.0/oa/message/cs", {"recipient": {"user_id": PERSON}, "message": {"text": "hai à"}}),
    ]


def test_buttons_are_left_out_unless_the_operator_has_said_in_which_shape() -> None:
    rows = tuple((Button(f"Mục {number}", f"vi:covid/{number}"),) for number in range(7))
    outgoing = Outgoing(to=PERSON, parts=("một", "Chọn:\n1. Mục 1"), buttons=rows)
    assert all("attachment" not in call.body["message"] for call in encode(outgoing))
    first, last = encode(outgoing, "A")
    assert "attachment" not in first.body["message"]
    assert last.body["message"]["text"] == "Chọn:\n1. Mục 1"
    attachment = last.body["message"]["attachment"]
    assert attachment["type"] == "template"
    assert attachment["payload"].keys() == {"buttons"}
    assert len(attachment["payload"]["buttons"]) == 5
    assert attachment["payload"]["buttons"][0] == {"title": "Mục 0", "type": "oa.query.hide", "payload": "~m:vi:covid/0"}
    assert encode(outgoing, "B")[1].body["message"]["attachment"]["payload"]["template_type"] == "button"
    link = Outgoing(to=PERSON, parts=("x",), buttons=((Button("Mở " * 30, url="https://example.org/vi/home"),),))
    button = encode(link, "A")[0].body["message"]["attachment"]["payload"]["buttons"][0]
    assert (button["type"], button["payload"]) == ("oa.open.url", {"url": "https://example.org/vi/home"})
    assert len(button["title"]) <= 30


def test_a_tap_comes_back_as_the_token_that_its_button_carried() -> None:
    call = encode(Outgoing(to=PERSON, parts=("x",), buttons=((Button("Khẩu trang", "vi:covid/masks"),),)), "A")[0]
    payload = call.body["message"]["attachment"]["payload"]["buttons"][0]["payload"]
    assert decode(sent("user_send_text", text=payload)) == Tapped(**WHO, **OTHER, token="vi:covid/masks")


def test_every_screen_in_every_language_fits_zalos_messages(catalog: Catalog) -> None:
    for edition in catalog.editions.values():
        for screen in edition.screens.values():
            outgoing = render(screen, CAN, to=PERSON)
            assert 0 < len(outgoing.parts) <= 8
            assert all(0 < length(part) <= 1900 for part in outgoing.parts)


VECTOR = (
    '{"app_id":"1234567890123456789","event_name":"user_send_text","timestamp":"1790000000000",'
    '"sender":{"id":"5555000011112222333"},"recipient":{"id":"4444000011112222333"},'
    '"message":{"msg_id":"00aa11bb22cc33dd44ee","text":"Xin chào"}}'
)


def test_the_signature_is_that_of_the_contracts_vector_and_over_the_bytes_as_they_were_sent() -> None:
    body = VECTOR.encode()
    assert len(body) == 232
    made = signature(APP, body, "1790000000000", "OaSecretKeyForTests01")
    assert made == "15959a04ce7ff4202e01b10b0c87129162a341464793dd6133d5dbb26fa87985"
    escaped = signature(APP, VECTOR.replace("à", "\\u00e0").encode(), "1790000000000", "OaSecretKeyForTests01")
    assert (escaped[:8], escaped[-6:]) == ("7f5566dc", "2fe40f")


def test_each_delivery_of_an_event_has_the_same_name_and_no_two_events_have() -> None:
    events = [json.loads(VECTOR), place("1", "2") | {}, FOLLOW | {"event_name": "unfollow"}]
    events.append(sent("user_send_text", text="Xin chào", msg_id="other"))
    events.append(sent("user_send_text", text="Xin chào") | {"sender": {"id": "1"}})
    events.append(FOLLOW | {"event_name": "unfollow", "timestamp": "1790000000001"})
    names = [name(event, incoming) for event in events if (incoming := decode(event))]
    assert len(set(names)) == len(events)


def test_follow_and_opening_the_chat_on_the_same_day_ask_for_one_welcome() -> None:
    follow = FOLLOW | {"event_name": "follow"}
    opens = STAMP | {"oa_id": OA, "user_id": PERSON, "event_name": "user_click_chatnow", "timestamp": "1790000001500"}
    later = opens | {"timestamp": str(1790000000000 + 86_400_000)}
    names = [name(event, incoming) for event in (follow, opens, later) if (incoming := decode(event))]
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0, Kind.OK),
        (-32, Kind.RATE),
        (-200, Kind.LATER),
        (-216, Kind.TOKEN),
        (-220, Kind.TOKEN),
        (-230, Kind.CLOSED),
        (-232, Kind.CLOSED),
        (-311, Kind.CLOSED),
        (-213, Kind.STOP),
        (-244, Kind.STOP),
        (-201, Kind.REFUSED),
        (-210, Kind.REFUSED),
        (-99999, Kind.REFUSED),
        (-224, Kind.OPERATOR),
        (-320, Kind.OPERATOR),
    ],
)
def test_each_error_code_means_later_or_stop_or_the_operator_must_act(code: int, kind: Kind) -> None:
    body = {"error": code, "message": "x"}
    assert read(json.dumps(body).encode(), 200) == Answer(kind, code, body)
    assert read(json.dumps(body | {"error": str(code)}).encode(), 200).kind is kind


def test_what_the_operator_must_do_is_said_for_each_code_that_needs_them() -> None:
    assert {code for code, kind in CODES.items() if kind is Kind.OPERATOR} == set(ACTS)


@pytest.mark.parametrize(
    ("raw", "status", "kind"),
    [
        (b"<html>502</html>", 502, Kind.LATER),
        (b"<html>please log in</html>", 200, Kind.LATER),
        (b"", 200, Kind.LATER),
        (b"[]", 200, Kind.LATER),
        (b'{"error": "no number"}', 200, Kind.LATER),
        (b"{}", 503, Kind.LATER),
        (b"{}", 302, Kind.LATER),
        (b"slow down", 429, Kind.RATE),
        (b'{"error": -216}', 401, Kind.TOKEN),
    ],
)
def test_what_is_no_answer_of_zalos_is_tried_again(raw: bytes, status: int, kind: Kind) -> None:
    assert read(raw, status).kind is kind
