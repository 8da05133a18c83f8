"""A problem of the content: where it is and what it is; the right word for a wrong one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rapidfuzz import fuzz, process

from bot.content.problem_texts import HINT, SENTENCES

Level = Literal["error", "warning"]
# How alike (percent of their letters) a wrong word must be to a right one, to be taken for a slip of it.
ALIKE = 66


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing wrong, at a line and column (both from 1) of a file. hint: the word that was probably meant."""

    path: str
    line: int
    column: int
    code: str
    values: tuple[tuple[str, Any], ...] = field(default=(), compare=False)
    hint: str = field(default="", compare=False)
    level: Level = field(default="error", compare=False)

    def text(self, language: str = "en") -> str:
        """What is wrong and what would be right, without the place."""
        sentence = SENTENCES[self.code][language].format(**dict(self.values))
        return sentence + (HINT[language].format(word=self.hint) if self.hint else "")

    def line_for_author(self, language: str = "en") -> str:
        """path:line:column: what is wrong; what would be right"""
        warning = {"error": "", "warning": {"en": "warning: ", "vi": "lưu ý: "}[language]}[self.level]
        return f"{self.path}:{self.line}:{self.column}: {warning}{self.text(language)}"


class ContentError(Exception):
    """The content has problems, so that the bot cannot show it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(problem.line_for_author() for problem in problems))
        self.problems = tuple(problems)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that the author probably meant, "" if none is near."""
    found = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=ALIKE)
    return found[0] if found else ""
