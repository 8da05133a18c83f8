"""The report of a survey: one HTML file that needs nothing else. The same sheets give the same file, byte for byte."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.figures import FEW, HIDDEN, LEAST, Shown, hide, shown
from bot.surveys.left import stops
from bot.surveys.plots import Bar, bars
from bot.surveys.sheets import PROVINCE, SKIP, Asked, Survey, Words
from bot.surveys.telling import NOT_ASKED, answers, months

SKIPPED = Words("Bỏ qua", "Left out")
NEVER = Words("Không được hỏi câu này", "Not asked")
ANSWERED = Words("Đã trả lời", "Answered")
END = Words("Trả lời xong", "Finished")


class Row(NamedTuple):
    """A line of a table. mark: what it is called in the plot, "" if it is not in it. share: in percent, "" if not told."""

    mark: str
    words: Words
    sheets: Shown
    share: str


@dataclass(frozen=True, slots=True)
class Part:
    """A table and its plot. base: what the shares are of, ready to read. several: more than one answer was possible."""

    title: Words
    rows: Sequence[Row]
    plot: Markup
    base: str
    several: bool = False


def report(survey: Survey) -> str:
    """The report, as HTML."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    enough = len(survey.sheets) >= LEAST
    told = answers(survey)
    return templates.get_template("report.html").render(
        survey=survey,
        count=shown(len(survey.sheets)),
        enough=enough,
        few=FEW,
        hidden=HIDDEN,
        least=LEAST,
        months=_months(survey) if enough else None,
        questions=[_question(survey, asked, told[asked.key]) for asked in survey.asked] if enough else [],
        left=_left(survey) if survey.reached else None,
        stops=stops(survey.form, survey.reached) if survey.reached else [],
        texts={asked.key: asked.text for asked in survey.asked} | {"": END},
        numbers={key: str(number) for number, key in enumerate(survey.form.questions, 1)} | {"": "✓"},
    )


def _months(survey: Survey) -> Part:
    told = months(survey)
    names = {month: Words(f"Tháng {month[5:]}/{month[:4]}", month) for month in told}
    title = Words("Số phiếu mỗi tháng", "Sheets by month")
    return _part(title, names, list(told.values()), (), len(survey.sheets))


def _question(survey: Survey, asked: Asked, told: Mapping[str, Shown]) -> Part:
    """Counts of the answers, then of those who left it out or were not asked; shares of those who answered."""
    total = len(survey.sheets)
    missing = sum(asked.key not in sheet.answers for sheet in survey.sheets)
    skipped = sum(sheet.answers.get(asked.key) == (SKIP,) for sheet in survey.sheets)
    if asked.is_choice:
        names = {key: words for key, words in asked.options.items() if asked.kind != PROVINCE or told[key] != 0}
        counts = [told[key] for key in names]
        others = [told[SKIP], told[NOT_ASKED]]
    else:  # what was typed is nobody's business
        names = {"": ANSWERED}
        never = (2,) if told[NOT_ASKED] == HIDDEN else ()
        answered, *others = hide([total - missing - skipped, skipped, missing], never=never)
        counts = [answered]
    tail = [(SKIPPED, others[0])] + ([(NEVER, others[1])] if missing else [])
    return _part(asked.text, names, counts, tail, _base(total, others), several=asked.kind == "several")


def _base(total: int, others: Sequence[Shown]) -> int | tuple[int, int] | None:
    """How many answered, as far as it may be told: a number, a range, or nothing."""
    if HIDDEN in others:
        return None
    exact = total - sum(count for count in others if isinstance(count, int))
    few = others.count(FEW)
    return (exact - few * (LEAST - 1), exact - few) if few else exact


def _part(
    title: Words,
    names: Mapping[str, Words],
    counts: Sequence[Shown],
    tail: Sequence[tuple[Words, Shown]],
    base: int | tuple[int, int] | None,
    *,
    several: bool = False,
) -> Part:
    """Shares are of what is told of the base and of nothing else, so that no share tells more than its number."""
    of = base if isinstance(base, int) else sum(base) / 2 if base else 0
    about = "" if isinstance(base, int) else "≈ "
    rows, drawn = [], []
    largest = max((count for count in counts if isinstance(count, int)), default=0)
    for mark, (words, count) in enumerate(zip(names.values(), counts, strict=True), 1):
        share = f"{about}{100 * count / of:.0f} %" if isinstance(count, int) and of else ""
        rows.append(Row(str(mark), words, count, share))
        size = count / (of or largest) if isinstance(count, int) and largest else None
        drawn.append(Bar(str(mark), size, f"{count} · {share}" if share else str(count)))
    rows += [Row("", words, count, "") for words, count in tail]
    said = HIDDEN if base is None else str(base) if isinstance(base, int) else f"{base[0]}–{base[1]}"
    return Part(title, rows, bars(title.source, drawn), said, several)


def _left(survey: Survey) -> Markup:
    """How far people came, as a plot."""
    found = stops(survey.form, survey.reached)
    first = found[0].there
    most = first if isinstance(first, int) and first else 1
    drawn = []
    for stop in found:
        mark = str(list(survey.form.questions).index(stop.question) + 1) if stop.question else "✓"
        drawn.append(Bar(mark, stop.there / most if isinstance(stop.there, int) else None, str(stop.there)))
    return bars("Đi đến câu nào", drawn)
