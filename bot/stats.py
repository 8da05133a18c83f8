"""Statistics: what is read, understood, finished, helpful or broken, in totals. Nobody is in them.

For people of the house exact numbers; in files for others (CSV, JSON) small ones are hidden (`bot/figures.py`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.conversation import Form
from bot.figures import LEAST, Shown, csv_text, hide, shown
from bot.store.reading import PARTS, Span, counts_of, views_by

FORM = "form/"
TYPED = ("answered", "unsure", "not-understood")
OPINIONS = ("helpful", "not-helpful")
# How many rows of a long table a person reads in the terminal; files hold all.
ROWS = 20
NONE = "(none)"


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by name. whole: the names add up to a total that is told as well."""

    name: str
    title: str
    counts: Mapping[str, int]
    whole: bool = True

    def for_others(self) -> dict[str, Shown]:
        numbers = list(self.counts.values())
        return dict(zip(self.counts, hide(numbers) if self.whole else map(shown, numbers), strict=True))


async def read(engine: AsyncEngine, forms: Mapping[str, Form], span: Span) -> list[Table]:
    """All tables, in the order of reading. forms: those of any edition. Raises Unavailable."""
    views = {part: dict(await views_by(engine, part, span)) for part in PARTS}
    counts = await counts_of(engine, span)

    def of(kind: str) -> dict[str, int]:
        return {address: count for (found, address), count in counts.items() if found == kind}

    totals = {"views": sum(views["day"].values())}
    totals |= {kind: sum(of(kind).values()) for kind in (*TYPED, *OPINIONS, "report", "exit", "forgotten")}
    tables = [Table("totals", "In total", totals, whole=False)]
    tables += [Table(f"views.{part}", f"Screens shown, by {part}", views[part]) for part in PARTS]
    tables += [Table(f"typed.{kind}", f"Typed words: {kind}, by the screen they were typed on", of(kind)) for kind in TYPED]
    tables += [Table(kind, f"Pages: {kind}", of(kind)) for kind in OPINIONS]
    tables.append(Table("report", 'Services: "this number does not work"', of("report")))
    return [*tables, *_forms(forms, of("form"))]


def _forms(forms: Mapping[str, Form], steps: Mapping[str, int]) -> Iterable[Table]:
    """Of each form how often it was begun and finished; if it is no quiz, each question and ending too."""
    known = {address.removeprefix(FORM).partition("/")[0] for address in steps}
    sums: dict[str, int] = {}
    details: list[Table] = []
    for key in sorted(known & set(forms)):
        form = forms[key]
        asked, ended = (
            {name: steps[f"{FORM}{key}/{name}"] for name in names if f"{FORM}{key}/{name}" in steps}
            for names in (form.questions, form.endings)
        )
        sums[f"{key} begun"] = asked.get(next(iter(form.questions)), 0)
        sums[f"{key} finished"] = sum(ended.values())
        if not _is_quiz(form):
            details.append(Table(f"form.{key}.reached", f"Form {key}: questions reached", asked, whole=False))
            details.append(Table(f"form.{key}.finished", f"Form {key}: endings reached", ended))
    return [Table("forms", "Forms", sums, whole=False), *details]


def _is_quiz(form: Form) -> bool:
    return any(option.right for question in form.questions.values() for option in question.options.values())


def as_text(tables: Iterable[Table], span: Span) -> str:
    """For somebody of the house: exact, the largest first where a table is long."""
    lines = [f"From {span.first} to {span.last}. Exact numbers: not for publishing (--csv and --json hide small ones)."]
    for table in tables:
        rows = list(table.counts.items())
        if not any(count for _, count in rows):
            continue
        if len(rows) > ROWS and table.whole:
            rows = sorted(rows, key=lambda row: (-row[1], row[0]))
        lines += ["", table.title, *(f"{count:8}  {name or NONE}" for name, count in rows[:ROWS])]
        if len(rows) > ROWS:
            lines.append(f"{'...':>8}  and {len(rows) - ROWS} more (--csv has all)")
    return "\n".join(lines) + "\n"


def as_json(tables: Iterable[Table], span: Span) -> str:
    """For programs of others: small numbers hidden."""
    return json.dumps(
        {
            "first": str(span.first),
            "last": str(span.last),
            "least": LEAST,
            "tables": {table.name: table.for_others() for table in tables},
        },
        ensure_ascii=False,
        indent=1,
    )


def as_csv(tables: Iterable[Table]) -> str:
    """For spreadsheets of others: small numbers hidden."""
    rows = [(table.name, name, count) for table in tables for name, count in table.for_others().items()]
    return csv_text([("table", "name", "count"), *rows])
