"""Writes out every screen in every language, once, so that a turn only looks up."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from babel import Locale
from babel.dates import format_date, format_skeleton
from markupsafe import escape

from bot.content import markup, models
from bot.content.book import Book
from bot.content.finding import build_finders, known_phrases
from bot.content.menus import Menus
from bot.content.phones import tel
from bot.content.review import add_months
from bot.content.translate import Translator
from bot.conversation import HELP, Block, Catalog, Choice, Edition, Kind, Screen, Text, code, fold

_SETTINGS_LANGUAGE = "settings/language"


def write_catalog(book: Book, translator: Translator, today: date) -> Catalog | None:
    """The catalog of a book; None while a part is missing without which nothing can be written."""
    if not (book.bot and book.fixed and book.hotlines):
        return None
    redirects = book.redirects.model if book.redirects else {}
    menus = Menus(book.bot.model, book.fixed.model, book.hotlines.model, book.topics, redirects)
    parents = menus.parents()
    editions = {language: _Writer(menus, translator, parents, language, today).edition() for language in menus.bot.languages}
    commands = {
        fold(word) or word: command
        for command, words in menus.fixed.commands.items()
        for said in words.values()
        for word in said
    }
    for edition in editions.values():
        commands |= {edition.language: edition.language, fold(edition.name): edition.language}
    commands |= {fold(str(Locale(tongue).get_display_name(shown))): tongue for tongue in editions for shown in editions}
    index, danger = build_finders(book, editions)
    return Catalog(
        index=index,
        danger=danger,
        editions=editions,
        source=menus.bot.source,
        otherwise=menus.bot.otherwise,
        redirects=redirects,
        commands=commands,
        phrases=known_phrases(book, editions),
        codes={code(address): address for address in menus.addresses()} | {code(old): new for old, new in redirects.items()},
    )


class _Writer:
    """Writes one edition."""

    def __init__(self, menus: Menus, translator: Translator, parents: dict[str, str], language: str, today: date) -> None:
        self.menus = menus
        self.translator = translator
        self.parents = parents
        self.language = language
        self.today = today
        self.locale = Locale(language)
        self.tongues: dict[str, None] = {}  # of what was written for this screen, in order
        self.labels = {
            str(field.path[-1]): self.line(field.context, field.text)
            for field in models.translated(menus.fixed.labels, "labels")
        }

    def edition(self) -> Edition:
        screens = {address: self.screen(address) for address in self.menus.addresses()}
        notices = {
            str(field.path[-1]): self.joined(self.blocks(field.context, field.text), "note")
            for field in models.translated(self.menus.fixed.notices, "notices")
        }
        return Edition(self.language, self.name(self.language), screens, notices)

    def name(self, language: str) -> str:
        """A language's name in itself, with a capital where its script has them."""
        name = str(Locale(language).get_display_name(language))
        return name[:1].upper() + name[1:]

    def line(self, context: str, text: str) -> str:
        tongue, said = self.translator.say(self.language, context, [text])
        self.tongues[tongue] = None
        return said[0]

    def blocks(self, context: str, text: str, kind: Kind = "text", dated: date | None = None) -> list[Block]:
        """The paragraphs and lists of a marked-up text, each whole in one language.

        dated: when the text was last checked, to say so before a paragraph that changed since it was translated.
        """
        written: list[Block] = []
        for part in markup.parse(text):
            tongue, contents = self.translator.say(self.language, context, [unit.content for unit in part.units])
            self.tongues[tongue] = None
            if dated and self.translator.is_stale(self.language, context, [unit.content for unit in part.units]):
                since = format_date(dated, "long", self.locale)
                written.append(self.note(self.labels["stale"].format(date=since, language=self.locale.languages[tongue])))
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
            safe = escape(heading)
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

    def screen(self, address: str) -> Screen:
        page = self.page(address)
        context = self.context(address)
        blocks: list[Block] = []
        self.tongues = {}
        title = self.line(f"{context}/title", page.title)
        summary = self.line(f"{context}/summary", page.summary)
        if isinstance(page, models.Topic):
            if page.danger:
                danger = self.blocks(f"{context}/danger", page.danger, dated=page.reviewed)
                blocks.append(self.joined(danger, "danger", f"🚨 {self.labels['danger']}"))
            if page.hotlines:
                blocks.append(self.calls(page.hotlines))
            blocks += self.blocks(f"{context}/body", page.body, dated=page.reviewed)
        elif isinstance(page, models.FixedScreen):
            blocks += self.blocks(f"{context}/body", page.body)
        if isinstance(page, models.Section):
            blocks.append(Block(Text(summary, str(escape(summary)), f"<p>{escape(summary)}</p>"), self.language))
        notes = [self.labels["unreviewed"]] if not self.menus.bot.languages[self.language].reviewed else []
        if foreign := [self.locale.languages.get(tongue, tongue) for tongue in self.tongues if tongue != self.language]:
            notes.append(self.labels["untranslated"].format(language=", ".join(foreign)))
        if isinstance(page, models.Topic) and add_months(page.reviewed, page.review_every) < self.today:
            notes.append(self.labels["overdue"].format(date=format_date(page.reviewed, "long", self.locale)))
        if isinstance(page, models.Topic):  # after the notes: titles of sources may stand in another language without one
            blocks.append(self.sources(address, page))
        return Screen(
            address=address,
            language=self.language,
            title=f"{page.icon} {title}".strip(),
            summary=summary,
            blocks=(*(self.note(note) for note in notes), *blocks),
            choices=self.choices(address),
            ways=self.ways(address),
            languages=self.languages(address),
            parent=self.parents.get(address, "home"),
            labels=self.labels,
        )

    def page(self, address: str) -> models.Topic | models.Section | models.FixedScreen:
        if address in self.menus.topics:
            return self.menus.topics[address].model
        return self.menus.bot.sections.get(address) or self.menus.fixed.screens[address]

    def context(self, address: str) -> str:
        """How translations call what stands at an address."""
        if address in self.menus.topics:
            return address
        return f"sections/{address}" if address in self.menus.bot.sections else f"screens/{address}"

    def languages(self, address: str) -> tuple[Choice, ...]:
        """This screen in each other language."""
        tongues = [tongue for tongue in self.menus.bot.languages if tongue != self.language]
        return tuple(Choice(self.name(tongue), tongue, address, key=tongue) for tongue in tongues)

    def choices(self, address: str) -> tuple[Choice, ...]:
        if address == _SETTINGS_LANGUAGE:
            return tuple(replace(choice, key="") for choice in self.languages(address))
        return tuple(self.choice(item) for item in self.menus.items(address))

    def choice(self, address: str) -> Choice:
        page = self.page(address)
        label = f"{page.icon} {self.line(f'{self.context(address)}/title', page.title)}".strip()
        summary = self.line(f"{self.context(address)}/summary", page.summary)
        return Choice(label, self.language, address, summary=summary)

    def ways(self, address: str) -> tuple[Choice, ...]:
        """Help now, back and home, except where they lead to this very screen."""
        ways = (
            Choice(self.labels["help"], self.language, HELP, key="#"),
            Choice(self.labels["back"], self.language, self.parents.get(address, "home"), key="<"),
            Choice(self.labels["home"], self.language, "home", key="0"),
        )
        return tuple(way for way in ways if way.address != address)

    def note(self, text: str) -> Block:
        safe = escape(text)
        return Block(Text(text, f"<i>{safe}</i>", f"<p>{safe}</p>"), self.language, "note")

    def calls(self, ids: Iterable[str]) -> Block:
        """Numbers to call, each with its name, what it is for, and when and at what cost where that is known."""
        lines = []
        for name, hotline in ((name, self.menus.hotlines[name]) for name in ids if name in self.menus.hotlines):
            known = {
                field.path[-1]: self.line(field.context, field.text) for field in models.translated(hotline, f"hotlines/{name}")
            }
            about = [known[key] for key in ("hours", "cost") if key in known]
            if hotline.old and hotline.dated:
                about.append(self.labels["number_from"].format(year=hotline.dated[:4]))
            detail = f"{known['what_for']} ({', '.join(about)})." if about else f"{known['what_for']}."
            lines.append(_call(hotline, known["name"], detail))
        return self.joined([Block(line, self.language) for line in lines], "call", f"📞 {self.labels['call']}")

    def sources(self, address: str, topic: models.Topic) -> Block:
        """Where the page's facts come from, and when they were last checked."""
        plain, inline, web = [], [], []
        for source in topic.sources:
            title = self.line(f"{address}/sources/title", source.title)
            when = f" ({self.partial(source.date)})" if source.date else ""
            safe = str(escape(title))
            linked = f'<a href="{escape(source.url)}">{safe}</a>' if source.url else safe
            plain.append(title + when)
            inline.append(linked + when)
            web.append(linked + when)
        checked = self.labels["checked"].format(date=format_date(topic.reviewed, "long", self.locale))
        start = self.labels["sources"]
        return Block(
            Text(
                f"{start}: {'; '.join(plain)}. {checked}",
                f"<i>{escape(start)}: {'; '.join(inline)}. {escape(checked)}</i>",
                f"<p>{escape(start)}: {'; '.join(web)}. {escape(checked)}</p>",
            ),
            self.language,
            "source",
        )

    def partial(self, when: str) -> str:
        """A date as exact as it is known: 2025, 1/2025, Jan 31, 2025."""
        year, month, day = (int(part) for part in (when + "-0-0").split("-")[:3])
        if day:
            return str(format_date(date(year, month, day), "medium", self.locale))
        return str(format_skeleton("yM", date(year, month, 1), locale=self.locale)) if month else str(year)


def _call(hotline: models.Hotline, name: str, detail: str) -> Text:
    numbers = [(number, tel(number, hotline.country)) for number in hotline.numbers]
    inline = ", ".join(f"<code>{escape(n)}</code>" if n.isdecimal() else str(escape(n)) for n, _ in numbers)
    web = " ".join(f'<a class="number" href="{escape(uri)}">{escape(number)}</a>' for number, uri in numbers)
    return Text(
        f"{', '.join(hotline.numbers)} · {name}. {detail}",
        f"{inline} · <b>{escape(name)}</b>. {escape(detail)}",
        f"<p>{web} <b>{escape(name)}</b>. {escape(detail)}</p>",
    )
