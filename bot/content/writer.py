"""Writes sentences, blocks and screens in one language: what every page has in common."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from babel import Locale
from babel.dates import format_date, format_skeleton

from bot.content import markup, models
from bot.content.fixed_models import Fixed
from bot.content.markup import escaped
from bot.content.phones import dialled, tel
from bot.content.place_models import Origin
from bot.content.review import add_months
from bot.content.translate import Translator
from bot.conversation import HELP, Block, Choice, Kind, Screen, Text

# The same choices stand on hundreds of screens, in each language, and again at each reload.
made = markup.cache(Choice)


@cache
def day_in(day: date, language: str) -> str:
    """A day as a language writes it. The same few days stand on most screens."""
    return str(format_date(day, "long", language))


@cache
def partial_in(when: str, language: str) -> str:
    """A date as exact as it is known: 2025, 1/2025, Jan 31, 2025."""
    year, month, day = (int(part) for part in (when + "-0-0").split("-")[:3])
    if day:
        return str(format_date(date(year, month, day), "medium", language))
    return str(format_skeleton("yM", date(year, month, 1), locale=language)) if month else str(year)


def own_name(language: str) -> str:
    """A language's name in itself, with a capital where its script has them."""
    name = str(Locale(language).get_display_name(language))
    return name[:1].upper() + name[1:]


class Writer:
    """The pen of one edition. today: decides what is overdue."""

    def __init__(
        self, bot: models.Bot, fixed: Fixed, hotlines: models.Hotlines, translator: Translator, language: str, today: date
    ) -> None:
        self.bot = bot
        self.hotlines = hotlines
        self.translator = translator
        self.language = language
        self.today = today
        self.locale = Locale(language)
        self.tongue_names = self.locale.languages
        self.names = {tongue: own_name(tongue) for tongue in bot.languages}
        self._calls: dict[tuple[str, ...], tuple[Block, dict[str, None]]] = {}
        self.tongues: dict[str, None] = {}  # of what was written for this screen, in order
        self.labels = {
            str(field.path[-1]): self.line(field.context, field.text)
            for group, context in ((fixed.labels, "labels"), (fixed.where, "where"), (fixed.forms, "forms"))
            for field in models.translated(group, context)
        }
        self._help = Choice(self.labels["help"], language, HELP, key="#")
        self._home = Choice(self.labels["home"], language, "home", key="0")

    def line(self, context: str, text: str) -> str:
        tongue, said = self.translator.line(self.language, context, text)
        self.tongues[tongue] = None
        return said

    def blocks(self, context: str, text: str, kind: Kind = "text", dated: date | None = None) -> list[Block]:
        """The paragraphs and lists of a marked-up text, each whole in one language.

        dated: when the text was last checked, to say so before a paragraph that changed since it was translated.
        """
        written: list[Block] = []
        for part in markup.parse(text):
            tongue, contents = self.translator.say(self.language, context, [unit.content for unit in part.units])
            self.tongues[tongue] = None
            if dated and self.translator.is_stale(self.language, context, [unit.content for unit in part.units]):
                since = day_in(dated, self.language)
                written.append(self.note(self.labels["stale"].format(date=since, language=self.tongue_names[tongue])))
            written.append(Block(markup.write(part.kind, contents, self.language, part.start), tongue, kind))
        return written

    def joined(self, blocks: list[Block], kind: Kind, heading: str = "") -> Block:
        """Several blocks as one, under a heading."""
        tongues = {block.language for block in blocks}
        tongue = tongues.pop() if len(tongues) == 1 else self.language
        texts = [
            block.text
            if block.language == tongue
            else replace(block.text, web=f'<div lang="{block.language}">{block.text.web}</div>')
            for block in blocks
        ]
        if heading:
            safe = escaped(heading)
            mine = "" if tongue == self.language else f' lang="{self.language}"'
            texts.insert(0, Text(heading, f"<b>{safe}</b>", f"<h2{mine}>{safe}</h2>"))
        return Block(
            Text(
                "\n".join(text.plain for text in texts),
                "\n".join(text.inline for text in texts),
                "".join(text.web for text in texts),
            ),
            tongue,
            kind,
        )

    def screen(
        self,
        address: str,
        title: str,
        summary: str,
        blocks: Sequence[Block],
        choices: Iterable[Choice],
        parent: str,
        *,
        sources: Sequence[models.Source | Origin] = (),
        reviewed: tuple[date, int] | None = None,
        icon: str = "",
    ) -> Screen:
        """A whole screen, with what has to be said above it and where its facts come from. What of it was written before
        this call counts for the note about languages; reviewed: the day, and after how many months it is due again."""
        notes = [self.labels["unreviewed"]] if not self.bot.languages[self.language].reviewed else []
        if foreign := [self.tongue_names.get(tongue, tongue) for tongue in self.tongues if tongue != self.language]:
            notes.append(self.labels["untranslated"].format(language=", ".join(foreign)))
        if reviewed and add_months(*reviewed) < self.today:
            notes.append(self.labels["overdue"].format(date=day_in(reviewed[0], self.language)))
        closing = [self.sources(address, sources, reviewed[0])] if reviewed else []
        self.tongues = {}
        return Screen(
            address=address,
            language=self.language,
            title=f"{icon} {title}".strip(),
            summary=summary,
            blocks=(*map(self.note, notes), *blocks, *closing),
            choices=tuple(choices),
            ways=self.ways(address, parent),
            languages=self.languages(address),
            parent=parent,
            labels=self.labels,
        )

    def languages(self, address: str) -> tuple[Choice, ...]:
        """This screen in each other language."""
        return tuple([made(name, tongue, address, tongue) for tongue, name in self.names.items() if tongue != self.language])

    def ways(self, address: str, parent: str) -> tuple[Choice, ...]:
        """Help now, back and home, except where they lead to this very screen."""
        back = made(self.labels["back"], self.language, parent, "<")
        return tuple([way for way in (self._help, back, self._home) if way.address != address])

    def note(self, text: str) -> Block:
        return _note(text, self.language)

    def calls(self, ids: Iterable[str]) -> Block:
        """Numbers to call, each with its name, what it is for, and when and at what cost where that is known."""
        names = tuple(name for name in ids if name in self.hotlines)
        if names not in self._calls:  # the same on many screens
            before, self.tongues = self.tongues, {}
            lines = [Block(self._hotline(name), self.language) for name in names]
            self._calls[names] = self.joined(lines, "call", f"📞 {self.labels['call']}"), self.tongues
            self.tongues = before
        block, tongues = self._calls[names]
        self.tongues |= tongues
        return block

    def _hotline(self, name: str) -> Text:
        hotline = self.hotlines[name]
        called = self.line(f"hotlines/{name}/name", hotline.name)
        what_for = self.line(f"hotlines/{name}/what_for", hotline.what_for)
        known = (("hours", hotline.hours), ("cost", hotline.cost))
        about = [self.line(f"hotlines/{name}/{key}", text) for key, text in known if text]
        if hotline.old and hotline.dated:
            about.append(self.labels["number_from"].format(year=hotline.dated[:4]))
        detail = f"{what_for} ({', '.join(about)})." if about else f"{what_for}."
        return _call(hotline.numbers, hotline.country, called, detail)

    def sources(self, address: str, sources: Sequence[models.Source | Origin], reviewed: date) -> Block:
        """Where the page's facts come from, and when they were last checked."""
        plain, html = [], []
        for source in sources:
            title = self.line(f"{address}/sources/title", source.title)
            when = f" ({partial_in(source.date, self.language)})" if source.date else ""
            safe = escaped(title)
            plain.append(title + when)
            html.append((f'<a href="{escaped(source.url)}">{safe}</a>' if source.url else safe) + when)
        checked = self.labels["checked"].format(date=day_in(reviewed, self.language))
        start = self.labels["sources"]
        linked = f"{escaped(start)}: {'; '.join(html)}. {escaped(checked)}"
        text = Text(f"{start}: {'; '.join(plain)}. {checked}", f"<i>{linked}</i>", f"<p>{linked}</p>")
        return Block(text, self.language, "source")


@markup.cache
def _note(text: str, language: str) -> Block:
    safe = escaped(text)
    return Block(Text(text, f"<i>{safe}</i>", f"<p>{safe}</p>"), language, "note")


@markup.cache
def _call(numbers: tuple[str, ...], country: str, name: str, detail: str) -> Text:
    inline = ", ".join(dialled(number, country) for number in numbers)
    web = " ".join(f'<a class="number" href="{escaped(tel(number, country))}">{escaped(number)}</a>' for number in numbers)
    return Text(
        f"{', '.join(numbers)} · {name}. {detail}",
        f"{inline} · <b>{escaped(name)}</b>. {escaped(detail)}",
        f"<p>{web} <b>{escaped(name)}</b>. {escaped(detail)}</p>",
    )
