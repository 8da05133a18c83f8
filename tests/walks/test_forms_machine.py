"""Two devices of one person, an author, and chance: taps, repeats, old buttons, words, other languages, other content.

Whatever they do in whatever order, there is a screen, and no answer stands under a question that it was not given to.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.conversation import (
    Catalog,
    Incoming,
    Left,
    Opened,
    Option,
    Question,
    Said,
    Session,
    Shared,
    Tapped,
    respond,
    token,
    walk,
)
from tests.conversation.filling_in import asking, edited, forms

RUNS, STEPS = 125, 100
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
WORDS = [
    *("1", "2", "3", "12", "34", "0", "<", "#", "có", "không", "yes", "skip", "done", "tây ninh", "Bình Dương", "25", ""),
    *("tôi muốn chết", "I can't breathe", "khẩu trang", "quên tôi", "thoát", "/start", "xem lại", "#form-danger", "xin chào"),
]  # fmt: skip
# Those that authors change more often than the others.
KEYS = (
    "access-survey",
    "covid-check",
    "danger",
    "access-survey",
    "covid-check",
    "danger",
    "frontline-quiz",
    "job-offer",
    "papers",
)
ODD = [
    "vi:form/covid-check/breath/typed",
    "vi:form/x/y/z",
    "vi:form/danger/back/back",
    "xx:form/papers/where/work",
    "",
    "vi:nowhere",
]


def editions_of(catalog: Catalog) -> list[Catalog]:
    """What authors made of the forms: the shipped ones first."""
    survey, check, danger = (forms(catalog)[key] for key in ("access-survey", "covid-check", "danger"))
    new = Question({"yes": Option("Có"), "no": Option("Không")})
    changes: list[tuple[str, Any]] = [
        ("covid-check", asking("new", *check.questions, new=new)),
        ("covid-check", asking(*[name for name in check.questions if name != "awake"])),
        ("danger", asking(*reversed(danger.questions))),
        ("danger", asking(*danger.questions, free=Question({}, input="number", least=1, most=40, skip=True))),
        ("access-survey", asking(*survey.questions, who=Question(dict(list(survey.questions["who"].options.items())[2:])))),
        ("access-survey", asking("province", "hard", "who", "help", *[n for n in survey.questions if n[0] in "agsrci"])),
        ("access-survey", asking(*survey.questions, age=Question({}, input="text", most=30))),
    ]
    return [catalog, *(edited(catalog, key, change) for key, change in changes)]


class Visit(RuleBasedStateMachine):
    """shown: the screens that the chat shows last. seen: by device, the buttons that it shows; the other one is behind.

    given: what the person answered, as (form, question, option); "*" for words typed at that question.
    """

    editions: list[Catalog]
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.catalog = self.editions[0]
        self.session = Session()
        self.seen: list[list[str]] = [[], []]
        self.shown: list[Any] = []
        self.ever: list[str] = list(ODD)
        self.given: set[tuple[str, str, str]] = set()
        self.events: list[tuple[type[Incoming], dict[str, Any]]] = []

    @initialize(language=st.sampled_from(["vi", "en", "km", "lo", "fr"]))
    def start(self, language: str) -> None:
        self.deed(Opened, 0, payload="", languages=(language,))

    def deed(self, kind: type[Incoming], device: int = 0, **what: Any) -> None:
        type(self).steps += 1
        what.setdefault("id", f"u{len(self.events)}")
        self.events.append((kind, what))
        known = what["id"] in self.session.recent
        before = self.session
        if not known:
            self.note(kind, what)
        turn = respond(self.catalog, self.session, kind(channel="test", person="1", at=NOW, **what))
        if not type(self).steps % 8:
            again = respond(self.catalog, self.session, kind(channel="test", person="1", at=NOW, **what))
            assert turn == again, "the same again after a conflict"
        assert turn.replies or kind is Left
        assert not known or (turn.session, turn.records) == (before, ())
        self.session = Session() if turn.forget else Session.from_dict(json.loads(json.dumps(turn.session.to_dict())))
        assert turn.forget or self.session == turn.session
        if turn.forget or any(screen.closing for screen in turn.replies):
            assert self.session.forms == self.session.done == () == self.session.found
            assert self.session.province == ""
            self.given.clear()
        if turn.replies:
            self.shown = list(turn.replies)
            self.seen[device] = [c.token for s in turn.replies for c in (*s.choices, *s.ways, *s.languages)] or [
                token(turn.replies[-1].language, "home")
            ]
            self.ever = [*self.ever, *self.seen[device]][-400:]

    def note(self, kind: type[Incoming], what: dict[str, Any]) -> None:
        """What the person means to answer."""
        if kind is Tapped:
            parts = what["token"].partition(":")[2].split("/")
            if len(parts) == 4 and parts[0] == "form":
                self.given.add((parts[1], parts[2], parts[3]))
        elif kind is Said and self.shown:
            parts = self.shown[-1].address.split("/")
            if len(parts) == 3 and parts[0] == "form":
                self.given.add((parts[1], parts[2], "*"))

    @rule(device=st.integers(0, 1), which=st.integers(0, 99))
    def taps(self, device: int, which: int) -> None:
        buttons = self.seen[device] or self.seen[0]
        self.deed(Tapped, device, token=buttons[which % len(buttons)])

    @rule(which=st.integers(0, 999))
    def taps_an_option(self, which: int) -> None:
        """What people do most."""
        options = [choice.token for choice in self.shown[-1].choices if choice.address.count("/") == 3]
        self.deed(Tapped, 1, token=(options or self.seen[0])[which % len(options or self.seen[0])])

    @rule(which=st.integers(0, 999))
    def taps_an_old_button(self, which: int) -> None:
        self.deed(Tapped, 1, token=self.ever[which % len(self.ever)])

    @rule(back=st.integers(1, 6))
    def comes_twice(self, back: int) -> None:
        kind, what = self.events[-min(back, len(self.events))]
        self.deed(kind, 0, **what)

    @rule(text=st.sampled_from(WORDS))
    def says(self, text: str) -> None:
        self.deed(Said, 0, text=text)

    @rule(key=st.sampled_from(KEYS), do=st.sampled_from(["resume", "resume", "resume", "restart"]))
    def begins(self, key: str, do: str) -> None:
        self.deed(Tapped, 0, token=token(self.session.language or "vi", f"form/{key}/{do}"))

    @rule(language=st.sampled_from(["vi", "en", "km", "lo"]))
    def changes_the_language(self, language: str) -> None:
        self.deed(Tapped, 1, token=token(language, self.shown[-1].address))

    @rule(which=st.integers(0, 99))
    def an_author_changes_a_form(self, which: int) -> None:
        self.catalog = self.editions[which % len(self.editions)]

    @rule(which=st.integers(0, 99), text=st.sampled_from(["1", "2", "không", "tây ninh", "25"]))
    def an_author_changes_a_form_while_somebody_types(self, which: int, text: str) -> None:
        """The question that they saw may not be there any more."""
        self.catalog = self.editions[which % len(self.editions)]
        self.deed(Said, 0, text=text)

    @rule(how=st.sampled_from(["forget/now", "exit", "forget/now", "exit", "home"]), often=st.integers(0, 5))
    def wants_to_be_forgotten(self, how: str, often: int) -> None:
        self.deed(Tapped, 0, token=token(self.session.language or "vi", how if not often else "settings"))

    @rule(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
    def sends_a_position(self, latitude: float, longitude: float) -> None:
        self.deed(Shared, 0, latitude=latitude, longitude=longitude)

    @rule()
    def blocks_and_comes_back(self) -> None:
        self.deed(Left)
        self.deed(Opened, payload="vi__form_danger")

    @invariant()
    def answers_stand_under_their_questions(self) -> None:
        for key, answers in self.session.forms:
            for question, said in answers:
                for option in said.rstrip(".").split(","):
                    assert {(key, question, option), (key, question, "*")} & self.given, (key, question, said)

    @invariant()
    def answers_lead_to_a_question_or_an_ending(self) -> None:
        for key, answers in self.session.forms:
            form = self.catalog.editions[self.session.language or "vi"].forms[key]
            walked = walk(form, answers)
            assert walked.at in form.questions or walked.at in form.endings
            assert walked.answers == answers[: len(walked.answers)]
            assert walk(form, walked.answers) == walked, "the same answers lead to the same place"


@pytest.fixture(scope="module")
def editions(catalog: Catalog) -> list[Catalog]:
    return editions_of(catalog)


def test_whatever_two_devices_an_author_and_chance_do_no_answer_stands_under_another_question(editions: list[Catalog]) -> None:
    class Running(Visit):
        pass

    Running.editions = editions
    Running.steps = 0
    how = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(Running, settings=how)

    assert Running.steps >= 10_000
