"""Typed words -> where they lead: commands, the number or label of a choice, an address; danger; then a search."""

from dataclasses import replace
from typing import Literal, NamedTuple

from markupsafe import escape

from bot.conversation.catalog import Catalog
from bot.conversation.crisis import find
from bot.conversation.forms import TYPED, Question
from bot.conversation.places import find as find_place
from bot.conversation.places import find_within
from bot.conversation.screens import Block, Choice, Screen, Text
from bot.conversation.search import choose, rank
from bot.conversation.session import MOST_FOUND
from bot.conversation.words import fold

# Shorter pieces of a label fit too many labels by chance.
SHORTEST_PIECE = 3
# Words of the longest way to name a need ("trung tâm dịch vụ việc làm").
LONGEST_NEED = 6
# Who says so wants what is near, folded; and what may stand around the name of a need that is all that is asked for.
_NEARBY = ("gan toi", "gan day", "gan nhat", "gan nha", "quanh day", "near me", "nearby", "nearest", "closest", "ໃກ້", "ជិត")
_ASKING = frozenset(("o", "dau", "cho", "nao", "tim", "can", "toi", "minh", "di", "den", "where", "is", "the", "a", "find"))
# What stands before something that a person does not have.
_LACKS = (["khong", "co"], ["chua", "co"], ["ko", "co"], ["no"], ["without"])
# A place and a need in so many more words are all that is asked for; in longer texts the answer may be another page.
SHORT = 9
SHORTEST_ASKED = 2
# The longest list that answers a search.
MOST_LISTED = 8
# Of a question without an answer, so many words may be counted.
MOST_COMMON = 6
HELP = "help/now"
# The address of "perhaps you need one of these"; what stands there is in the session.
FOUND = "found"
# Questions are looked up in these besides the person's language: content is written in the first, many read the second.
LINGUA = ("vi", "en")


class Answer(NamedTuple):
    """Where typed words lead: (language, address) of the screens to show, in order. found: what stands at FOUND, if there.

    kind: how it is counted, "" if it is not: commands, labels and danger are not.
    """

    places: tuple[tuple[str, str], ...] = ()
    found: tuple[str, ...] = ()
    kind: Literal["", "answered", "unsure", "not-understood"] = ""


def understand(catalog: Catalog, screen: Screen, text: str) -> Answer:
    """Where words lead when typed on this screen; nowhere if nothing fits.

    In this order: commands, a choice's number, a choice's label, an address or its code, danger (help comes first, then what
    was asked), an answer to a form's question, a title or a way of asking, a place, a place with a need, a search.
    """
    language = screen.language
    if place := _command(catalog, screen, text):
        return Answer((place,))
    question, typed = _question(catalog, screen), ((language, f"{screen.address}/{TYPED}"),)
    danger = find(catalog.danger, text)
    if question and not danger and question.input in ("number", "date") and any(map(str.isdecimal, text)):
        return Answer(typed)
    if place := _exact(catalog, screen, text):
        return Answer((place,))
    helps = [address for address in (f"help/{danger[0]}", HELP) if catalog.find(language, address)] if danger else []
    if question and helps:
        return Answer(((language, helps[0]), (language, screen.address)))
    if question and question.input:
        return Answer(typed)
    found = _asked(catalog, language, text)
    if helps:
        # Then what they asked, if that is clear and not help once more.
        clear = [address for address in found if not address.startswith("help/")] if len(found) == 1 else []
        clear = clear or [address for address in found if address.startswith("abroad/")][:1]
        return Answer(tuple((language, address) for address in (helps[0], *clear)))
    if len(found) > 1:
        return Answer(((language, FOUND),), found[:MOST_FOUND], "unsure")
    return Answer(tuple((language, address) for address in found), (), "answered" if found else "not-understood")


def look_up(catalog: Catalog, language: str, text: str) -> tuple[Screen, ...]:
    """The screens that words lead to, for a list, best first: help in danger, an address, what was asked, pages whose title or
    way of asking begins like this, and those that speak of it. None if nothing fits. As in a talk nothing is kept."""
    if len(folded := fold(text)) < SHORTEST_ASKED:
        return ()
    danger = find(catalog.danger, text)
    found = [f"help/{danger[0]}", HELP] if danger else []
    found += filter(None, [_code(catalog, text)])
    asked = _asked(catalog, language, text)
    found += asked if len(asked) == 1 else ()
    begun = (phrase for phrase in catalog.phrases if phrase.startswith(folded) or f" {folded}" in phrase)
    shortest = sorted(begun, key=lambda phrase: (not phrase.startswith(folded), len(phrase)))
    found += [*(catalog.phrases[phrase] for phrase in shortest[:MOST_LISTED]), *asked]
    found += choose(rank(catalog.index, text, language, LINGUA))
    screens = (catalog.find(language, address.replace("need/", "services/needs/")) for address in found)
    return tuple({screen.address: screen for screen in screens if screen}.values())[:MOST_LISTED]


def common_words(catalog: Catalog, text: str) -> tuple[str, ...]:
    """What may be counted of a question that nothing answers: its words without digits, without filler, without any that our
    pages never use (names, for one), sorted. None of a long text, which is somebody's story."""
    known = (word for word in catalog.index.words.tokens(text) if word in catalog.index.features)
    words = {word for word in known if any(map(str.isalpha, word)) and not any(map(str.isdigit, word))}
    words -= catalog.index.words.filler
    return tuple(sorted(words)) if len(words) <= MOST_COMMON else ()


def _question(catalog: Catalog, screen: Screen) -> Question | None:
    """The question of a form that a screen asks."""
    kind, _, rest = screen.address.partition("/")
    key, _, question = rest.partition("/")
    form = catalog.editions[screen.language].forms.get(key) if kind == "form" else None
    return form.questions.get(question) if form else None


def _asked(catalog: Catalog, language: str, text: str) -> tuple[str, ...]:
    """The addresses that answer: one if it is clear."""
    if len(fold(text)) < SHORTEST_ASKED:
        return ()
    if known := catalog.phrases.get(fold(text)):
        return (known,)
    if whole := find_place(catalog.names, text):
        return tuple(place.address for place in whole)
    places, rest = find_within(catalog.names, text)
    if places and (need := _need(catalog, rest)):
        direct = tuple(
            f"{place.address}/{need}" if catalog.province(place.address) and place.rank != "gate" else place.address
            for place in places
        )
        if len(rest.split()) <= SHORT and (need == "embassy" or any(place.rank != "country" for place in places)):
            return direct
        return tuple(dict.fromkeys((*direct, *choose(rank(catalog.index, text, language, LINGUA)))))
    if not places and (need := _need(catalog, fold(text))):
        if any(near in fold(text) for near in _NEARBY):
            near = f"services/near/{need}"
            return (near if catalog.find(language, near) else f"need/{need}",)
        if catalog.directory.needs.get(" ".join(word for word in fold(text).split() if word not in _ASKING)):
            return (f"need/{need}",)
    found = choose(rank(catalog.index, text, language, LINGUA))
    # Who names a place and nothing that is clear may want to know what is there.
    return found if len(found) == 1 else tuple(dict.fromkeys((*found, *(place.address for place in places))))


def _need(catalog: Catalog, folded: str) -> str:
    """The category of services that a sentence asks for, by the longest of its words."""
    words, lacking, taken = folded.split(), "", set[int]()
    for size in range(min(LONGEST_NEED, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            here = range(start, start + size)
            need = catalog.directory.needs.get(" ".join(words[start : start + size]))
            if not need or not taken.isdisjoint(here):
                continue
            # Who has no insurance and asks where to see a doctor needs the doctor; with no other need, it is this one.
            if words[max(0, start - 2) : start] not in _LACKS and words[max(0, start - 1) : start] not in _LACKS:
                return need
            lacking, taken = lacking or need, taken | {*here}
    if lacking:
        return lacking
    return next((need for phrase, need in catalog.directory.needs.items() if not phrase.isascii() and phrase in folded), "")


def _command(catalog: Catalog, screen: Screen, text: str) -> tuple[str, str] | None:
    """Words that work everywhere, and the signs of this screen's ways."""
    typed = text.strip()
    if way := next((way for way in screen.ways if way.key == typed), None):
        return way.language, way.address
    command = catalog.commands.get(typed) or catalog.commands.get(fold(typed))
    if not command:
        return None
    if command in catalog.editions:
        # Where countries are offered, "Lào" is the country and not the language.
        named = any(choice.folded == fold(typed) and choice.language == screen.language for choice in screen.choices)
        return None if named else (command, screen.address)
    return screen.language, {"back": screen.parent, "again": screen.address}.get(command, command)


def _exact(catalog: Catalog, screen: Screen, text: str) -> tuple[str, str] | None:
    """Numbers, labels and addresses."""
    typed = text.strip()
    folded = fold(typed)
    if folded.isdecimal() and len(folded) < 4:
        number = int(folded)
        if not 1 <= number <= len(screen.choices):
            return None
        return screen.choices[number - 1].language, screen.choices[number - 1].address
    if choice := _label(screen, folded):
        return choice.language, choice.address
    address = _code(catalog, typed)
    return (screen.language, address) if address else None


def _code(catalog: Catalog, text: str) -> str:
    """The address that is typed as it is or as its code, "" if none is."""
    return catalog.codes.get(text.strip().lstrip("#").strip().lower().replace("/", "-"), "")


def _label(screen: Screen, folded: str) -> Choice | None:
    """The one choice whose label is this, or else the one that holds it."""
    labels = {choice.folded: choice for choice in (*screen.choices, *screen.ways)}
    if folded in labels:
        return labels[folded]
    if len(folded) < SHORTEST_PIECE:
        return None
    held = [choice for label, choice in labels.items() if folded in label]
    return held[0] if len(held) == 1 else None


def found_screen(catalog: Catalog, language: str, addresses: tuple[str, ...]) -> Screen | None:
    """Perhaps you need one of these: titles with a line each. None if none of them is there any more."""
    edition = catalog.editions[language]
    there = (catalog.find(language, address) for address in addresses)
    pages = list({page.address: page for page in there if page}.values())
    if not pages:
        return None
    home = edition.screens["home"]
    lines = [
        Text(
            f"• {page.title}: {page.summary}",
            f"• <b>{escape(page.title)}</b>: {escape(page.summary)}",
            f"<li><b>{escape(page.title)}</b>: {escape(page.summary)}</li>",
        )
        for page in pages
    ]
    text = Text(
        "\n".join(line.plain for line in lines),
        "\n".join(line.inline for line in lines),
        f"<ul>{''.join(line.web for line in lines)}</ul>",
    )
    ways = edition.screens[pages[0].address].ways
    return replace(
        home,
        address=FOUND,
        title=home.labels["found"],
        blocks=(edition.notices["unsure"], Block(text, edition.language)),
        choices=tuple(Choice(page.title, page.language, page.address, summary=page.summary) for page in pages),
        ways=tuple(replace(way, address="home") if way.key == "<" else way for way in ways),
        languages=tuple(replace(choice, address=FOUND) for choice in home.languages),
        parent="home",
    )
