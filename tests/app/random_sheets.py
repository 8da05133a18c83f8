"""Answer sheets of visitors who tap anything: random walks over the form, with records as the house keeps them."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from bot.conversation import Answered, Catalog, Counted, Record
from bot.conversation.forms import DONE, SKIP, Answers, step, walk

SURVEY = "access-survey"
# Where most people live who answer, so that some groups are large and some small.
PROVINCES = ("tay-ninh", "tay-ninh", "tay-ninh", "an-giang", "an-giang", "ha-tinh", "nghe-an", "ha-noi")
FIRST = date(2026, 9, 14)


def visit(catalog: Catalog, dice: random.Random, day: date) -> Iterator[Record]:
    """What one person leaves behind: how far they came, and a sheet if they came to the end."""
    form = catalog.editions["vi"].forms[SURVEY]
    answers: Answers = ()
    at = next(iter(form.questions))
    yield Counted(day, "form", "webchat", "vi", f"form/{SURVEY}/{at}")
    while at in form.questions:
        if dice.random() < 0.02:
            return
        asked = form.questions[at]
        options = list(asked.options)
        said = SKIP if dice.random() < 0.06 else dice.choice(PROVINCES if asked.input else options[:3] * 8 + options)
        answers = step(form, answers, [at, said], "", catalog.find_province).answers
        if asked.choose > 1 and said != SKIP and dice.random() < 0.7:
            answers = step(form, answers, [at, dice.choice(options)], "", catalog.find_province).answers
            answers = answers if dict(answers).get(at) else step(form, answers, [at, said], "", catalog.find_province).answers
        if asked.choose > 1 and walk(form, answers).at == at:
            answers = step(form, answers, [at, DONE], "", catalog.find_province).answers
        at = walk(form, answers).at
        yield Counted(day, "form", "webchat", "vi", f"form/{SURVEY}/{at}")
    if form.endings[at].points is not None:
        yield Answered(day, SURVEY, "vi", tuple((question, said.rstrip(".")) for question, said in answers))


def visits(catalog: Catalog, count: int, seed: int = 7) -> Iterator[list[Record]]:
    """The records of so many people who each hand in a sheet, and of those who gave up in between."""
    dice = random.Random(seed)
    while count:
        records = list(visit(catalog, dice, FIRST + timedelta(days=dice.randrange(60))))
        count -= isinstance(records[-1], Answered)
        yield records
