"""Answer sheets as CSV, one a row, and the dictionary that says what stands in them.

Small groups are hidden, by these rules. `*` stands for what is hidden.
1. Fewer than 5 sheets in all: no rows.
2. An answer that fewer than 5 sheets gave is hidden, and as many of the next rarest as are needed so that nobody can find it
   by subtraction: the same that the report hides (`telling.py`), months and provinces included. Where a hidden answer decided
   what was asked next, that is hidden in this row too.
3. Where fewer than 5 sheets share month and province, the month is hidden; where still fewer than 5 share what is left, the
   province too. If then fewer than 5 sheets have neither, the next smallest group joins them.
The rows are sorted by what stands in them, so that their order does not tell when somebody answered.
"""

from collections import Counter
from collections.abc import Mapping

from bot.figures import HIDDEN, LEAST, csv_text
from bot.surveys.sheets import PROVINCE, SKIP, Asked, Sheet, Survey
from bot.surveys.telling import NOT_ASKED, answers, months

MONTH = "month"
BETWEEN = ";"
# No question is called so.
MONTH_OF = ""

# What stands in the dictionary for people, in Vietnamese and English.
MONTH_WORDS = ("Tháng nộp phiếu", "Month in which the sheet was handed in")
VALUES = {
    SKIP: ("Người trả lời bỏ qua câu này", "The person left this question out"),
    NOT_ASKED: ("Không hỏi, vì câu trả lời trước dẫn qua câu khác", "Not asked: an earlier answer led past this question"),
    HIDDEN: ("Đã che, để không ai bị nhận ra qua số liệu", "Hidden, so that nobody can be recognised"),
}
RULES = (
    (
        f"Câu trả lời có dưới {LEAST} phiếu chọn thì che. Câu trả lời ít kế tiếp cũng che, để lấy tổng trừ đi không ra. "
        "Tháng và tỉnh cũng vậy. Câu hỏi phụ thuộc vào câu trả lời đã che cũng được che.",
        f"An answer in fewer than {LEAST} sheets is hidden. The next rarest too, where subtraction would give it away. "
        "The same goes for months and provinces. Questions that depended on a hidden answer are hidden too.",
    ),
    (
        f"Dưới {LEAST} phiếu chung tháng và tỉnh thì che tháng. Vẫn dưới {LEAST} phiếu thì che cả tỉnh. "
        f"Nếu số phiếu bị che cả hai còn dưới {LEAST} thì che thêm nhóm nhỏ kế tiếp.",
        f"Fewer than {LEAST} sheets with the same month and province: the month is hidden. Still fewer than {LEAST}: the "
        f"province too. If fewer than {LEAST} sheets have neither, the next smallest group joins them.",
    ),
    (
        "Các hàng không xếp theo thời gian. Chỉ dùng trong nhóm sức khỏe người di cư. Đừng đăng từng hàng lên mạng.",
        "The rows are in no order of time. For the migration-health team only. Do not publish single rows.",
    ),
)


def sheets(survey: Survey) -> str:
    """The sheets as CSV, one a row: month, province, then the answers as option keys; several are joined by ";"."""
    columns = [asked for asked in survey.asked if asked.key != survey.province]
    head = [MONTH, *([PROVINCE] if survey.province else []), *(_column(asked) for asked in columns)]
    if len(survey.sheets) < LEAST:
        return csv_text([head])
    told = answers(survey)
    hidden = {key: {part for part, count in parts.items() if isinstance(count, str)} for key, parts in told.items()}
    hidden[MONTH_OF] = {month for month, count in months(survey).items() if isinstance(count, str)}
    where = _where([_place(survey, sheet, hidden) for sheet in survey.sheets])
    sometimes = {asked.key for asked in columns if any(asked.key not in sheet.answers for sheet in survey.sheets)}
    rows = []
    for sheet, (month, province) in zip(survey.sheets, where, strict=True):
        cells = {asked.key: _cell(_given(sheet, asked.key), hidden[asked.key]) for asked in columns}
        if any(asked.leads and HIDDEN in cells[asked.key] for asked in columns):
            cells |= dict.fromkeys(sometimes, HIDDEN)
        rows.append([month, *([province] if survey.province else []), *cells.values()])
    return csv_text([head, *sorted(rows)])


def _column(asked: Asked) -> str:
    """A question may be called like one of the columns before."""
    return f"{asked.key}_answer" if asked.key in (MONTH, PROVINCE) else asked.key


def _place(survey: Survey, sheet: Sheet, hidden: Mapping[str, set[str]]) -> tuple[str, str]:
    province = _cell(_given(sheet, survey.province), hidden.get(survey.province, set()))
    return _cell((sheet.month,), hidden[MONTH_OF]), province


def _given(sheet: Sheet, question: str) -> tuple[str, ...]:
    return sheet.answers.get(question, (NOT_ASKED,))


def _where(places: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Month and province of each sheet as they may be told."""
    for blanked in (lambda place: (HIDDEN, place[1]), lambda place: (HIDDEN, HIDDEN)):
        sizes = Counter(places)
        places = [place if sizes[place] >= LEAST else blanked(place) for place in places]
    sizes = Counter(places)
    lost = (HIDDEN, HIDDEN)
    while 0 < sizes[lost] < LEAST and len(sizes) > 1:
        smallest = min((place for place in sizes if place != lost), key=lambda place: (sizes[place], place))
        places = [lost if place == smallest else place for place in places]
        sizes = Counter(places)
    return places


def _cell(parts: tuple[str, ...], hidden: set[str]) -> str:
    return BETWEEN.join(dict.fromkeys(HIDDEN if part in hidden else part for part in parts))


def dictionary(survey: Survey) -> str:
    """What stands in the columns: a row a column and a row a value, then the values and rules of all columns, as CSV."""
    rows: list[list[str]] = [["column", "value", "kind", survey.source, "en"]]
    rows.append([MONTH, "", "month", *MONTH_WORDS])
    columns = [asked for asked in survey.asked if asked.key == survey.province]
    columns += [asked for asked in survey.asked if asked.key != survey.province]
    for asked in columns:
        column = PROVINCE if asked.key == survey.province else _column(asked)
        rows.append([column, "", asked.kind, *asked.text])
        rows += [[column, key, "option", *words] for key, words in asked.options.items()]
    rows += [["(all columns)", value or "(empty)", "value", *words] for value, words in VALUES.items()]
    rows += [["(rule)", str(number), "rule", *words] for number, words in enumerate(RULES, 1)]
    return csv_text(rows, for_people=True)
