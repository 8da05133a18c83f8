"""The directory in the Human Services Data Specification (HSDS 3, Open Referral), as tables, for partners' systems; and back.

What HSDS has no field for travels as an attribute, named by a term of a taxonomy of ours, so that nothing is lost.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

from babel import Locale, UnknownLocaleError

from bot.content.hsds_schedules import schedules
from bot.content.place_models import Category, Service
from bot.content.places import Places
from bot.content.service_fields import FIELDS, as_text, as_value, is_default

VERSION = "3.0"
Table = list[dict[str, Any]]
Tables = dict[str, Table]

TABLES = (
    *("organization", "service", "location", "service_at_location", "address", "phone", "schedule", "language"),
    *("taxonomy", "taxonomy_term", "attribute"),
)
LICENCE = {
    "licenses": [
        {
            "name": "ODbL-1.0",
            "title": "Open Database License 1.0",
            "path": "https://opendatacommons.org/licenses/odbl/1-0/",
        }
    ],
    "attribution": "© OpenStreetMap contributors, https://www.openstreetmap.org/copyright",
}
# What ids are made of. It never changes: partners recognise an entry by its id.
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:dong-hanh:directory")
# Fields that HSDS has a place for; the others travel as attributes.
_PLACED = {
    "name",
    "what_for",
    "website",
    "email",
    "address",
    "position",
    "phones",
    "phones_unverified",
    "languages",
    "reviewed",
}
_KEY, _PROVINCE, _CATEGORY, _UNVERIFIED, _WEBSITE = "id", "province", "category", "phones_unverified", "website"
# What may stand in a URI besides letters and digits (RFC 3986).
_URI_MARKS = "%-._~!$&'()*+,;=:@/?"
_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?")
_NOT_CONFIRMED = "Chưa kiểm chứng: chưa ai xác nhận số này. (Unverified: nobody has confirmed this number.)"
_LOW = "Thông tin chưa được kiểm chứng."
_OLD = "Nguồn có trước tháng 7/2025: địa chỉ có thể ghi theo tên cũ."
_SPOKEN = {"hours": "Giờ mở cửa", "emergency_hours": "Giờ cấp cứu"}


def identifier(*path: object) -> str:
    """The id of what an address leads to: the same in every export."""
    return str(uuid5(_NAMESPACE, "/".join(map(str, path))))


def write_hsds(places: Places) -> str:
    """All tables as one JSON text, with the licence."""
    return json.dumps({"version": VERSION, **LICENCE, **to_hsds(places)}, ensure_ascii=False, indent=1) + "\n"


def to_hsds(places: Places) -> Tables:
    """The tables of the directory, by name; rows refer to each other by id."""
    tables: Tables = {name: [] for name in TABLES}
    _terms(tables, places)
    for key, (province, service) in places.services.items():
        shown = places.provinces[province].name if province in places.provinces else province
        _service(tables, key, service)
        _location(tables, key, service, shown)
        _contact(tables, key, service)
        _attributes(tables, key, province, service)
    return tables


def _terms(tables: Tables, places: Places) -> None:
    for taxonomy, name, description in (
        ("category", "Đồng Hành: loại dịch vụ", "Người dân tìm gì ở đây. What people look for."),
        ("field", "Đồng Hành: trường của danh bạ", "Những gì HSDS không có trường. What HSDS has no field for."),
    ):
        tables["taxonomy"].append({"id": identifier("taxonomy", taxonomy), "name": name, "description": description})
    used = dict.fromkeys(name for _, service in places.services.values() for name in service.categories)
    titles: dict[str, Category | None] = {**dict.fromkeys(used), **places.categories}
    for key, category in titles.items():
        _term(tables, "category", key, category.title if category else key, category.summary if category else key)
    for name in (_KEY, _PROVINCE, _UNVERIFIED, _WEBSITE, *(name for name in FIELDS if name not in {*_PLACED, "categories"})):
        _term(tables, "field", name, name, f"Trường '{name}' trong danh bạ Đồng Hành.")


def _term(tables: Tables, taxonomy: str, code: str, name: str, description: str) -> None:
    # HSDS wants a code to be there once in all taxonomies; a category may be called like a field.
    unique = code if taxonomy == _CATEGORY else f"{taxonomy}:{code}"
    row = {"id": identifier("taxonomy", taxonomy, code), "code": unique, "name": name, "description": description}
    tables["taxonomy_term"].append({**row, "language": "vi", "taxonomy_id": identifier("taxonomy", taxonomy)})


def _service(tables: Tables, key: str, service: Service) -> None:
    organization, own = identifier("organization", key), identifier("service", key)
    said = {"name": service.name, "email": service.email}
    website = _uri(service.website)
    described = {"id": organization, **said, "description": service.what_for or service.name, "website": website}
    tables["organization"].append(_filled(described))
    warnings = [service.note, _OLD if service.before_merger else None, _LOW if service.confidence == "low" else None]
    row = {
        "id": own,
        "organization_id": organization,
        **said,
        "description": service.what_for,
        "url": website,
        "status": "active",
        "fees_description": "Miễn phí." if service.free else None,
        "eligibility_description": "Chỉ dành cho phụ nữ." if service.women_only else None,
        "assured_date": service.reviewed.isoformat(),
        "alert": " ".join(filter(None, warnings)) or None,
    }
    tables["service"].append(_filled(row))


def _uri(address: str | None) -> str | None:
    """An address of the web as the standard wants it, in ASCII; none where no such address can be made of it."""
    try:
        parts = urlsplit(address or "")
        host = parts.netloc.encode("idna").decode()
    except ValueError:
        return None
    rest = (quote(re.sub("%(?![0-9A-Fa-f]{2})", "%25", part), safe=_URI_MARKS) for part in parts[2:])
    return urlunsplit((parts.scheme, host, *rest)) if _HOST.fullmatch(host) else None


def _location(tables: Tables, key: str, service: Service, province: str) -> None:
    """Where it is: nothing for what has neither address nor position, such as a line to call."""
    if service.address is None and service.position is None:
        return
    location = identifier("location", key)
    row: dict[str, Any] = {
        "id": location,
        "location_type": "physical",
        "name": service.name,
        "organization_id": identifier("organization", key),
    }
    if service.position:
        row["latitude"], row["longitude"] = service.position
    if service.openstreetmap:
        row["description"] = LICENCE["attribution"]
    tables["location"].append(row)
    link = {"id": identifier("service_at_location", key), "service_id": identifier("service", key), "location_id": location}
    tables["service_at_location"].append(link)
    if service.address is not None:
        # HSDS wants a city and a postal code; our sources do not say them apart, and nothing is guessed.
        parts = {"address_1": service.address, "city": "", "state_province": province, "postal_code": "", "country": "VN"}
        address = {"id": identifier("address", key), "location_id": location, **parts, "address_type": "physical"}
        tables["address"].append(address)


def _contact(tables: Tables, key: str, service: Service) -> None:
    """Phones, hours and languages."""
    own = {"service_id": identifier("service", key)}
    for name in ("phones", _UNVERIFIED):
        for index, number in enumerate(getattr(service, name)):
            row = {"id": identifier("phone", key, name, index), **own, "number": number, "type": "voice"}
            if name == _UNVERIFIED:
                row["description"] = _NOT_CONFIRMED
                _attribute(tables, "phone", row["id"], "field", _UNVERIFIED, "true")
            tables["phone"].append(row)
    for name, said in _SPOKEN.items():
        for index, times in enumerate(schedules(getattr(service, name)) if getattr(service, name) else ()):
            row = {"id": identifier("schedule", key, name, index), **own, **times}
            tables["schedule"].append({**row, "description": f"{said}: {times['description']}"})
    for index, code in enumerate(service.languages):
        row = {"id": identifier("language", key, index), **own, "name": _language(code), "code": code}
        tables["language"].append(row)


def _language(code: str) -> str:
    try:
        return Locale.parse(code).get_display_name("vi") or code
    except (UnknownLocaleError, ValueError):
        return code


def _attributes(tables: Tables, key: str, province: str, service: Service) -> None:
    own = identifier("service", key)
    _attribute(tables, "service", own, "field", _KEY, key)
    _attribute(tables, "service", own, "field", _PROVINCE, province)
    for index, name in enumerate(service.categories):
        _attribute(tables, "service", own, "category", name, name, index)
    if service.website != _uri(service.website):
        _attribute(tables, "service", own, "field", _WEBSITE, as_text(service, _WEBSITE))
    for name in FIELDS:
        if name not in {*_PLACED, "categories"} and not is_default(service, name):
            _attribute(tables, "service", own, "field", name, as_text(service, name))


def _attribute(tables: Tables, entity: str, link: str, taxonomy: str, term: str, value: str, index: int = 0) -> None:
    """A fact about a row. link_type: "category", or the field that it is."""
    row = {"id": identifier("attribute", link, taxonomy, term, index), "link_id": link}
    row["taxonomy_term_id"] = identifier("taxonomy", taxonomy, term)
    kind = _CATEGORY if taxonomy == "category" else term
    tables["attribute"].append({**row, "link_type": kind, "link_entity": entity, "value": value})


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def from_hsds(data: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, tuple[str, Service]]:
    """The services of tables that `to_hsds` wrote, each with its province.

    Raises ValueError for a service that did not come from us: it lacks what our models want, and nothing is made up.
    """
    links = {row["service_id"]: row["location_id"] for row in data.get("service_at_location", ())}
    places = {row["id"]: row for row in data.get("location", ())}
    streets = {row["location_id"]: row["address_1"] for row in data.get("address", ())}
    return dict(_read(data, row, places.get(links.get(row["id"]), {}), streets) for row in data["service"])


def _read(
    data: Mapping[str, Sequence[Mapping[str, Any]]],
    row: Mapping[str, Any],
    place: Mapping[str, Any],
    streets: Mapping[str, str],
) -> tuple[str, tuple[str, Service]]:
    own = row["id"]
    said = {at["link_type"]: at["value"] for at in _of(data, "attribute", "link_id", own) if at["link_type"] != _CATEGORY}
    if not {_KEY, _PROVINCE} <= said.keys():
        raise ValueError(f"service {own} ({row['name']}) has no id or province of ours")
    doubtful = {at["link_id"] for at in data["attribute"] if at["link_type"] == _UNVERIFIED}
    phones = list(_of(data, "phone", "service_id", own))
    found = {
        "name": row["name"],
        "what_for": row.get("description"),
        "website": row.get("url"),
        "email": row.get("email"),
        "reviewed": row.get("assured_date"),
        "categories": [at["value"] for at in _of(data, "attribute", "link_id", own) if at["link_type"] == _CATEGORY],
        "phones": [phone["number"] for phone in phones if phone["id"] not in doubtful],
        "phones_unverified": [phone["number"] for phone in phones if phone["id"] in doubtful],
        "languages": [spoken["code"] for spoken in _of(data, "language", "service_id", own)],
        "address": streets.get(place.get("id", "")),
        "position": (place["latitude"], place["longitude"]) if "latitude" in place else None,
        **{name: as_value(name, said[name]) for name in FIELDS if name in said},
    }
    return said[_KEY], (said[_PROVINCE], Service.model_validate(found))


def _of(data: Mapping[str, Sequence[Mapping[str, Any]]], table: str, column: str, own: str) -> Iterator[Mapping[str, Any]]:
    return (row for row in data.get(table, ()) if row.get(column) == own)
