"""What a form shows now: the question or ending that was reached, with what the answers so far say about it."""

from dataclasses import replace
from datetime import date

from markupsafe import escape

from bot.conversation.forms import Answers, Form, Question, Walk, keys
from bot.conversation.screens import Block, Screen, Text


def old_question(screen: Screen) -> Screen:
    """The screen, saying that what was typed for another question changes nothing."""
    return replace(screen, blocks=(_line(screen.labels["old_question"], screen.language), *screen.blocks))


def shown(form: Form, screen: Screen, walked: Walk, before: str, notice: str, day: date) -> Screen:
    """The screen of the question or ending that was reached. before: the question that was answered just now."""
    labels, blocks = screen.labels, list(screen.blocks)
    if walked.at in form.endings:
        blocks = [_filled(block, walked.points, form.all, day) for block in blocks]
        blocks += _signs(form, walked.answers, screen)
    elif walked.answers and walked.answers[-1][0] == walked.at:
        chosen = ", ".join(form.questions[walked.at].options[key].label for key in keys(walked.answers[-1][1]))
        blocks.append(_line(labels["picked"].format(answers=chosen), screen.language))
    if before and form.questions[before].why:
        asked = form.questions[before]
        right = [option.label for option in asked.options.values() if option.right]
        good = all(asked.options[key].right for key in keys(dict(walked.answers)[before]) if key in asked.options)
        said = labels["right"] if good else labels["wrong"].format(answer=", ".join(right))
        blocks = [_line(said, screen.language), *asked.why, *blocks]
    if notice:
        now = form.questions.get(walked.at, Question({}))
        blocks.insert(0, _line(labels[notice].format(least=now.least, most=now.most), screen.language))
    return replace(screen, blocks=tuple(blocks))


def _signs(form: Form, answers: Answers, screen: Screen) -> list[Block]:
    """The signs that were chosen, as a list."""
    found = [
        form.questions[question].options[key].sign
        for question, said in answers
        for key in keys(said)
        if key in form.questions[question].options and form.questions[question].options[key].sign
    ]
    if not found:
        return []
    heading = screen.labels["signs"]
    rows = "".join(f"<li>{escape(sign)}</li>" for sign in found)
    lines = "\n".join(f"• {sign}" for sign in found)
    web = f"<p><b>{escape(heading)}</b></p><ul>{rows}</ul>"
    return [Block(Text(f"{heading}\n{lines}", f"<b>{escape(heading)}</b>\n{escape(lines)}", web), screen.language)]


def _filled(block: Block, points: int, most: int, day: date) -> Block:
    """An ending's text with what was reached."""
    text = block.text
    for name, value in (("{points}", str(points)), ("{all}", str(most)), ("{date}", f"{day:%d/%m/%Y}")):
        text = Text(text.plain.replace(name, value), text.inline.replace(name, value), text.web.replace(name, value))
    return replace(block, text=text)


def _line(said: str, language: str) -> Block:
    safe = escape(said)
    return Block(Text(said, f"<b>{safe}</b>", f"<p><b>{safe}</b></p>"), language, "note")
