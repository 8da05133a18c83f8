"""The shape of content/screens.yaml, as pydantic models: every fixed sentence, and what the bot fills into it."""

from typing import Annotated

from pydantic import Field

from bot.content.models import Label, Line, Markdown, Model, Names, Sentence


class FixedScreen(Model):
    """A screen that is no topic: home, settings, about, privacy."""

    icon: str = ""
    title: Label
    summary: Line
    body: Markdown
    items: Names = ()


class Labels(Model):
    """Short sentences outside screens."""

    home: Label
    back: Label
    help: Label
    danger: Label
    call: Label
    sources: Label
    checked: Sentence
    overdue: Sentence
    number_from: Sentence
    unreviewed: Sentence
    untranslated: Sentence
    found: Label
    stale: Sentence
    choose: Sentence
    send: Label
    type_here: Label
    search: Label
    search_words: Label
    you: Label
    open_web: Label
    open_chat: Label
    continue_in: Sentence
    languages: Label
    skip: Label
    failed: Sentence
    waiting: Label
    send_position: Label
    no_position: Sentence
    helpful: Label
    not_helpful: Label
    exit: Label
    delete_chat: Sentence


class Notices(Model):
    """What is said above a screen."""

    not_understood: Annotated[Markdown, Field(alias="not-understood")]
    gone: Markdown
    unsure: Markdown
    thanks: Markdown


class Where(Model):
    """Short sentences of the directory."""

    distance: Sentence
    open: Sentence
    closed: Sentence
    holiday: Sentence
    unknown: Sentence
    near_you: Sentence
    in_place: Sentence
    part_of: Sentence
    made_of: Sentence
    not_confirmed: Sentence
    unverified_phones: Sentence
    no_phone: Sentence
    address: Sentence
    old_address: Sentence
    hours: Sentence
    emergency_hours: Sentence
    not_known: Sentence
    about_hours: Sentence
    about_cost: Sentence
    about_insurance: Sentence
    about_papers: Sentence
    open_filter: Label
    free: Label
    insurance: Label
    no_papers: Label
    children: Label
    women: Label
    languages_spoken: Sentence
    map: Label
    report: Label
    reported: Sentence
    more: Label
    nothing: Sentence
    nearest_with: Sentence
    elsewhere: Label
    openstreetmap: Sentence
    international: Sentence
    main: Sentence
    secondary: Sentence
    road: Sentence
    rail: Sentence
    river: Sentence
    commune: Sentence
    before: Sentence
    opposite: Sentence
    nearest_hospital: Sentence
    same_district: Sentence
    hospital_unknown: Sentence
    quarantine_unknown: Sentence
    gates: Label
    only_inside: Sentence
    nothing_near: Sentence
    outside: Sentence


class Forms(Model):
    """Short sentences of forms."""

    begin: Label
    restart: Label
    skip_question: Label
    done: Label
    leave: Label
    question: Sentence
    picked: Sentence
    right: Sentence
    wrong: Sentence
    signs: Sentence
    old_question: Sentence
    type_number: Sentence
    type_date: Sentence
    type_text: Sentence
    type_province: Sentence


class Fixed(Model):
    """content/screens.yaml: every fixed sentence. commands: words that work everywhere, per destination and language."""

    screens: dict[str, FixedScreen]
    labels: Labels
    where: Where
    forms: Forms
    notices: Notices
    commands: dict[str, dict[str, Names]]


# What the bot fills into its labels.
FILLED = {
    "checked": ("date",),
    "overdue": ("date",),
    "number_from": ("year",),
    "untranslated": ("language",),
    "stale": ("date", "language"),
    "continue_in": ("app",),
    "distance": ("km",),
    "near_you": ("what",),
    "in_place": ("place", "what"),
    "part_of": ("date", "old", "province"),
    "made_of": ("date", "old", "province"),
    "unverified_phones": ("numbers",),
    "address": ("address",),
    "hours": ("hours",),
    "emergency_hours": ("hours",),
    "not_known": ("what",),
    "languages_spoken": ("languages",),
    "nothing": ("place", "what"),
    "nearest_with": ("place",),
    "commune": ("commune", "province"),
    "before": ("district", "province"),
    "opposite": ("country", "opposite"),
    "same_district": ("district",),
    "nearest_hospital": ("km", "name"),
    "reported": ("name",),
    "more": ("what",),
    "question": ("all", "number"),
    "picked": ("answers",),
    "wrong": ("answer",),
    "type_number": ("least", "most"),
    "type_date": ("least", "most"),
    "type_text": ("most",),
}
