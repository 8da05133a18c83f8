"""Which numbers of a survey may be told. Sheets and report both ask here: what one hides, the other must not give away."""

from collections import Counter

from bot.figures import Shown, hide
from bot.surveys.sheets import SKIP, Asked, Survey

NOT_ASKED = ""


def months(survey: Survey) -> dict[str, Shown]:
    """Sheets by month."""
    sizes = Counter(sheet.month for sheet in survey.sheets)
    names = sorted(sizes)
    return dict(zip(names, hide([sizes[name] for name in names]), strict=True))


def answers(survey: Survey) -> dict[str, dict[str, Shown]]:
    """By question how often each answer was given, then SKIP and NOT_ASKED.

    Who was asked a question tells what they answered to the one that led there: if that has hidden parts, it is hidden too how
    many were asked.
    """
    found: dict[str, dict[str, Shown]] = {}
    veiled = False
    for asked in survey.asked:
        found[asked.key] = _answers(survey, asked, veiled=veiled)
        veiled = veiled or (asked.leads and any(isinstance(count, str) for count in found[asked.key].values()))
    return found


def _answers(survey: Survey, asked: Asked, *, veiled: bool) -> dict[str, Shown]:
    sizes = Counter(part for sheet in survey.sheets for part in sheet.answers.get(asked.key, (NOT_ASKED,)))
    names = [name for name in asked.options or sorted(sizes) if name not in (SKIP, NOT_ASKED)]
    names += [SKIP, NOT_ASKED]
    missing = len(names) - 1
    numbers = [sizes[name] for name in names]
    never = (missing,) if veiled and sizes[NOT_ASKED] else ()
    return dict(zip(names, hide(numbers, last=(missing - 1, missing), never=never), strict=True))
