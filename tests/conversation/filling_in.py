"""People who fill in forms, all the ways through one, and authors who change it meanwhile."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import combinations, pairwise
from typing import Any

from bot.conversation import (
    Catalog,
    Choice,
    Form,
    Incoming,
    Question,
    Said,
    Screen,
    Session,
    Tapped,
    Turn,
    respond,
    token,
    walk,
)

# Up to so many ways through a form all of them are walked.
ALL = 5000
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)

# One answer to a question: the last segments of the taps that give it.
Move = tuple[str, ...]
Way = tuple[Move, ...]


class Somebody:
    """Who fills in a form. The session goes through its stored form between any two deeds."""

    def __init__(self, catalog: Catalog, language: str = "vi", *, channel: str = "telegram") -> None:
        self.catalog = catalog
        self.session = Session(language)
        self.channel = channel
        self.turn = Turn(self.session, (), ())
        self.kept: list[Any] = []

    def does(self, kind: Callable[..., Incoming], **what: str) -> Screen:
        turn = respond(self.catalog, self.session, kind(channel=self.channel, person="1", at=NOW, **what))
        again = Session.from_dict(json.loads(json.dumps(turn.session.to_dict())))
        assert again == turn.session, "the stored session is another"
        self.turn, self.session = turn, again
        self.kept += turn.records
        return turn.replies[-1]

    def goes(self, address: str) -> Screen:
        return self.does(Tapped, token=token(str(self.session.language), address))

    def taps(self, segment: str) -> Screen:
        """An option of the question that is shown, or back, skip, done."""
        return self.goes(f"{self.session.screen}/{segment}")

    def says(self, text: str) -> Screen:
        return self.does(Said, text=text)

    def begins(self, form: str) -> Screen:
        return self.goes(f"form/{form}/resume")

    def answers(self, form: str) -> dict[str, str]:
        return dict(dict(self.session.forms).get(form, ()))


def moves(question: Question) -> list[Move]:
    """Every answer that can be given by tapping. Of several options: each alone, and each with the next."""
    keys = list(question.options)
    if question.choose == 1:
        given: list[Move] = [(key,) for key in keys]
    else:
        given = [*((key, "done") for key in keys), *pairwise(keys)]
    return [*given, ("skip",)] if question.skip else given


def said(question: Question, move: Move) -> str:
    """The answer as it is kept in the session."""
    return f"{move[0]}." if move[-1] == "done" else ",".join(move)


def follows(form: Form, way: Way) -> str:
    """The question or ending that a way leads to."""
    return walk(form, answers(form, way)).at


def answers(form: Form, way: Way) -> tuple[tuple[str, str], ...]:
    given: list[tuple[str, str]] = []
    for move in way:
        at = walk(form, tuple(given)).at
        given.append((at, said(form.questions[at], move)))
    return tuple(given)


def every_way(form: Form) -> Iterator[Way]:
    waiting: list[Way] = [()]
    while waiting:
        way = waiting.pop()
        at = follows(form, way)
        if at in form.endings:
            yield way
        else:
            waiting += [(*way, move) for move in moves(form.questions[at])]


def count(form: Form) -> int:
    """How many ways there are through a form, not counting further than we would walk."""

    @cache
    def ways(name: str) -> int:
        if name not in form.questions:
            return 1
        return min(sum(ways(to) for _, to in steps(form, name)), ALL + 1)

    return ways(next(iter(form.questions)))


def steps(form: Form, name: str) -> list[tuple[Move, str]]:
    """The answers to a question, each with the question that follows, "" for the end."""
    names = list(form.questions)
    asked = form.questions[name]
    following = asked.to or next(iter(names[names.index(name) + 1 :]), "")
    return [(move, next((o.to for key in move if (o := asked.options.get(key)) and o.to), following)) for move in moves(asked)]


def every_pair(form: Form, most: int) -> Iterator[Way]:
    """Ways in which every answer is given, and every two of the first answers to two questions."""
    names = list(form.questions)
    used: set[tuple[tuple[str, Move], ...]] = set()
    first = {name: [move for move, _ in steps(form, name)][:most] for name in names}
    pairs = [{one: a, other: b} for one, other in combinations(names, 2) for a in first[one] for b in first[other]]
    single = [{name: move} for name in names for move, _ in steps(form, name)]
    for wanted in (*pairs, *single):
        if tuple(wanted.items()) not in used and (given := through(form, wanted, used)):
            used |= {*combinations(given, 2), *((answer,) for answer in given)}
            yield tuple(move for _, move in given)


def through(form: Form, wanted: Mapping[str, Move], used: Set[tuple[tuple[str, Move], ...]]) -> list[tuple[str, Move]]:
    """A way that gives these answers, none if there is no such way. The others are chosen so that many new pairs are met."""

    @cache
    def leads(name: str, goal: str) -> bool:
        return name == goal or (name in form.questions and any(leads(to, goal) for _, to in steps(form, name)))

    at, given = next(iter(form.questions)), list[tuple[str, Move]]()
    while at in form.questions:
        goal = next((name for name in wanted if name not in dict(given)), "")
        options = [(move, to) for move, to in steps(form, at) if not goal or at == goal or leads(to, goal)]
        options = [(move, to) for move, to in options if move == wanted.get(at, move)]
        if not options:
            return []
        move, to = max(options, key=lambda o: (o[1] in form.questions, sum((one, (at, o[0])) not in used for one in given)))
        given.append((at, move))
        at = to
    return given


def ways(form: Form, *, most: int) -> list[Way]:
    """All ways through a short form; in a long one every answer, and all pairs of the first answers to each question.

    most: so many answers of a question are paired.
    """
    return list(every_way(form) if count(form) <= ALL else every_pair(form, most))


def forms(catalog: Catalog, language: str = "vi") -> Mapping[str, Form]:
    return catalog.editions[language].forms


def texts(screen: Screen) -> str:
    return "\n".join(block.text.plain for block in screen.blocks)


def edited(catalog: Catalog, key: str, change: Callable[[Form], Form]) -> Catalog:
    """The catalog after an author changed a form: its questions in every language, with their screens."""
    editions = {}
    for language, edition in catalog.editions.items():
        form = change(edition.forms[key])
        old = edition.forms[key]
        screens = {a: s for a, s in edition.screens.items() if not a.startswith(f"form/{key}/")}
        like = edition.screens[f"form/{key}/{next(iter(old.questions))}"]
        for name, question in form.questions.items():
            address = f"form/{key}/{name}"
            found = edition.screens.get(address, like)
            segments = {**{k: o.label for k, o in question.options.items()}}
            segments |= {"done": like.labels["done"]} if question.choose > 1 else {}
            segments |= {"skip": like.labels["skip_question"]} if question.skip else {}
            choices = [Choice(label, language, f"{address}/{segment}") for segment, label in segments.items()]
            leave = Choice(like.labels["leave"], language, "home")
            back = tuple(replace(way, address=f"{address}/back") if way.key == "<" else way for way in like.ways)
            screens[address] = replace(
                found,
                address=address,
                choices=(*choices, leave),
                ways=back,
                parent=f"{address}/back",
                languages=found.languages,
            )
        for name in form.endings:
            screens[f"form/{key}/{name}"] = edition.screens[f"form/{key}/{name}"]
        editions[language] = replace(edition, screens=screens, forms={**edition.forms, key: form})
    return replace(catalog, editions=editions)


def asking(*names: str, **questions: Question) -> Callable[[Form], Form]:
    """An edit: these questions, in this order; new ones by keyword, the others as they are."""
    return lambda form: replace(form, questions={name: questions.get(name) or form.questions[name] for name in names})


def check_question(catalog: Catalog, form: Form, screen: Screen, name: str) -> None:
    """Progress, every option, and the ways out."""
    asked, address = form.questions[name], f"form/{form.key}/{name}"
    assert screen.address == address
    number, everything = list(form.questions).index(name) + 1, len(form.questions)
    progress = screen.labels["question"].format(number=number, all=everything)
    assert progress in [block.text.plain for block in screen.blocks]
    offered = {choice.address: choice.label for choice in screen.choices}
    assert [offered[f"{address}/{key}"] for key in asked.options] == [option.label for option in asked.options.values()]
    assert (f"{address}/skip" in offered) is asked.skip
    assert (f"{address}/done" in offered) is (asked.choose > 1)
    assert offered["home"] == screen.labels["leave"]
    assert {way.key: way.address for way in screen.ways} == {"#": "help/now", "<": f"{address}/back", "0": "home"}


def check_ending(form: Form, screen: Screen, name: str) -> None:
    """Nothing is left unfilled, and there are ways on."""
    address = f"form/{form.key}/{name}"
    assert screen.address == address
    assert not [b for b in screen.blocks if re.search("[{}]", f"{b.text.plain}{b.text.inline}{b.text.web}")]
    assert f"form/{form.key}/restart" in [choice.address for choice in screen.choices]
    assert {way.key: way.address for way in screen.ways} == {"#": "help/now", "<": f"{address}/back", "0": "home"}
