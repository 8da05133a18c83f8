"""Writes the forms of one language: their screens, and what the conversation follows."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.content import form_models as models
from bot.content.book import Page
from bot.content.places import Places
from bot.content.writer import Writer, made
from bot.conversation import Block, Choice, Ending, Form, Option, Question, Screen


class FormPages:
    """The pen for forms. choices: writes those that lead to pages of the menus. parents: where "back" leads."""

    def __init__(
        self,
        forms: Mapping[str, Page[models.Form]],
        places: Places,
        writer: Writer,
        choices: Callable[[Iterable[str]], list[Choice]],
        parents: Mapping[str, str],
    ) -> None:
        self.models = {key: page.model for key, page in forms.items()}
        self.places = places
        self.writer = writer
        self.labels = writer.labels
        self.choices = choices
        self.parents = parents

    def forms(self) -> dict[str, Form]:
        """What the conversation follows, by key."""
        return {key: self._form(key, form) for key, form in self.models.items()}

    def screens(self) -> Iterator[Screen]:
        for key, form in self.models.items():
            yield self._intro(key, form)
            for number, question in enumerate(form.questions, 1):
                yield self._question(key, form, question, number)
            for ending in form.endings:
                yield self._ending(key, form, ending)

    def _form(self, key: str, form: models.Form) -> Form:
        questions = {}
        for name, asked in form.questions.items():
            context = f"form/{key}/questions/{name}"
            why = self.writer.blocks(f"{context}/why", asked.why) if asked.why else []
            if asked.sources:
                why.append(self.writer.sources(context, asked.sources, form.reviewed))
            questions[name] = Question(
                options=dict(self._options(context, asked)),
                choose=asked.choose,
                input=asked.input or "",
                least=asked.least,
                most=asked.longest if asked.input == "text" else asked.most,
                skip=asked.skip,
                to=asked.to or "",
                why=tuple(why),
            )
        endings = {name: Ending(ending.points, ending.leads_to or "") for name, ending in form.endings.items()}
        self.writer.tongues = {}
        return Form(key, form.kind == "survey", questions, endings)

    def _options(self, context: str, asked: models.Question) -> Iterator[tuple[str, Option]]:
        if asked.input == "province":
            for key, province in self.places.provinces.items():
                yield key, Option(province.name)
        for key, option in asked.options.items():
            label = self.writer.line(f"{context}/options/{key}/label", option.label)
            sign = self.writer.line(f"{context}/options/{key}/sign", option.sign) if option.sign else ""
            yield key, Option(label, option.to or "", option.points, sign, option.right)

    def _titles(self, key: str, form: models.Form) -> tuple[str, str]:
        return self.writer.line(f"form/{key}/title", form.title), self.writer.line(f"form/{key}/summary", form.summary)

    def _intro(self, key: str, form: models.Form) -> Screen:
        title, summary = self._titles(key, form)
        blocks = self.writer.blocks(f"form/{key}/intro", form.intro, dated=form.reviewed)
        choices = [
            self._to(self.labels[label], f"form/{key}/{do}") for label, do in (("begin", "resume"), ("restart", "restart"))
        ]
        choices += self.choices(form.see_also)
        return self.writer.screen(
            f"form/{key}",
            title,
            summary,
            blocks,
            choices,
            self.parents.get(f"form/{key}", "home"),
            sources=form.sources,
            reviewed=(form.reviewed, form.review_every),
            icon=form.icon,
        )

    def _question(self, key: str, form: models.Form, name: str, number: int) -> Screen:
        title, summary = self._titles(key, form)
        asked, context, address = form.questions[name], f"form/{key}/questions/{name}", f"form/{key}/{name}"
        said = self.labels["question"].format(number=number, all=len(form.questions))
        blocks = [self.writer.note(said), *self.writer.blocks(f"{context}/text", asked.text)]
        choices = [self._to(option.label, f"{address}/{option_key}") for option_key, option in self._options(context, asked)]
        if asked.choose > 1:
            choices.append(self._to(self.labels["done"], f"{address}/done"))
        if asked.skip:
            choices.append(self._to(self.labels["skip_question"], f"{address}/skip"))
        choices.append(self._to(self.labels["leave"], "home"))
        return self.writer.screen(address, title, summary, blocks, choices, f"{address}/back", icon=form.icon)

    def _ending(self, key: str, form: models.Form, name: str) -> Screen:
        title, summary = self._titles(key, form)
        ending, context, address = form.endings[name], f"form/{key}/endings/{name}", f"form/{key}/{name}"
        blocks: list[Block] = []
        if ending.danger:
            danger = self.writer.blocks(f"{context}/danger", ending.danger)
            blocks.append(self.writer.joined(danger, "danger", f"🚨 {self.labels['danger']}"))
        if ending.hotlines:
            blocks.append(self.writer.calls(ending.hotlines))
        blocks += self.writer.blocks(f"{context}/text", ending.text)
        choices = self.choices(ending.see_also)
        choices.append(self._to(self.labels["restart"], f"form/{key}/restart"))
        return self.writer.screen(address, title, summary, blocks, choices, f"{address}/back", icon=form.icon)

    def _to(self, label: str, address: str) -> Choice:
        return made(label, self.writer.language, address)
