"""Where people left a form. Counted are steps, not people: who goes back and answers again is counted again."""

from collections.abc import Mapping
from typing import NamedTuple

from bot.conversation import Form
from bot.figures import HIDDEN, Shown, is_small, shown

END = ""


class Stop(NamedTuple):
    """A question that everybody comes past. there: how many came so far. gone: how many did not come from the last stop whose
    number is shown to this one. led: how many of them were led to an ending that breaks the form off."""

    question: str
    there: Shown
    gone: Shown
    led: Shown


def stops(form: Form, reached: Mapping[str, int]) -> list[Stop]:
    """The questions that everybody comes past, then the end (question ""). Where fewer than 5 are gone between two stops, the
    number there is hidden, so that each number of people who are gone is 0 or at least 5."""
    chain, goals = _always(form), _goals(form)
    led = dict.fromkeys(chain, 0)
    for ending in set(form.endings) - goals:
        leading = [question for question in chain if ending not in _open(form, question)]
        led[leading[-1] if leading else chain[0]] += reached.get(ending, 0)
    there = [*(reached.get(question, 0) for question in chain), sum(reached.get(ending, 0) for ending in goals)]
    kept = _kept(there)
    found: list[Stop] = []
    before = 0
    for place, question in enumerate([*chain, END]):
        if place not in kept:
            found.append(Stop(question, HIDDEN, HIDDEN, HIDDEN))
            continue
        gone = max(0, there[before] - there[place])
        broken = sum(led[one] for one in chain[before:place])
        told = HIDDEN if is_small(broken) or is_small(gone - broken) or broken > gone else broken
        found.append(Stop(question, shown(there[place]), gone, told))
        before = place
    return found


def _kept(there: list[int]) -> list[int]:
    """The places whose numbers may be told: the first, and the end if at all possible."""
    kept = [0]
    for place, number in enumerate(there):
        if place == len(there) - 1:
            while len(kept) > 1 and _is_close(there[kept[-1]], number):
                kept.pop()
        if place and not _is_close(there[kept[-1]], number):
            kept.append(place)
    return kept


def _is_close(one: int, other: int) -> bool:
    return is_small(abs(one - other))


def _goals(form: Form) -> set[str]:
    """The endings that finish the form; the others break it off."""
    return {key for key, ending in form.endings.items() if ending.points is not None} or set(form.endings)


def _always(form: Form) -> list[str]:
    goals = _goals(form)
    return [question for question in form.questions if not _open(form, question) & goals]


def _open(form: Form, closed: str) -> set[str]:
    """The questions and endings that can be reached without one question."""
    questions = list(form.questions)
    waiting, found = questions[:1], set()
    while waiting:
        at = waiting.pop()
        if at == closed or at in found:
            continue
        found.add(at)
        if at in form.questions:
            asked, place = form.questions[at], questions.index(at) + 1
            otherwise = asked.to or next(iter(questions[place:]), "")
            steps = {option.to or otherwise for option in asked.options.values()} | {otherwise}
            waiting += [step for step in steps if step]
            if "" in steps:
                waiting += [key for key, ending in form.endings.items() if ending.points is not None] or list(form.endings)[:1]
    return found
