"""What can be wrong with a table of services, in which cell, and how it is said to whoever sent the table."""

from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from bot.content.problem_texts import SENTENCES

# Besides those of content files (problems.py): what only a table can get wrong.
_SHEET: dict[str, dict[str, str]] = {
    "encoding": {
        "en": "not UTF-8; in Excel save as 'CSV UTF-8 (Comma delimited)'",
        "vi": "không phải UTF-8; trong Excel hãy lưu kiểu 'CSV UTF-8 (Comma delimited)'",
    },
    "no-rows": {"en": "no row below the names of the columns", "vi": "không có dòng nào dưới tên các cột"},
    "csv": {"en": "not a table that can be read: {reason}", "vi": "không đọc được bảng: {reason}"},
    "unknown-column": {"en": "unknown column '{key}'", "vi": "cột lạ '{key}'"},
    "nameless-column": {"en": "this cell stands in a column without a name", "vi": "ô này nằm ở cột không có tên"},
    "same-column": {"en": "column '{key}' stands there twice", "vi": "cột '{key}' xuất hiện hai lần"},
    "missing-column": {"en": "column '{key}' is missing", "vi": "thiếu cột '{key}'"},
    "not-decimal": {"en": "'{value}' is not a number such as 21.00181", "vi": "'{value}' không phải số như 21.00181"},
    "half-position": {
        "en": "a position needs both latitude and longitude",
        "vi": "vị trí cần cả latitude (vĩ độ) và longitude (kinh độ)",
    },
    "bad-id": {
        "en": "'{value}' is not an id; use a-z, 0-9 and '-'",
        "vi": "'{value}' không phải mã (id); chỉ dùng a-z, 0-9 và '-'",
    },
    "same-id": {"en": "'{value}' stands in row {first} too", "vi": "'{value}' đã có ở dòng {first}"},
    "moved": {
        "en": "'{value}' is an entry of {province}; an import moves nothing to another province",
        "vi": "'{value}' là mục của {province}; nhập bảng không chuyển mục sang tỉnh khác",
    },
    "lost-zero": {
        "en": "'{value}' has lost its first digit or '+'; make the column Text and write it as it is dialled",
        "vi": "'{value}' bị mất số 0 hoặc dấu '+' ở đầu; hãy đặt cột kiểu Text rồi viết đúng như khi gọi",
    },
}
_HINT = {"en": "; did you mean '{word}'?", "vi": "; có phải ý bạn là '{word}'?"}
_PLACE = {"en": "{path}: row {row}, {name} ({cell}): {said}", "vi": "{path}: dòng {row}, cột {name} ({cell}): {said}"}


def cell_name(row: int, column: int) -> str:
    """As spreadsheets call a cell; both count from 1: (12, 3) is C12."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = ascii_uppercase[rest] + letters
    return f"{letters}{row}"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing wrong, in a cell (row and column from 1). name: of the column. hint: the word that was probably meant."""

    path: str
    row: int
    column: int
    name: str
    code: str
    values: tuple[tuple[str, Any], ...] = ()
    hint: str = ""

    def text(self, language: str = "en") -> str:
        """What is wrong and what would be right, without the place."""
        sentence = (_SHEET.get(self.code) or SENTENCES[self.code])[language].format(**dict(self.values))
        return sentence + (_HINT[language].format(word=self.hint) if self.hint else "")

    def line_for_author(self, language: str = "en") -> str:
        """file: row, column (cell): what is wrong; what would be right"""
        cell = cell_name(self.row, self.column)
        place = {"path": self.path, "row": self.row, "name": self.name or "?", "cell": cell}
        return _PLACE[language].format(**place, said=self.text(language))
