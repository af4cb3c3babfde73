"""Instrument versions, assessments with their sheets and rating history, and stored obligations."""

from .assessments import Assessment, Contribution, TakeOver
from .instruments import InstrumentVersion, Item, instrument_of
from .obligations import UNSETTLED, Obligation, Waiver
from .sheets import ALPHABET, Note, RatingChange, Sheet, WarningAnswer, ratings_by_adult

__all__ = [
    "ALPHABET",
    "UNSETTLED",
    "Assessment",
    "Contribution",
    "InstrumentVersion",
    "Item",
    "Note",
    "Obligation",
    "RatingChange",
    "Sheet",
    "TakeOver",
    "Waiver",
    "WarningAnswer",
    "instrument_of",
    "ratings_by_adult",
]
