"""Where the answers of a form lead, before anybody gives one: jumps, circles, what is reached and with how many points."""

from collections.abc import Iterator
from itertools import combinations

from bot.content.form_models import Form
from bot.content.yaml_lines import Path_


def jumps(form: Form) -> Iterator[tuple[Path_, str]]:
    """Every `to`: its place, and where it leads."""
    for name, question in form.questions.items():
        if question.to:
            yield ("questions", name, "to"), question.to
        for key, option in question.options.items():
            if option.to:
                yield ("questions", name, "options", key, "to"), option.to


def _following(form: Form, name: str) -> str:
    """The question or ending that follows where no option says so, "" where the points decide."""
    names = list(form.questions)
    return form.questions[name].to or next(iter(names[names.index(name) + 1 :]), "")


def _steps(form: Form, name: str) -> set[tuple[str, int]]:
    """Where the answers to a question lead, each with the points that it adds."""
    question, following = form.questions[name], _following(form, name)
    steps = {(following, 0)} if question.skip or not question.options else set()
    for count in range(1, question.choose + 1):
        for chosen in combinations(question.options.values(), count):
            points = sum(option.points for option in chosen)
            steps |= {(to, points) for to in {option.to for option in chosen if option.to} or {following}}
    return steps


def circle(form: Form) -> list[str]:
    """Questions that lead back to the first of them; none if there is no such way."""
    done: set[str] = set()

    def look(name: str, way: list[str]) -> list[str]:
        if name in way:
            return way[way.index(name) :]
        if name in done or name not in form.questions:
            return []
        found = next(filter(None, (look(to, [*way, name]) for to, _ in sorted(_steps(form, name)))), [])
        done.add(name)
        return found

    return next(filter(None, (look(name, []) for name in form.questions)), [])


def walked(form: Form) -> tuple[set[str], set[int]]:
    """What is reached, and with how many points the questions run out."""
    seen = {(next(iter(form.questions)), 0)}
    waiting, ends = list(seen), set()
    while waiting:
        name, points = waiting.pop()
        for to, more in _steps(form, name) if name in form.questions else ():
            if not to:
                ends.add(points + more)
            elif (to, points + more) not in seen:
                seen.add((to, points + more))
                waiting.append((to, points + more))
    least = sorted((ending.points, name) for name, ending in form.endings.items() if ending.points is not None)
    lowest = min(least, default=(0, next(iter(form.endings))))
    by_points = {max((entry for entry in least if entry[0] <= points), default=lowest)[1] for points in ends}
    return {name for name, _ in seen} | by_points, ends
