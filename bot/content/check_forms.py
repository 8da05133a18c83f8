"""Rules about forms: every question can be answered, every way leads to an ending, and every key fits into a button."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from bot.content import form_models
from bot.content.book import Book, Page
from bot.content.check_links import known_addresses
from bot.content.form_ways import circle, jumps, walked
from bot.content.problems import Problem, nearest
from bot.content.review import forms_due
from bot.content.translate import placeholders
from bot.content.yaml_lines import Path_
from bot.conversation import TOKEN_BYTES, Catalog, is_address, token

# The last segments of addresses that mean something else than a question or an option.
RESERVED = ("resume", "restart", "back", "skip", "done", "typed")
# What an ending may have in {braces}.
FILLED = ("points", "all", "date")
# Two screens of a phone; more is not read to the end.
SCREEN_LENGTH = 2000

Form = Page[form_models.Form]


def keys(book: Book, today: date) -> Iterator[Problem]:
    """Keys stand in addresses: they are written so, mean nothing else there, and make no button too long."""
    language = max(book.bot.model.languages if book.bot else ["vi"], key=len)
    for key, page in book.forms.items():
        form, document = page.model, page.document
        if not is_address(key) or "/" in key:
            yield document.problem((), "bad-address", value=key)
            continue
        for path, address in _addresses(key, form, set(book.places.provinces)):
            name = str(path[-1])
            count = len(token(language, address).encode())
            if not is_address(name) or "/" in name:
                yield document.problem(path, "bad-address", at_key=True, value=name)
            elif name in RESERVED:
                yield document.problem(path, "key-reserved", at_key=True, key=name)
            elif count > TOKEN_BYTES:
                yield document.problem(path, "token-long", at_key=True, count=count, limit=TOKEN_BYTES)
        for name in form.endings.keys() & form.questions.keys():
            yield document.problem(("endings", name), "question-and-ending", at_key=True, key=name)


def _addresses(key: str, form: form_models.Form, provinces: set[str]) -> Iterator[tuple[Path_, str]]:
    """Every key of a form, with the longest address that it is in."""
    for name, question in form.questions.items():
        answers = [*RESERVED, *(provinces if question.input == "province" else ())]
        yield ("questions", name), f"form/{key}/{name}/{max(answers, key=len)}"
        yield from ((("questions", name, "options", o), f"form/{key}/{name}/{o}") for o in question.options)
    for name in form.endings:
        yield ("endings", name), f"form/{key}/{name}/back"


def questions(book: Book, today: date) -> Iterator[Problem]:
    """Every question can be answered, in one way."""
    for page in book.forms.values():
        for name, question in page.model.questions.items():
            for path, code, values in _question(question, page.model.kind):
                problem = page.document.problem(("questions", name, *path), code, at_key=not path)
                yield replace(problem, values=tuple(({"key": name} | values).items()))


def _question(question: form_models.Question, kind: str) -> Iterator[tuple[Path_, str, dict[str, Any]]]:
    """What is wrong with one question: where in it, the code, the values."""
    wanted = {"number": ("least", "most"), "date": ("least", "most"), "text": ("longest",)}.get(question.input or "", ())
    if not question.options and not question.input:
        yield (), "no-answer", {}
    if question.options and question.input:
        yield ("input",), "two-answers", {}
    for key in ("least", "most", "longest"):
        if key in wanted and getattr(question, key) is None:
            yield (), "missing-key", {"key": key}
        elif key not in wanted and getattr(question, key) is not None:
            yield (key,), "no-effect", {"key": key}
    if wanted and question.input != "text":
        yield from _limits(question)
    if question.choose > max(len(question.options), 1):
        yield ("choose",), "out-of-range", {"value": question.choose, "allowed": f"1-{max(len(question.options), 1)}"}
    right = [key for key, option in question.options.items() if option.right]
    if kind == "quiz" and question.options and not right:
        yield (), "no-right", {}
    for key in right if kind != "quiz" else ():
        yield ("options", key, "right"), "no-effect", {"key": "right"}


def _limits(question: form_models.Question) -> Iterator[tuple[Path_, str, dict[str, Any]]]:
    """least and most are of the kind that is asked for, and in order. A typed 0 leads home, wherever somebody is."""
    kind, code = (int, "not-number") if question.input == "number" else (date, "not-date")
    limits = {key: value for key in ("least", "most") if (value := getattr(question, key)) is not None}
    wrong = {key: value for key, value in limits.items() if not isinstance(value, kind)}
    for key, value in wrong.items():
        yield (key,), code, {"value": value}
    if not wrong and len(limits) == 2 and limits["least"] > limits["most"]:
        yield ("least",), "least-most", limits
    elif not wrong and kind is int and limits.get("least", 1) < 1:
        yield ("least",), "zero", {}


def ways(book: Book, today: date) -> Iterator[Problem]:
    """Answers lead on to questions and endings that exist, never in a circle, to every one of them, and always to an end."""
    for page in book.forms.values():
        form, document = page.model, page.document
        known = [*form.questions, *form.endings]
        dead = False
        for path, to in jumps(form):
            if to not in known:
                dead = True
                yield document.problem(path, "dead-link", where="to", address=to, hint=nearest(to, known))
        if found := circle(form):
            yield document.problem(("questions", found[0]), "form-loop", at_key=True, way=" → ".join([*found, found[0]]))
            continue
        reached, ends = walked(form)
        for name in [] if dead else [name for name in known if name not in reached]:
            group = "questions" if name in form.questions else "endings"
            yield document.problem((group, name), "form-unreached", at_key=True, key=name)
        least = [ending.points for ending in form.endings.values() if ending.points is not None]
        if ends and not least:
            yield document.problem(("endings",), "no-ending", at_key=True)
        elif ends and min(ends) < min(least):
            yield document.problem(("endings",), "few-points", at_key=True, points=min(ends), least=min(least))


def links(book: Book, today: date) -> Iterator[Problem]:
    """Pages and numbers that forms name exist."""
    hotlines = book.hotlines.model if book.hotlines else None
    known = known_addresses(book) if book.bot and book.fixed else None
    for key, page in book.forms.items():
        yield from _listed(page, ("see_also",), page.model.see_also, known, f"form/{key}")
        for name, ending in page.model.endings.items():
            yield from _listed(page, ("endings", name, "hotlines"), ending.hotlines, hotlines, "")
            yield from _listed(page, ("endings", name, "see_also"), ending.see_also, known, "")
            if (to := ending.leads_to) and known and to not in known:
                path, hint = ("endings", name, "leads_to"), nearest(to, known)
                yield page.document.problem(path, "dead-link", where="leads_to", address=to, hint=hint)


def _listed(page: Form, path: Path_, names: tuple[str, ...], known: Iterable[str] | None, here: str) -> Iterator[Problem]:
    """Names of a list that are not known, are twice in it, or lead to where it stands."""
    where = {"hotlines": "hotline"}.get(str(path[-1]), str(path[-1]))
    for index, name in enumerate(names):
        if known is not None and name not in known:
            hint = nearest(name, known)
            yield page.document.problem((*path, index), "dead-link", where=where, address=name, hint=hint)
        elif name == here:
            yield page.document.problem((*path, index), "self-link", where=where)
        elif name in names[:index]:
            yield page.document.problem((*path, index), "link-twice", address=name)


def blanks(book: Book, today: date) -> Iterator[Problem]:
    """What stands in {braces} is filled in: in endings points, all and date, elsewhere nothing."""
    for page in book.forms.values():
        for field in page.texts():
            known = FILLED if field.path[0] == "endings" and field.path[-1] in ("text", "danger") else ()
            for name in sorted({*placeholders(field.text)} - set(known)):
                yield page.document.problem(field.path, "unfilled", name=name, known=", ".join(known) or "–")


def reviews(book: Book, today: date) -> Iterator[Problem]:
    """Forms are checked again in time; no date is in the future."""
    for page, path, reviewed, due in forms_due(book):
        if reviewed > today:
            yield page.document.problem(path, "future", value=reviewed)
        elif due < today:
            yield replace(page.document.problem(path, "overdue", due=due), level="warning")


RULES = (keys, questions, ways, links, blanks, reviews)


def written(book: Book, catalog: Catalog) -> Iterator[Problem]:
    """What only the written screens show, in each language: choices that read the same, screens that are too long."""
    for language, edition in catalog.editions.items():
        for page, group, name, address in _parts(book):
            screen, labels = edition.screens[address], dict[str, str]()
            for choice in (*screen.choices, *screen.ways):
                if labels.setdefault(choice.folded, choice.address) != choice.address:
                    path: Path_ = (group, name, "options", choice.address.rpartition("/")[2])
                    said = {"address": address, "language": language, "label": choice.label}
                    yield replace(page.document.problem(path, "same-label", at_key=True), values=tuple(said.items()))
            count = len(screen.title) + sum(len(b.text.plain) for b in screen.blocks if b.kind in ("text", "danger"))
            if count > SCREEN_LENGTH:
                path = (group, name, "text")
                long: dict[str, Any] = {"count": count, "language": language, "limit": SCREEN_LENGTH}
                yield page.document.problem(path, "screen-long", at_key=True, **long)


def _parts(book: Book) -> Iterator[tuple[Form, str, str, str]]:
    """Every question and ending: its page, which of the two it is, its key, its address."""
    for key, page in book.forms.items():
        yield from ((page, "questions", name, f"form/{key}/{name}") for name in page.model.questions)
        yield from ((page, "endings", name, f"form/{key}/{name}") for name in page.model.endings)
