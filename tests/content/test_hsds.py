"""The directory as HSDS 3 (Human Services Data Specification, Open Referral): every record keeps the rules of the standard,
every reference leads somewhere, and nothing is lost on the way there and back.

The rules below are those of the tables that we write, as the documentation of HSDS 3.0 has them; 3.1 has the same.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from hypothesis import given, settings

from bot.content.hours import ZONE, Times
from bot.content.hsds import TABLES, from_hsds, identifier, to_hsds, write_hsds
from bot.content.hsds_schedules import schedules
from bot.content.partners import export_command
from bot.content.places import Places
from tests.content.odd_services import BOOK, CONTENT, DIRECTORIES, SHIPPED, Directory

EXPORT = to_hsds(BOOK.places)


def is_uuid(value: object) -> bool:
    return isinstance(value, str) and str(UUID(value)) == value


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_uri(value: object) -> bool:
    return isinstance(value, str) and urlsplit(value).scheme in ("http", "https") and " " not in value


def matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


IS_EMAIL = matches(r"[^@\s]+@[^@\s]+")
IS_TIME = matches(r"([01]\d|2[0-3]):[0-5]\d\+07:00")
IS_DATE = matches(r"\d{4}-\d\d-\d\d")
IS_KIND = matches("physical|postal|virtual")

# Each column that we write and what it may hold; "!" before those that a record has to have.
RULES: dict[str, dict[str, Callable[[object], bool]]] = {
    "organization": {"!id": is_uuid, "!name": is_text, "!description": is_text, "email": IS_EMAIL, "website": is_uri},
    "service": {
        "!id": is_uuid,
        "!organization_id": is_uuid,
        "!name": is_text,
        "description": is_text,
        "url": is_uri,
        "email": IS_EMAIL,
        "!status": matches("active|inactive|defunct|temporarily closed"),
        "fees_description": is_text,
        "eligibility_description": is_text,
        "assured_date": IS_DATE,
        "alert": is_text,
    },
    "location": {
        "!id": is_uuid,
        "!location_type": IS_KIND,
        "organization_id": is_uuid,
        "name": is_text,
        "description": is_text,
        "latitude": is_number,
        "longitude": is_number,
    },
    "service_at_location": {"!id": is_uuid, "!service_id": is_uuid, "!location_id": is_uuid},
    "address": {
        "!id": is_uuid,
        "location_id": is_uuid,
        "!address_1": is_text,
        "!city": is_text,
        "!state_province": is_text,
        "!postal_code": is_text,
        "!country": matches("VN"),
        "!address_type": IS_KIND,
    },
    "phone": {"!id": is_uuid, "service_id": is_uuid, "!number": is_text, "type": matches("voice"), "description": is_text},
    "schedule": {
        "!id": is_uuid,
        "service_id": is_uuid,
        "freq": matches("WEEKLY"),
        "wkst": matches("MO"),
        "byday": matches("(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*"),
        "opens_at": IS_TIME,
        "closes_at": IS_TIME,
        "timezone": is_number,
        "description": is_text,
    },
    "language": {"!id": is_uuid, "service_id": is_uuid, "name": is_text, "code": is_text},
    "taxonomy": {"!id": is_uuid, "!name": is_text, "!description": is_text},
    "taxonomy_term": {
        "!id": is_uuid,
        "code": is_text,
        "!name": is_text,
        "!description": is_text,
        "taxonomy_id": is_uuid,
        "language": is_text,
    },
    "attribute": {
        "!id": is_uuid,
        "!link_id": is_uuid,
        "!taxonomy_term_id": is_uuid,
        "link_type": is_text,
        "!link_entity": is_text,
        "value": is_text,
    },
}


def places(services: Directory) -> Places:
    return replace(BOOK.places, services=services)


def check(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Every record keeps the rules of its table; every id is there once; every reference leads to a record."""
    assert set(tables) == set(RULES) == set(TABLES)
    ids = {table: [row["id"] for row in rows] for table, rows in tables.items()}
    for table, rows in tables.items():
        assert [key for key, count in Counter(ids[table]).items() if count > 1] == [], table
        rules = {name.removeprefix("!"): rule for name, rule in RULES[table].items()}
        for row in rows:
            assert {name[1:] for name in RULES[table] if name[0] == "!"} <= row.keys(), (table, row)
            for name, value in row.items():
                assert rules[name](value), (table, name, value)
                if name.endswith("_id") and name != "link_id":
                    assert value in ids[name.removesuffix("_id")], (table, name, value)
            if table == "attribute":
                assert row["link_id"] in ids[row["link_entity"]], row


def test_every_record_keeps_the_rules_of_the_standard() -> None:
    check(EXPORT)
    assert len(EXPORT["service"]) == len(EXPORT["organization"]) == len(SHIPPED)


def test_the_shipped_services_come_back_as_they_were() -> None:
    found = from_hsds(json.loads(json.dumps(EXPORT)))
    assert found == SHIPPED
    assert list(found) == list(SHIPPED)


@given(DIRECTORIES)
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_a_field_comes_back_and_keeps_the_rules(services: Directory) -> None:
    tables = to_hsds(places(services))
    check(tables)
    assert from_hsds(json.loads(json.dumps(tables))) == services


def test_ids_are_the_same_in_every_export_and_after_every_change() -> None:
    assert to_hsds(BOOK.places) == EXPORT
    key = "hanoi-bachmai"
    province, service = SHIPPED[key]
    changed = to_hsds(places({key: (province, service.model_copy(update={"name": "Tên mới", "free": True}))}))
    assert {row["id"] for row in changed["attribute"]} > {
        row["id"] for row in EXPORT["attribute"] if row["link_id"] == identifier("service", key)
    }
    assert identifier("service", key) == "32bd8ff5-6cd8-5f4e-b6fc-f9d977ba33e9"


def test_a_phone_that_nobody_confirmed_says_so() -> None:
    numbers = {number for _, service in SHIPPED.values() for number in service.phones_unverified}
    assert numbers
    for phone in EXPORT["phone"]:
        key = next(key for key in SHIPPED if identifier("service", key) == phone["service_id"])
        doubtful = phone["number"] in SHIPPED[key][1].phones_unverified
        assert ("Chưa kiểm chứng" in phone.get("description", "")) is doubtful


def test_what_is_old_or_weak_says_so_in_a_field_of_the_standard() -> None:
    for row, (_, service) in zip(EXPORT["service"], SHIPPED.values(), strict=True):
        assert (service.note or "") in row.get("alert", "")
        assert service.before_merger is ("tháng 7/2025: địa chỉ có thể ghi theo tên cũ" in row.get("alert", ""))
        assert (service.confidence == "low") is ("chưa được kiểm chứng" in row.get("alert", ""))
        assert row["assured_date"] == service.reviewed.isoformat()


def test_nothing_is_made_up_for_what_the_standard_wants() -> None:
    assert {(row["city"], row["postal_code"]) for row in EXPORT["address"]} == {("", "")}
    placed = {row["service_id"] for row in EXPORT["service_at_location"]}
    nowhere = {identifier("service", key) for key, (_, s) in SHIPPED.items() if s.address is None and s.position is None}
    assert nowhere
    assert not placed & nowhere


def test_the_file_names_its_licence(capsys: pytest.CaptureFixture[str]) -> None:
    assert export_command("hsds", CONTENT) == 0
    text = capsys.readouterr().out
    assert text == write_hsds(BOOK.places)
    data = json.loads(text)
    assert data.pop("version") == "3.0"
    assert data.pop("licenses")[0]["name"] == "ODbL-1.0"
    assert "OpenStreetMap contributors" in data.pop("attribution")
    assert data == EXPORT


def test_a_service_of_somebody_else_is_not_made_ours() -> None:
    tables = {"service": [{"id": "1", "name": "Bệnh viện", "status": "active"}], "attribute": []}
    with pytest.raises(ValueError, match=r"service 1 \(Bệnh viện\) has no id or province of ours"):
        from_hsds(tables)


WEEK = {"freq": "WEEKLY", "wkst": "MO", "timezone": 7}
SIMPLE = [
    ("Mo-Sa 07:00-17:00", [("MO,TU,WE,TH,FR,SA", "07:00", "17:00")]),
    ("Mo-Fr 07:00-16:00; Sa 07:00-12:00", [("MO,TU,WE,TH,FR", "07:00", "16:00"), ("SA", "07:00", "12:00")]),
    ("Mo,We-Fr 07:30-11:30,13:00-17:00", [("MO,WE,TH,FR", "07:30", "11:30"), ("MO,WE,TH,FR", "13:00", "17:00")]),
    ("Sa-Mo 08:00-10:00", [("MO,SA,SU", "08:00", "10:00")]),
    ("08:00-10:00", [("MO,TU,WE,TH,FR,SA,SU", "08:00", "10:00")]),
    ("24/7", [("MO,TU,WE,TH,FR,SA,SU", "00:00", "23:59")]),
]


@pytest.mark.parametrize(("hours", "spans"), SIMPLE, ids=[hours for hours, _ in SIMPLE])
def test_simple_hours_become_days_and_times(hours: str, spans: list[tuple[str, str, str]]) -> None:
    assert list(schedules(hours)) == [
        {**WEEK, "byday": days, "opens_at": f"{opens}+07:00", "closes_at": f"{closes}+07:00", "description": hours}
        for days, opens, closes in spans
    ]


@pytest.mark.parametrize(("hours", "spans"), SIMPLE, ids=[hours for hours, _ in SIMPLE])
def test_days_and_times_mean_what_the_hours_mean(hours: str, spans: object) -> None:
    times, rows = Times(hours), list(schedules(hours))
    monday = datetime(2026, 12, 7, tzinfo=ZONE)  # a week without a public holiday
    for quarter in range(7 * 24 * 4):
        at = monday + timedelta(minutes=15 * quarter)
        day, clock = at.strftime("%a")[:2].upper(), f"{at:%H:%M}+07:00"
        listed = any(day in row["byday"] and row["opens_at"] <= clock < row["closes_at"] for row in rows)
        assert listed == (times.state(at) == "open")


@pytest.mark.parametrize(
    "hours",
    [
        "Mo-Fr 22:00-06:00",
        "Mo-Fr 08:00-24:00",
        "Mo-Fr 07:00-17:00; PH off",
        "Mo-Su 07:00-17:00; We 07:00-12:00",
        "Jan-Mar 08:00-10:00",
    ],
)
def test_hours_that_say_more_are_given_in_words(hours: str) -> None:
    assert list(schedules(hours)) == [{"description": hours}]
