"""JSON Schemas of the content files, so that editors such as VS Code complete keys and underline mistakes while one types."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.content import fixed_models, form_models, models, place_models

# The schema's name, and what it describes. Each content file names its schema in its first line.
KINDS: dict[str, Any] = {
    "topic": models.Topic,
    "bot": models.Bot,
    "screens": fixed_models.Fixed,
    "hotlines": models.Hotlines,
    "redirects": models.Redirects,
    "words": models.WordsFile,
    "crisis": models.Crisis,
    "cues": models.Cues,
    "provinces": place_models.Provinces,
    "gates": place_models.Gates,
    "countries": place_models.Countries,
    "categories": place_models.Categories,
    "services": place_models.Services,
    "form": form_models.Form,
}


def write_schemas(folder: Path) -> list[Path]:
    """Write all of them into a folder; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, kind in KINDS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | TypeAdapter(kind).json_schema()
        file = folder / f"{name}.json"
        file.write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", "utf-8")
        written.append(file)
    return written
