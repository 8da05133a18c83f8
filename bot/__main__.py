"""The commands. `python -m bot` lists them."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import commands
from bot.content.problems import ContentError
from bot.settings import SettingsError, read_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code. Problems of authors and operators are said without a traceback."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.command(parsed, read_settings()))
    except ContentError as error:
        print(error, file=sys.stderr)
        print(f"{len(error.problems)} problems in the content: nothing was started.", file=sys.stderr)
        return 1
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever reads our output has read enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Đồng Hành, a chat companion for migrants in Viet Nam.")
    kinds = parser.add_subparsers(required=True, metavar="command")

    run = kinds.add_parser("run", help="open all channels that are configured; the web chat always")
    run.set_defaults(command=commands.run)

    check = kinds.add_parser("check", help="look for mistakes in content and translations; 0 clean, 1 problems")
    check.add_argument("--json", action="store_true", help="for editors and programs")
    check.add_argument("--language", choices=["en", "vi"], default="en", help="of the messages")
    check.set_defaults(command=commands.check)

    check.add_argument("--transcripts", action="store_true", help="play content/transcripts as well")

    review = kinds.add_parser("review", help="what has to be checked again, and by when")
    review.add_argument("--days", type=int, default=60, help="look so many days ahead (default: 60)")
    review.set_defaults(command=commands.review)

    schema = kinds.add_parser("schema", help="write the JSON Schemas of the content files, for editors")
    schema.set_defaults(command=commands.schema)

    preview = kinds.add_parser("preview", help="write every screen in every language as files, also for use offline")
    preview.add_argument("out", type=Path, help="the folder to write into, or a file .zip")
    preview.set_defaults(command=commands.preview)

    chat = kinds.add_parser("chat", help="talk in the terminal; reads lines from a pipe as well")
    chat.add_argument("--language", help="for example vi")
    chat.set_defaults(command=commands.chat)

    search = kinds.add_parser("search", help="which pages answer a question, best first; - reads a question a line")
    search.add_argument("text")
    search.add_argument("--language", default="vi", help="of the person (default: vi)")
    search.add_argument("--json", action="store_true", help="for programs")
    search.set_defaults(command=commands.search)

    place = kinds.add_parser("place", help="which province or border gate a name means; - reads a name a line")
    place.add_argument("text")
    place.add_argument("--json", action="store_true", help="for programs")
    place.set_defaults(command=commands.place)

    services = kinds.add_parser("services", help="the directory for partners: take a table in, give it out as CSV or HSDS")
    ways = services.add_subparsers(dest="what", required=True, metavar="import|export")
    take = ways.add_parser("import", help="a CSV table; all of it or nothing")
    take.add_argument("file", type=Path)
    take.add_argument("--dry-run", action="store_true", help="only say what would change")
    take.add_argument("--language", choices=["en", "vi"], default="en", help="of the messages")
    give = ways.add_parser("export", help="to standard output")
    form = give.add_mutually_exclusive_group(required=True)
    form.add_argument("--csv", dest="kind", action="store_const", const="csv", help="a table for spreadsheets")
    form.add_argument("--hsds", dest="kind", action="store_const", const="hsds", help="Open Referral HSDS 3, JSON")
    services.set_defaults(command=commands.services)

    translate = kinds.add_parser("translate", help="what translators work with")
    translate.add_argument("what", choices=["status", "extract", "update"])
    translate.set_defaults(command=commands.translate)

    migrate = kinds.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(command=commands.migrate)
    _add_numbers(kinds)
    return parser


def _add_numbers(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands that read totals and answer sheets."""
    stats = kinds.add_parser("stats", help="what is read, understood, finished, helpful or broken; nobody is in it")
    stats.add_argument("--days", type=int, default=30, help="the last so many days (default: 30)")
    how = stats.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="for programs of others: small numbers hidden")
    how.add_argument("--csv", action="store_true", help="for spreadsheets of others: small numbers hidden")
    stats.set_defaults(command=commands.stats)

    survey = kinds.add_parser("survey", help="the answer sheets of a survey (export), or a report about them")
    survey.add_argument("what", choices=["export", "report"])
    survey.add_argument("id", metavar="ID", help="for example access-survey")
    survey.add_argument("--csv", action="store_true", help="export: the sheets, small groups hidden (default)")
    survey.add_argument("--dictionary", action="store_true", help="export: what stands in the columns instead, as CSV")
    survey.add_argument("--html", type=Path, default=Path("report.html"), help="report: the file (default: report.html)")
    survey.set_defaults(command=commands.survey)


if __name__ == "__main__":
    sys.exit(main())
