"""The fields of a service as text: how a table writes them in cells and in attributes, and how it reads them back.

Whoever adds a field to the model finds it in every table; nothing has to be said here, unless it is of a new kind.
"""

import json
from typing import Any, Literal, get_args, get_origin

from bot.content.place_models import Origin, Service

Kind = Literal["text", "list", "flag", "number", "position", "sources"]

ORIGIN = tuple(Origin.model_fields)
_BY_NAME: dict[str, Kind] = {"position": "position", "sources": "sources"}


def _kind(name: str) -> Kind:
    if name in _BY_NAME:
        return _BY_NAME[name]
    wanted = Service.model_fields[name].annotation
    inside = {wanted, *get_args(wanted)}
    if get_origin(wanted) is tuple:
        return "list"
    return "flag" if bool in inside else "number" if int in inside else "text"


# Every field of a service in the order of the model, and what it holds.
FIELDS: dict[str, Kind] = {name: _kind(name) for name in Service.model_fields}


def is_default(service: Service, name: str) -> bool:
    """Does it say no more than an entry without this field?"""
    info = Service.model_fields[name]
    return not info.is_required() and getattr(service, name) == info.default


def as_text(service: Service, name: str) -> str:
    """A field as one text: words as they are, everything else as JSON."""
    value = service.model_dump(mode="json")[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_value(name: str, text: str) -> Any:
    """What `as_text` wrote, for the model to read."""
    return text if FIELDS[name] == "text" else json.loads(text)
