"""The directory as HSDS 3 (Human Services Data Specification, Open Referral): every record keeps the rules of the standard,
every reference leads somewhere, and nothing is lost on the way there and back.

The rules are the JSON Schemas in hsds/; its README says where they come from. What the standard says of tables in words of
its own (`tabular_required`, `datapackage_type`, `constraints`) counts as well.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.validators import extend
from referencing import Registry, Resource

from bot.content.hours import ZONE, Times
from bot.content.hsds import TABLES, from_hsds, identifier, to_hsds, write_hsds
from bot.content.hsds_schedules import schedules
from bot.content.partners import export_command
from bot.content.places import Places
from tests.content.odd_services import BOOK, CONTENT, DIRECTORIES, SHIPPED, Directory

EXPORT = to_hsds(BOOK.places)
SCHEMAS = {file.name: json.loads(file.read_text("utf-8")) for file in sorted((Path(__file__).parent / "hsds").glob("*.json"))}

# What the library cannot check without further packages.
MARKS = r"([\w.~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
TIME, ZONED = r"([01]\d|2[0-3]):[0-5]\d", r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
PATTERNS = {
    "uri": rf"[A-Za-z][A-Za-z0-9+.-]*:{MARKS}(#{MARKS})?",
    "email": r"[^@\s]+@[^@\s]+",
    "time": TIME + ZONED,
    "date-time": rf"\d{{4}}-\d\d-\d\dT{TIME}:[0-5]\d(\.\d+)?{ZONED}",
}


def matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or re.fullmatch(pattern, value, re.ASCII) is not None


FORMATS = FormatChecker(["uuid", "date"])
for form, pattern in {**PATTERNS, "datetime": PATTERNS["date-time"]}.items():
    FORMATS.checks(form)(matches(pattern))

KEYWORDS = Draft202012Validator.VALIDATORS
Record = extend(Draft202012Validator, {"tabular_required": KEYWORDS["required"], "datapackage_type": KEYWORDS["format"]})
REGISTRY: Registry[Any] = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items())
RECORDS = {table: Record(SCHEMAS[f"{table}.json"], registry=REGISTRY, format_checker=FORMATS) for table in TABLES}


def faults(table: str, row: dict[str, Any]) -> list[str]:
    """The rule that a record breaks, and where."""
    found = ["/".join([str(error.validator), *map(str, error.absolute_path)]) for error in RECORDS[table].iter_errors(row)]
    # The standard lets everybody add columns, so its schemas do too; we add none.
    return found + [f"unknown/{name}" for name in row.keys() - RECORDS[table].schema["properties"].keys()]


def places(services: Directory) -> Places:
    return replace(BOOK.places, services=services)


def check(tables: dict[str, list[dict[str, Any]]]) -> None:
    """Every record keeps the rules of its table; what is to be there once is; every reference leads to a record."""
    assert set(tables) == set(TABLES)
    ids = {table: {row["id"] for row in rows} for table, rows in tables.items()}
    for table, rows in tables.items():
        for name, rule in RECORDS[table].schema["properties"].items():
            if rule.get("constraints", {}).get("unique"):
                counts = Counter(row[name] for row in rows if name in row)
                assert [value for value, count in counts.items() if count > 1] == [], (table, name)
        for row in rows:
            assert faults(table, row) == [], (table, row)
            for name, value in row.items():
                if name.endswith("_id") and name != "link_id":
                    assert value in ids[name.removesuffix("_id")], (table, name, value)
            if table == "attribute":
                assert row["link_id"] in ids[row["link_entity"]], row


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_schemas_and_nothing_in_them_is_ignored(name: str) -> None:
    schema = SCHEMAS[name]
    Record.check_schema(schema)
    known = {"title", "$schema", "$comment", "constraints", *Record.VALIDATORS}
    assert schema.keys() <= known
    assert {*schema["required"], *schema.get("tabular_required", ())} <= schema["properties"].keys()
    for rule in schema["properties"].values():
        assert rule.keys() <= known
        assert {rule[word] for word in ("format", "datapackage_type") if word in rule} <= FORMATS.checkers.keys()
        assert {link for inner in (rule, rule.get("items", {})) if (link := inner.get("$ref"))} <= SCHEMAS.keys()


def test_every_record_keeps_the_rules_of_the_standard() -> None:
    check(json.loads(json.dumps(EXPORT)))
    assert len(EXPORT["service"]) == len(EXPORT["organization"]) == len(SHIPPED)


@pytest.mark.parametrize(
    ("table", "column", "value", "fault"),
    [
        ("organization", "description", None, "required"),
        ("location", "location_type", None, "required"),
        ("service", "organization_id", None, "tabular_required"),
        ("attribute", "link_entity", None, "tabular_required"),
        ("service", "status", "open", "enum/status"),
        ("schedule", "freq", "DAILY", "enum/freq"),
        ("address", "address_type", "office", "enum/address_type"),
        ("service", "id", "32bd8ff5-6cd8-5f4e-b6fc", "format/id"),
        ("phone", "service_id", "hanoi-bachmai", "format/service_id"),
        ("service", "url", "www.example.org", "format/url"),
        ("service", "url", "http://bệnhviện.vn", "format/url"),
        ("organization", "website", "https://example.org/100%", "format/website"),
        ("service", "email", "nobody", "format/email"),
        ("service", "assured_date", "2026-02-30", "datapackage_type/assured_date"),
        ("schedule", "opens_at", "7:00", "datapackage_type/opens_at"),
        ("schedule", "closes_at", "24:00+07:00", "datapackage_type/closes_at"),
        ("location", "latitude", "21.0", "type/latitude"),
        ("service", "phones", [{"id": "32bd8ff5-6cd8-5f4e-b6fc-f9d977ba33e9"}], "required/phones/0"),
        ("service", "hotline", "115", "unknown/hotline"),
    ],
)
def test_a_record_that_breaks_a_rule_is_found(table: str, column: str, value: object, fault: str) -> None:
    row = EXPORT[table][0]
    assert faults(table, row) == []
    broken = {name: held for name, held in {**row, column: value}.items() if held is not None}
    assert faults(table, broken) == [fault]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("service", "id", EXPORT["service"][1]["id"]),
        ("taxonomy_term", "code", EXPORT["taxonomy_term"][1]["code"]),
        ("phone", "service_id", EXPORT["organization"][0]["id"]),
        ("attribute", "link_entity", "organization"),
    ],
)
def test_what_is_there_twice_or_leads_nowhere_is_found(table: str, column: str, value: str) -> None:
    tables = deepcopy(EXPORT)
    tables[table][0][column] = value
    with pytest.raises(AssertionError):
        check(tables)


@pytest.mark.parametrize(
    ("website", "uri"),
    [
        ("https://example.org/a?b=1", "https://example.org/a?b=1"),
        ("http://bệnhviện.vn/#a", "http://xn--bnhvin-ik8be.vn/#a"),
        ("https://example.org:81/wiki/Hà_Nội", "https://example.org:81/wiki/H%C3%A0_N%E1%BB%99i"),
        ("https://example.org/%E1%BB%99/100%/[1]#b#c", "https://example.org/%E1%BB%99/100%25/%5B1%5D#b%23c"),
        ("https://a..b/", None),
        ("https://[a", None),
        ("https://<a>/", None),
    ],
)
def test_websites_are_addresses_as_the_standard_wants_them_and_come_back_as_they_were(website: str, uri: str | None) -> None:
    province, service = SHIPPED["hanoi-bachmai"]
    services = {"hanoi-bachmai": (province, service.model_copy(update={"website": website}))}
    tables = to_hsds(places(services))
    check(tables)
    assert tables["service"][0].get("url") == tables["organization"][0].get("website") == uri
    assert from_hsds(tables) == services


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
    assert {(row["city"], row["postal_code"], row["country"]) for row in EXPORT["address"]} == {("", "", "VN")}
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
