"""What the screens of the directory call things, in one language: categories, provinces, services; links between them."""

from datetime import date

from bot.content.markup import cache, escaped
from bot.content.places import Places
from bot.content.writer import Writer, day_in, made
from bot.conversation import Block, Choice, Text


class Signs:
    """The words on the signs. names: of services, by key."""

    def __init__(self, places: Places, writer: Writer) -> None:
        self.places = places
        self.writer = writer
        self.labels = writer.labels
        self.language = writer.language
        self.names = {key: writer.line(f"service/{key}/name", service.name) for key, (_, service) in places.services.items()}
        self._titles = {
            key: writer.translator.line(writer.language, f"categories/{key}/title", c.title)
            for key, c in places.categories.items()
        }
        self._summaries = {key: writer.line(f"categories/{key}/summary", c.summary) for key, c in places.categories.items()}
        writer.tongues = {}

    def category(self, key: str, *, icon: bool = False) -> str:
        """A category's title. It counts for the note about languages."""
        tongue, title = self._titles[key]
        self.writer.tongues[tongue] = None
        return f"{self.places.categories[key].icon} {title}".strip() if icon else title

    def summary(self, key: str) -> str:
        return self._summaries[key]

    def province(self, key: str) -> str:
        return self.places.provinces[key].name

    def inside(self, category: str, province: str) -> str:
        """A category in a province, as a title."""
        return str(self.labels["in_place"].format(what=self._titles[category][1], place=self.province(province)))

    def near(self, category: str) -> str:
        return f"📍 {self.labels['near_you'].format(what=self._titles[category][1])}"

    def to(self, label: str, address: str, summary: str = "") -> Choice:
        return made(label, self.language, address, "", summary)

    def text(self, said: str) -> Block:
        return _block(said, self.language)

    def day(self, day: date | None) -> str:
        return day_in(day, self.language) if day else ""


@cache
def one_line(said: str) -> Text:
    """A text without markup."""
    safe = escaped(said)
    return Text(said, safe, f"<p>{safe}</p>")


@cache
def _block(said: str, language: str) -> Block:
    """The same few sentences stand on hundreds of screens."""
    return Block(one_line(said), language)
