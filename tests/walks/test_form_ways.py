"""Every shipped form, walked in every language: all ways through the short ones, every pair of answers in the long ones."""

import base64
import json
from dataclasses import replace
from itertools import combinations

import pytest

from bot.conversation import Answered, Catalog
from tests.conversation.filling_in import Somebody, answers, check_ending, check_question, follows, forms, ways
from tests.conversation.test_forms import FORMS, LANGUAGES

# A browser keeps so many bytes of a cookie, its name included.
COOKIE = 4096


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", FORMS)
def test_every_way_through_a_form_is_asked_question_by_question_and_ends(catalog: Catalog, key: str, language: str) -> None:
    form = forms(catalog, language)[key]
    source = language == catalog.source  # all languages have the same ways; there the texts are looked at
    for way in ways(form, most=3) if source else ways(form, most=1)[::3]:
        mai = Somebody(catalog, language)
        screen = mai.begins(key)
        for number, move in enumerate(way):
            name = follows(form, way[:number])
            check_question(catalog, form, screen, name)
            for segment in move:
                mai.taps(segment)
            screen = mai.turn.replies[0]
        end = follows(form, way)
        check_ending(form, screen, end)
        assert dict(mai.session.forms)[key] == answers(form, way)
        led = form.endings[end].leads_to
        assert [reply.address for reply in mai.turn.replies] == [f"form/{key}/{end}", *([led] if led else [])]
        told = [record for record in mai.kept if isinstance(record, Answered)]
        assert len(told) == (form.survey and form.endings[end].points is not None)
        cookie = base64.urlsafe_b64encode(json.dumps(mai.session.to_dict()).encode())
        assert len(cookie) < COOKIE / 2


def test_two_answers_to_two_questions_of_a_long_form_are_given_together_in_some_way(catalog: Catalog) -> None:
    form = forms(catalog)["frontline-quiz"]
    given = {pair for way in ways(form, most=99) for pair in combinations(answers(form, way), 2)}

    names = list(form.questions)
    wanted = {
        ((a, o), (b, p))
        for a, b in combinations(names, 2)
        for o in form.questions[a].options
        for p in form.questions[b].options
    }
    assert wanted <= given


def test_the_longest_forms_of_a_person_fit_into_a_cookie(catalog: Catalog) -> None:
    mai = Somebody(catalog)
    for key in ("access-survey", "frontline-quiz", "job-offer"):
        form = forms(mai.catalog)[key]
        way = max(ways(form, most=99), key=lambda way: len(json.dumps(answers(form, way))))
        mai.begins(key)
        for segment in (segment for move in way[:-1] for segment in move):
            mai.taps(segment)
        mai.says("tôi cần khám bệnh ở đâu")
    mai.session = replace(
        mai.session, done=("access-survey",), found=tuple(sorted(mai.catalog.editions["vi"].screens, key=len))[-12:]
    )

    saved = base64.urlsafe_b64encode(json.dumps(mai.session.to_dict()).encode())

    assert len(mai.session.forms) == 3
    assert len(saved) + len("dong-hanh=") + 65 < COOKIE
