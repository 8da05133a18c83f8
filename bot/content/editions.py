"""Writes out every screen in every language, once, so that a turn only looks up."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from babel import Locale

from bot.content import models
from bot.content.book import Book
from bot.content.finding import build_finders, known_phrases
from bot.content.fixed_models import FixedScreen
from bot.content.form_pages import FormPages
from bot.content.gate_pages import GatePages
from bot.content.menus import Menus
from bot.content.pictures import Drawing
from bot.content.places import place_names, write_directory
from bot.content.service_pages import ServicePages
from bot.content.services import ServiceLists
from bot.content.signs import Signs, one_line
from bot.content.translate import Translator
from bot.content.writer import Writer
from bot.conversation import EXIT, NEAR, Block, Catalog, Choice, Edition, Picture, Screen, code, fold

_SETTINGS_LANGUAGE = "settings/language"


def write_catalog(book: Book, translator: Translator, today: date) -> Catalog | None:
    """The catalog of a book; None while a part is missing without which nothing can be written."""
    if not (book.bot and book.fixed and book.hotlines and book.places):
        return None
    redirects = book.redirects.model if book.redirects else {}
    menus = Menus(book.bot.model, book.fixed.model, book.topics, book.places, book.forms)
    parents = menus.parents()
    editions: dict[str, Edition] = {}
    for language in menus.bot.languages:
        writer = Writer(menus.bot, menus.fixed, book.hotlines.model, translator, language, today)
        editions[language] = _Pages(menus, writer, parents, book.pictures).edition()
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
        redirects=redirects | menus.places.redirects(),
        commands=commands,
        phrases=known_phrases(book, editions),
        codes={code(address): address for address in editions[menus.bot.source].screens}
        | {code(old): new for old, new in redirects.items()},
        names=place_names(menus.places),
        directory=write_directory(menus.places),
        pictures={drawing.name: drawing.content for drawing in book.pictures.values() if drawing.width},
    )


class _Pages:
    """Writes the screens of one edition."""

    def __init__(self, menus: Menus, writer: Writer, parents: dict[str, str], pictures: dict[str, Drawing]) -> None:
        self.menus = menus
        self.writer = writer
        self.parents = parents
        self.pictures = pictures
        self.directory: dict[str, Screen] = {}

    def edition(self) -> Edition:
        signs = Signs(self.menus.places, self.writer)
        services = ServicePages(signs)
        lists = ServiceLists(signs, services, self.menus.fixed)
        gates = GatePages(signs, services, self.menus.fixed, self.led)
        self.directory = {screen.address: screen for pen in (services, lists, gates) for screen in pen.screens()}
        forms = FormPages(self.menus.forms, self.menus.places, self.writer, self.led, self.parents)
        self.directory |= {screen.address: screen for screen in forms.screens()}
        screens = {address: self.screen(address) for address in self.menus.addresses()}
        notices = {
            str(field.path[-1]): self.writer.joined(self.writer.blocks(field.context, field.text), "note")
            for field in models.translated(self.menus.fixed.notices, "notices")
        }
        language = self.writer.language
        notices |= lists.mergers()
        return Edition(language, self.writer.names[language], screens | self.directory, notices, services.cards, forms.forms())

    def screen(self, address: str) -> Screen:
        """A page of the menus."""
        page, context, writer = self.page(address), self.context(address), self.writer
        blocks: list[Block] = []
        title = writer.line(f"{context}/title", page.title)
        summary = writer.line(f"{context}/summary", page.summary)
        if isinstance(page, models.Topic):
            if page.danger:
                danger = writer.blocks(f"{context}/danger", page.danger, dated=page.reviewed)
                blocks.append(writer.joined(danger, "danger", f"🚨 {writer.labels['danger']}"))
            if page.hotlines:
                blocks.append(writer.calls(page.hotlines))
            blocks += writer.blocks(f"{context}/body", page.body, dated=page.reviewed)
        elif isinstance(page, FixedScreen):
            blocks += writer.blocks(f"{context}/body", page.body)
        else:
            blocks.append(Block(one_line(summary), writer.language))
        topic = page if isinstance(page, models.Topic) else None
        picture = self._picture(context, topic.picture) if topic and topic.picture else None
        screen = writer.screen(
            address,
            title,
            summary,
            blocks,
            self.choices(address),
            self.parents.get(address, "home"),
            sources=topic.sources if topic else (),
            reviewed=(topic.reviewed, topic.review_every) if topic else None,
            icon=page.icon,
        )
        if address == EXIT:  # nothing on it tells what it was
            said = tuple(block for block in screen.blocks if block.kind != "note")
            return replace(screen, blocks=said, choices=(), ways=(), languages=(), closing=True)
        screen = replace(screen, picture=picture) if picture else screen
        if topic and not address.startswith("help/"):  # who needs help now is not asked for praise
            screen = replace(screen, ways=(*screen.ways, *self._helpful(address)))
        return replace(screen, asks="position") if address == NEAR else screen

    def _picture(self, context: str, picture: models.Picture) -> Picture | None:
        """None where the file cannot be shown; `check` says why."""
        drawing = self.pictures.get(picture.file)
        language, said = self.writer.translator.line(self.writer.language, f"{context}/picture/alt", picture.alt)
        self.writer.tongues[language] = None
        return Picture(drawing.name, said, language, drawing.width, drawing.height) if drawing and drawing.width else None

    def _helpful(self, address: str) -> Iterator[Choice]:
        """Did this page help?"""
        language, labels = self.writer.language, self.writer.labels
        yield Choice(labels["helpful"], language, f"helpful/yes/{address}", key="+")
        yield Choice(labels["not_helpful"], language, f"helpful/no/{address}", key="-")

    def page(self, address: str) -> models.Topic | models.Section | FixedScreen:
        if address in self.menus.topics:
            return self.menus.topics[address].model
        return self.menus.bot.sections.get(address) or self.menus.fixed.screens[address]

    def context(self, address: str) -> str:
        """How translations call what stands at an address."""
        if address in self.menus.topics or address.startswith("form/"):
            return address
        return f"sections/{address}" if address in self.menus.bot.sections else f"screens/{address}"

    def choices(self, address: str) -> list[Choice]:
        if address == _SETTINGS_LANGUAGE:
            return [replace(choice, key="") for choice in self.writer.languages(address)]
        return self.led(self.menus.items(address))

    def led(self, items: Iterable[str]) -> list[Choice]:
        """The choices that lead to these, without dead links."""
        return [self.choice(item) for item in items if self.menus.holds(item)]

    def choice(self, address: str) -> Choice:
        need = address.removeprefix("need/")
        if need != address:
            near = self.directory.get(f"services/near/{need}") or self.directory[f"services/needs/{need}"]
            return Choice(near.title, near.language, address, summary=near.summary)
        if screen := self.directory.get(address):
            return Choice(screen.title, screen.language, address, summary=screen.summary)
        form = self.menus.form(address)
        page = form.model if form else self.page(address)
        label = f"{page.icon} {self.writer.line(f'{self.context(address)}/title', page.title)}".strip()
        summary = self.writer.line(f"{self.context(address)}/summary", page.summary)
        return Choice(label, self.writer.language, address, summary=summary)
