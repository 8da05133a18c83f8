"""What people and authors do to forms: taps twice, old buttons, words, danger, another language, other questions meanwhile.

All ways through each form are walked in tests/walks/test_form_ways.py.
"""

import re
from dataclasses import replace
from datetime import date

import pytest
from markupsafe import escape

from bot.conversation import Answered, Catalog, Counted, Ending, Form, Option, Question, Said, Session, Tapped, walk
from tests.conversation.filling_in import Somebody, answers, asking, check_question, edited, follows, forms, moves, texts, ways

LANGUAGES = ("vi", "en", "km", "lo")
FORMS = ("access-survey", "covid-check", "danger", "frontline-quiz", "insurance", "job-offer", "papers")


@pytest.fixture
def mai(catalog: Catalog) -> Somebody:
    return Somebody(catalog)


def test_the_forms_of_these_tests_are_the_shipped_ones(catalog: Catalog) -> None:
    assert sorted(forms(catalog)) == list(FORMS)
    assert all(edition.forms.keys() == set(FORMS) for edition in catalog.editions.values())


@pytest.mark.parametrize("key", FORMS)
def test_back_leads_to_the_question_before_and_takes_its_answer_back(catalog: Catalog, key: str) -> None:
    form = forms(catalog)[key]
    for way in ways(form, most=3)[::7]:
        mai = Somebody(catalog)
        mai.begins(key)
        seen: list[tuple[str, Session]] = []
        for move in way:
            seen.append((mai.session.screen, mai.session))
            for segment in move:
                mai.taps(segment)
        mai.goes(f"form/{key}/{follows(form, way)}")  # help may stand below an ending
        mai.does(Said, text="<") if not form.endings[follows(form, way)].leads_to else mai.goes(
            f"form/{key}/{follows(form, way)}/back"
        )
        for address, session in reversed(seen):
            assert (mai.session.screen, mai.answers(key)) == (address, dict(dict(session.forms).get(key, ())))
            mai.taps("back")
        assert mai.session.screen == f"form/{key}", "from the first question back is the beginning"


# Impatient people


@pytest.mark.parametrize("key", FORMS)
def test_a_double_tap_answers_once_and_says_nothing(catalog: Catalog, key: str) -> None:
    form = forms(catalog)[key]
    for way in ways(form, most=3)[::9]:
        mai, once = Somebody(catalog), Somebody(catalog)
        mai.begins(key)
        once.begins(key)
        for move in way:
            for segment in move:
                address = f"{mai.session.screen}/{segment}"
                once.goes(address)
                mai.goes(address)
            screens = [(reply.address, texts(reply)) for reply in mai.turn.replies]
            quiz = form.questions[address.split("/")[2]].why
            mai.goes(address)
            assert mai.session.forms == once.session.forms
            if not quiz:  # the explanation is said once
                assert [(reply.address, texts(reply)) for reply in mai.turn.replies] == screens
            assert mai.turn.replies[0].labels["old_question"] not in texts(mai.turn.replies[0])
            if mai.turn.replies[-1].address != mai.turn.replies[0].address:
                break


def test_an_event_that_is_delivered_twice_is_applied_once(mai: Somebody) -> None:
    mai.begins("covid-check")
    mai.does(Tapped, id="u7", token="vi:form/covid-check/breath/no")
    once = mai.session

    mai.does(Tapped, id="u7", token="vi:form/covid-check/breath/no")

    assert mai.session == once
    assert mai.turn.replies[0].address == "form/covid-check/awake"
    assert mai.turn.records == ()


def test_of_several_options_a_second_tap_takes_one_back(mai: Somebody) -> None:
    hard = at(mai, "hard")
    screen = mai.taps("price")
    assert mai.answers("access-survey")["hard"] == "price"
    assert "Tốn tiền" in texts(screen)
    mai.taps("price")
    assert "hard" not in mai.answers("access-survey")
    assert mai.session.screen == hard
    mai.taps("done")
    assert mai.session.screen == hard, "nothing is chosen yet"
    mai.taps("far")
    mai.taps("done")
    assert (mai.session.screen, mai.answers("access-survey")["hard"]) == ("form/access-survey/help", "far.")
    mai.goes(f"{hard}/done")
    assert mai.session.screen == "form/access-survey/help"
    assert mai.turn.replies[0].labels["old_question"] not in texts(mai.turn.replies[0])


def at(mai: Somebody, name: str, form: str = "access-survey") -> str:
    """Go on, skipping, until a question is asked; its address."""
    mai.begins(form)
    while mai.session.screen != f"form/{form}/{name}":
        mai.taps("skip")
    return mai.session.screen


def test_a_tap_on_an_old_question_changes_nothing_and_says_so(catalog: Catalog) -> None:
    for key, form in forms(catalog).items():
        way = max(ways(form, most=2), key=len)
        mai = Somebody(catalog)
        mai.begins(key)
        first = mai.session.screen
        for segment in way[0]:
            mai.taps(segment)
        before = mai.session
        other = next(segment for (segment, *_) in moves(next(iter(form.questions.values()))) if segment != way[0][0])

        screen = mai.goes(f"{first}/{other}")

        assert (mai.session.forms, screen.address) == (before.forms, before.screen)
        assert texts(screen).startswith(screen.labels["old_question"])


HOSTILE = [
    *(
        "breath/typed",
        "breath/maybe",
        "breath/yes/no",
        "breath/skip",
        "breath/done",
        "breath",
        "danger",
        "danger/yes",
        "nowhere",
    ),
    *("nowhere/yes", "awake/no", "awake/back", "resume/yes", "restart/now", "typed", "back", "done", "a", "0", "breath/yes-no"),
]


@pytest.mark.parametrize("rest", HOSTILE)
def test_a_tap_that_nobody_offered_answers_nothing(mai: Somebody, rest: str) -> None:
    mai.begins("covid-check")
    mai.goes(f"form/covid-check/{rest}")

    assert mai.answers("covid-check") == {}
    assert mai.turn.replies
    if rest.split("/")[1:] != ["back"]:
        assert mai.session.screen == "form/covid-check/breath"


@pytest.mark.parametrize("rest", ["province/typed", "province/nowhere", "province/ha-noi/ha-noi", "hard/price", "who/returned"])
def test_what_was_not_asked_is_not_answered(mai: Somebody, rest: str) -> None:
    at(mai, "province")
    mai.goes(f"form/access-survey/{rest}")

    assert mai.answers("access-survey") == {"who": "skip"}
    assert mai.session.screen == "form/access-survey/province"


def test_a_form_that_is_gone_leads_home_and_says_so(mai: Somebody) -> None:
    mai.session = replace(mai.session, forms=(("old-form", (("one", "yes"),)),), screen="form/old-form/two")

    screen = mai.goes("form/old-form/two/yes")

    assert (screen.address, screen.blocks[0]) == ("home", mai.catalog.editions["vi"].notices["gone"])
    mai.goes("covid")
    assert mai.session.forms == ()


# Authors who change a form while somebody fills it in


def test_a_question_that_is_inserted_before_is_asked_and_later_answers_are_asked_again(mai: Somebody) -> None:
    mai.begins("covid-check")
    for _ in range(3):
        mai.taps("no")
    new = Question({"yes": Option("Có"), "no": Option("Không")})
    names = list(forms(mai.catalog)["covid-check"].questions)
    mai.catalog = edited(mai.catalog, "covid-check", asking(names[0], "new", *names[1:], new=new))

    screen = mai.goes(f"form/covid-check/{names[3]}/no")

    assert screen.address == "form/covid-check/new"
    assert mai.answers("covid-check") == {names[0]: "no"}


@pytest.mark.parametrize("typed", ["1", "2", "Có", "Không", "không"])
def test_what_is_typed_after_an_edit_answers_no_question_that_nobody_has_seen(mai: Somebody, typed: str) -> None:
    mai.begins("covid-check")
    mai.taps("no")
    names = list(forms(mai.catalog)["covid-check"].questions)
    new = Question({"yes": Option("Có"), "no": Option("Không")})
    mai.catalog = edited(mai.catalog, "covid-check", asking(names[0], "new", *names[1:], new=new))

    mai.says(typed)

    assert (mai.session.screen, mai.answers("covid-check")) == ("form/covid-check/new", {"breath": "no"})
    mai.says(typed)
    assert mai.answers("covid-check")["new"] in ("yes", "no"), "now it was shown"


@pytest.mark.parametrize("typed", ["1", "Có"])
def test_what_is_typed_for_a_question_that_is_gone_goes_on_with_the_form(mai: Somebody, typed: str) -> None:
    mai.begins("covid-check")
    mai.taps("no")
    names = [name for name in forms(mai.catalog)["covid-check"].questions if name != "awake"]
    mai.catalog = edited(mai.catalog, "covid-check", asking(*names))

    mai.says(typed)

    assert (mai.session.screen, mai.answers("covid-check")) == ("form/covid-check/dry", {"breath": "no"})


@pytest.mark.parametrize(("typed", "shown"), [("tôi muốn chết", "help/suicide"), ("sos", "help/now"), ("0", "home")])
def test_danger_and_commands_work_right_after_an_edit(mai: Somebody, typed: str, shown: str) -> None:
    mai.begins("covid-check")
    mai.taps("no")
    names = [name for name in forms(mai.catalog)["covid-check"].questions if name != "awake"]
    mai.catalog = edited(mai.catalog, "covid-check", asking(*names))

    mai.says(typed)

    assert mai.turn.replies[0].address == shown


def test_an_answer_whose_option_is_gone_is_asked_again(mai: Somebody) -> None:
    mai.begins("frontline-quiz")
    names = list(forms(mai.catalog)["frontline-quiz"].questions)
    mai.taps("test")
    mai.taps("d89")
    first = forms(mai.catalog)["frontline-quiz"].questions[names[0]]
    fewer = replace(first, options={key: option for key, option in first.options.items() if key != "test"})
    mai.catalog = edited(mai.catalog, "frontline-quiz", asking(*names, **{names[0]: fewer}))

    screen = mai.goes(f"form/frontline-quiz/{names[2]}/h48")

    assert (screen.address, mai.answers("frontline-quiz")) == (f"form/frontline-quiz/{names[0]}", {})


def test_questions_in_another_order_keep_no_answer_under_another_one(mai: Somebody) -> None:
    mai.begins("job-offer")
    for segment in ("yes", "no", "unsure"):
        mai.taps(segment)
    names = list(forms(mai.catalog)["job-offer"].questions)
    mai.catalog = edited(mai.catalog, "job-offer", asking(names[0], names[2], names[1], *names[3:]))

    screen = mai.goes(f"form/job-offer/{names[3]}/yes")

    assert screen.address == f"form/job-offer/{names[2]}"
    assert mai.answers("job-offer") == {names[0]: "yes"}


def test_an_answer_to_options_is_none_to_a_number(mai: Somebody) -> None:
    mai.begins("covid-check")
    mai.taps("no")
    names = list(forms(mai.catalog)["covid-check"].questions)
    number = Question({}, input="number", least=1, most=9)
    mai.catalog = edited(mai.catalog, "covid-check", asking(*names, breath=number))

    screen = mai.begins("covid-check")

    assert (screen.address, mai.answers("covid-check")) == ("form/covid-check/breath", {})


def test_a_question_that_may_no_longer_be_skipped_is_asked_again(mai: Somebody) -> None:
    at(mai, "age")
    form = forms(mai.catalog)["access-survey"]
    mai.catalog = edited(mai.catalog, "access-survey", asking(*form.questions, who=replace(form.questions["who"], skip=False)))

    assert mai.taps("a25").address == "form/access-survey/who"


# Another language, another page, another form


@pytest.mark.parametrize("key", FORMS)
def test_the_language_changes_in_the_middle_and_nothing_is_lost(catalog: Catalog, key: str) -> None:
    form = forms(catalog)[key]
    way = max(ways(form, most=2), key=len)
    mai = Somebody(catalog)
    screen = mai.begins(key)
    for number, move in enumerate(way):
        other = screen.languages[number % len(screen.languages)]
        before = mai.session.forms

        screen = mai.does(Tapped, token=other.token)

        assert (screen.language, screen.address) == (other.language, f"form/{key}/{follows(form, way[:number])}")
        assert mai.session.forms == before
        check_question(catalog, forms(catalog, other.language)[key], screen, follows(form, way[:number]))
        for segment in move:
            screen = mai.taps(segment)
    assert mai.session.forms[-1] == (key, answers(form, way))


def test_who_leaves_goes_on_where_they_were(catalog: Catalog) -> None:
    for key, form in forms(catalog).items():
        way = max(ways(form, most=2), key=len)[:-1]
        mai = Somebody(catalog)
        mai.begins(key)
        for segment in (segment for move in way for segment in move):
            mai.taps(segment)
        asked, given = mai.session.screen, mai.answers(key)

        mai.goes("home")
        mai.says("#covid-masks")
        intro = mai.goes(f"form/{key}")
        assert f"form/{key}/resume" in [choice.address for choice in intro.choices]

        assert (mai.begins(key).address, mai.answers(key)) == (asked, given)
        assert mai.goes(f"form/{key}/restart").address == f"form/{key}/{next(iter(form.questions))}"
        assert mai.answers(key) == {}


def test_several_forms_wait_side_by_side_and_the_oldest_gives_way(mai: Somebody) -> None:
    for key in ("covid-check", "job-offer", "insurance", "danger"):
        mai.begins(key)
        mai.taps("yes" if key in ("job-offer", "danger") else "no")

    assert [key for key, _ in mai.session.forms] == ["job-offer", "insurance", "danger"]
    assert mai.begins("job-offer").address == "form/job-offer/stranger"


def test_what_came_out_of_a_finished_form_is_forgotten_with_the_next_page(mai: Somebody) -> None:
    mai.begins("papers")
    mai.taps("inside")
    assert mai.answers("papers")

    mai.goes("home")

    assert mai.session.forms == ()


# Danger comes first


DANGER = {
    "vi": ["tôi muốn chết", "khó thở quá", "họ đánh tôi", "chủ giữ tôi không cho về"],
    "en": ["I want to die", "I can't breathe", "he beats me"],
}


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, said in DANGER.items() for text in said])
@pytest.mark.parametrize("key", FORMS)
def test_words_of_danger_bring_help_first_and_then_the_question(catalog: Catalog, key: str, language: str, text: str) -> None:
    mai = Somebody(catalog, language)
    asked = mai.begins(key)

    mai.says(text)

    first, last = mai.turn.replies
    assert first.address.startswith("help/")
    assert (last.address, mai.session.screen, mai.answers(key)) == (asked.address, asked.address, {})


def test_words_of_danger_are_heard_at_every_kind_of_question_with_numbers_in_them_too(mai: Somebody) -> None:
    for kind in (NUMBER, DATE, TEXT, PROVINCE):
        mai.session = Session("vi")
        mai.catalog = typing(mai.catalog, kind)
        mai.begins("covid-check")
        for text in ("tôi bị đánh 3 ngày rồi, cứu tôi với", "tôi muốn chết", "1 tuần nay tôi muốn tự tử"):
            mai.says(text)
            assert mai.turn.replies[0].address.startswith("help/"), (kind.input, text)
            assert (mai.session.screen, mai.answers("covid-check")) == ("form/covid-check/breath", {})


# What is typed


NUMBER = Question({}, input="number", least=1, most=99)
DATE = Question({}, input="date", least=date(2026, 1, 1), most=date(2026, 12, 31))
TEXT = Question({}, input="text", most=40, skip=True)
PROVINCE = Question(
    {"ha-noi": Option("Hà Nội"), "tay-ninh": Option("Tây Ninh"), "ho-chi-minh": Option("TP. Hồ Chí Minh")}, input="province"
)


def typing(catalog: Catalog, question: Question) -> Catalog:
    """The check begins with a question that is answered by typing."""
    names = forms(catalog)["covid-check"].questions
    return edited(catalog, "covid-check", asking(*names, breath=question))


@pytest.mark.parametrize(
    ("question", "text", "kept"),
    [
        (NUMBER, "25", "25"),
        (NUMBER, " 7 ", "7"),
        (NUMBER, "1", "1"),
        (NUMBER, "99", "99"),
        (NUMBER, "០៧", "7"),  # Khmer digits
        (NUMBER, "໒໕", "25"),  # Lao digits
        (NUMBER, "100", ""),
        (NUMBER, "-5", ""),
        (NUMBER, "2,5", ""),
        (NUMBER, "²", ""),
        (NUMBER, "9" * 400, ""),
        (DATE, "5/6/2026", "2026-06-05"),
        (DATE, "05-06-2026", "2026-06-05"),
        (DATE, "5.6.2026", "2026-06-05"),
        (DATE, "2026-06-05", "2026-06-05"),
        (DATE, "5/6/26", "2026-06-05"),
        (DATE, "5 6 2026", "2026-06-05"),
        (DATE, "31/2/2026", ""),
        (DATE, "5/6/2025", ""),
        (DATE, "1/1/2027", ""),
        (DATE, "0/0/0", ""),
        (DATE, "99999999999999999999", ""),
        (TEXT, "Xa quá, không có xe.", "Xa quá, không có xe."),
        (TEXT, "a,b.", "a,b."),
        (TEXT, "x" * 40, "x" * 40),
        (TEXT, "x" * 41, ""),
        (PROVINCE, "tay ninh", "tay-ninh"),
        (PROVINCE, "Long An", "tay-ninh"),  # joined with it on 1 July 2025
        (PROVINCE, "Bình Dương", "ho-chi-minh"),
        (PROVINCE, "sài gòn", "ho-chi-minh"),
        (PROVINCE, "2", "tay-ninh"),
        (PROVINCE, "Cần Thơ", ""),  # not offered
        (PROVINCE, "Châu Thành", ""),  # in many provinces
        (PROVINCE, "nơi xa lắm", ""),
    ],
)
def test_typed_answers_are_taken_when_they_fit_and_asked_again_when_they_do_not(
    mai: Somebody, question: Question, text: str, kept: str
) -> None:
    mai.catalog = typing(mai.catalog, question)
    mai.begins("covid-check")

    screen = mai.says(text)

    assert mai.answers("covid-check").get("breath", "") == kept
    assert mai.session.screen == f"form/covid-check/{'awake' if kept else 'breath'}"
    if not kept:
        least, most = question.least, question.most
        assert texts(screen).startswith(screen.labels[f"type_{question.input}"].format(least=least, most=most))


def test_a_number_is_no_choice_of_the_screen(mai: Somebody) -> None:
    mai.catalog = typing(mai.catalog, replace(NUMBER, skip=True))
    mai.begins("covid-check")

    mai.says("1")

    assert mai.answers("covid-check") == {"breath": "1"}


@pytest.mark.parametrize("text", ["skip", "Bỏ qua câu này"])
def test_a_text_is_skipped_by_its_choice_only(mai: Somebody, text: str) -> None:
    mai.catalog = typing(mai.catalog, TEXT)
    mai.begins("covid-check")

    mai.says(text)

    assert mai.answers("covid-check").get("breath", "") == ("" if text == "skip" else "skip")


# What comes of it


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_answer_of_the_quiz_is_followed_by_its_explanation_and_sources(catalog: Catalog, language: str) -> None:
    form = forms(catalog, language)["frontline-quiz"]
    for rightly in (True, False):
        mai = Somebody(catalog, language)
        mai.begins("frontline-quiz")
        for question in form.questions.values():
            labels = {key: option for key, option in question.options.items() if option.right is rightly}
            screen = mai.taps(next(iter(labels)))
            (good,) = [option.label for option in question.options.values() if option.right]
            wrong = screen.labels["wrong"].format(answer=good)
            assert screen.blocks[0].text.plain == (screen.labels["right"] if rightly else wrong)
            assert screen.blocks[1 : 1 + len(question.why)] == question.why
            assert question.why[-1].kind == "source"


@pytest.mark.parametrize(("right", "ending"), [(0, "again"), (1, "again"), (11, "again"), (12, "passed"), (15, "passed")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_quiz_says_the_score_and_the_day(catalog: Catalog, language: str, right: int, ending: str) -> None:
    form = forms(catalog, language)["frontline-quiz"]
    mai = Somebody(catalog, language)
    screen = mai.begins("frontline-quiz")
    for number, question in enumerate(form.questions.values()):
        screen = mai.taps(next(key for key, option in question.options.items() if option.right is (number < right)))

    assert screen.address == f"form/frontline-quiz/{ending}"
    assert form.all == 15
    said = texts(screen)
    assert re.search(rf"(?<!\d){right}\D+15(?!\d)", said)
    assert "21/11/2026" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_job_offer_lists_the_signs_that_were_chosen_and_no_others(catalog: Catalog, language: str) -> None:
    form = forms(catalog, language)["job-offer"]
    mai = Somebody(catalog, language)
    mai.begins("job-offer")
    chosen, other = set(), set()
    for number, question in enumerate(form.questions.values()):
        segment = ("no", "yes", "unsure")[number % 3]
        screen = mai.taps(segment)
        chosen |= {question.options[segment].sign} - {""}
        other |= {option.sign for key, option in question.options.items() if key != segment} - {""}

    assert screen.address == "form/job-offer/stop"
    assert len(chosen) == 8
    assert {sign for sign in chosen | other if sign in texts(screen)} == chosen
    for written in ("inline", "web"):
        said = "".join(getattr(block.text, written) for block in screen.blocks)
        assert {sign for sign in chosen | other if str(escape(sign)) in said} == chosen


def test_a_job_offer_without_a_yes_is_not_called_safe_and_lists_what_is_unclear(mai: Somebody) -> None:
    mai.begins("job-offer")
    for _ in forms(mai.catalog)["job-offer"].questions:
        screen = mai.taps("unsure")

    assert screen.address == "form/job-offer/none"
    assert texts(screen).count("•") >= 12


# The survey


def survey(mai: Somebody, *segments: str) -> list[Answered]:
    for segment in segments:
        mai.taps(segment)
    return [record for record in mai.kept if isinstance(record, Answered)]


WHOLE = ("inside", "tay-ninh", "a25", "woman", "m6", "yes", "work", "here", "little", "private", "far", "price", "evening")


def test_a_finished_survey_is_handed_in_once_with_its_answers_and_no_person(mai: Somebody) -> None:
    mai.begins("access-survey")
    kept = survey(mai, *WHOLE)

    given = {
        "who": "inside",
        "province": "tay-ninh",
        "age": "a25",
        "gender": "woman",
        "stay": "m6",
        "registered": "yes",
        "insurance": "work",
        "clinic": "here",
        "ill": "little",
        "first": "private",
        "hard": "far,price",
        "help": "evening",
    }
    assert kept == [Answered(date(2026, 11, 21), "access-survey", "vi", tuple(given.items()))]
    mai.taps("back")
    assert survey(mai, "card") == kept, "changed after it was handed in: the first one counts"
    mai.goes("form/access-survey/restart")
    assert survey(mai, *WHOLE) == kept, "a person counts once"


def test_a_survey_whose_every_question_is_skipped_is_handed_in_too(mai: Somebody) -> None:
    at(mai, "help")

    (kept,) = survey(mai, "skip")

    assert {said for _, said in kept.answers} == {"skip"}


def test_of_somebody_under_18_nothing_is_handed_in(mai: Somebody) -> None:
    at(mai, "age")

    assert survey(mai, "a0") == []
    assert mai.session.screen == "form/access-survey/young"


def test_who_leaves_in_the_middle_hands_nothing_in(mai: Somebody) -> None:
    mai.begins("access-survey")

    assert survey(mai, *WHOLE[:-1]) == []


def test_how_far_people_get_is_counted_by_question_without_their_answers(mai: Somebody) -> None:
    mai.begins("access-survey")
    survey(mai, *WHOLE)

    counted = [record.address for record in mai.kept if isinstance(record, Counted) and record.kind == "form"]
    asked = [f"form/access-survey/{name}" for name in forms(mai.catalog)["access-survey"].questions]
    assert counted == [*asked, "form/access-survey/thanks"]


def test_an_ending_by_points_is_the_highest_that_was_reached() -> None:
    options = {str(points): Option(str(points), points=points) for points in (-1, 0, 1, 2, 5)}
    endings = {"low": Ending(0), "mid": Ending(2), "high": Ending(4), "jump": Ending()}
    form = Form("f", False, {"one": Question(options)}, endings)

    assert {key: walk(form, (("one", key),)).at for key in options} == {
        "-1": "low",
        "0": "low",
        "1": "low",
        "2": "mid",
        "5": "high",
    }
