"""What a survey found out, for the people who asked: answer sheets for their tools, and a report to read."""

from bot.surveys.export import dictionary, sheets
from bot.surveys.report import report
from bot.surveys.sheets import Survey, read_survey

__all__ = ["Survey", "dictionary", "read_survey", "report", "sheets"]
