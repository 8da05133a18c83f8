"""What partners send us and get from us, as commands: services in (CSV), services out (CSV, HSDS)."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from bot.content.book import read_book
from bot.content.hsds import write_hsds
from bot.content.import_services import Change, import_services
from bot.content.problems import ContentError
from bot.content.service_fields import as_text, is_default
from bot.content.services_csv import write_csv

Format = Literal["csv", "hsds"]
# Without it Excel does not take a CSV file for UTF-8.
_MARK = "\ufeff"
_SAID = {
    "en": {
        "problems": "{count} problems: nothing was changed.",
        "added": "  added    {key}: {name}",
        "changed": "  changed  {key}:",
        "field": "           {name}: {old} -> {new}",
        "nothing": "none",
        "counts": "{province}: {added} added, {changed} changed, {unchanged} unchanged",
        "done": "{files} files written. Now run 'check', and 'translate update' where sentences changed.",
        "dry": "Nothing was written (dry run); {files} files would change.",
    },
    "vi": {
        "problems": "{count} lỗi: chưa thay đổi gì.",
        "added": "  thêm  {key}: {name}",
        "changed": "  đổi   {key}:",
        "field": "        {name}: {old} -> {new}",
        "nothing": "trống",
        "counts": "{province}: thêm {added}, đổi {changed}, giữ nguyên {unchanged}",
        "done": "Đã ghi {files} tệp. Hãy chạy 'check', và 'translate update' nếu có câu đã đổi.",
        "dry": "Chưa ghi gì (chạy thử); {files} tệp sẽ thay đổi.",
    },
}


def import_command(file: Path, content: Path, today: date, *, dry_run: bool, language: str = "en") -> int:
    """Import a table and say what it changes, or what is wrong with it. Returns the exit code: 1 with problems."""
    said = _SAID[language]
    found = import_services(file, content, today, dry_run=dry_run)
    if found.problems:
        _say(*(problem.line_for_author(language) for problem in found.problems))
        _say(said["problems"].format(count=len(found.problems)))
        return 1
    _say(*report(found.changes, language))
    _say(said["dry" if dry_run else "done"].format(files=len(found.files)))
    return 0


def report(changes: Sequence[Change], language: str = "en") -> Iterator[str]:
    """What changes, province by province: a line with the counts, then each entry that is new or changed."""
    said = _SAID[language]
    for province in dict.fromkeys(change.province for change in changes):
        here = [change for change in changes if change.province == province]
        added = [change for change in here if change.old is None]
        changed = [change for change in here if change.old and change.fields]
        counts = {"added": len(added), "changed": len(changed), "unchanged": len(here) - len(added) - len(changed)}
        yield said["counts"].format(province=province, **counts)
        yield from (said["added"].format(key=change.key, name=change.new.name) for change in added)
        for change in changed:
            yield said["changed"].format(key=change.key)
            for name in change.fields:
                texts = [said["nothing"] if is_default(s, name) else as_text(s, name) for s in (change.old, change.new) if s]
                yield said["field"].format(name=name, old=texts[0], new=texts[1])


def export_command(kind: Format, content: Path) -> int:
    """Write the directory to standard output. Raises ContentError if the content has problems: they would travel."""
    book = read_book(content)
    if book.problems:
        raise ContentError(book.problems)
    sys.stdout.write(_MARK + write_csv(book.places.services) if kind == "csv" else write_hsds(book.places))
    return 0


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
