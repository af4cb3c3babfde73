"""Ratings with their history, notes, and answers to warnings.

A sheet keeps its ratings as one text in the order of its instrument version, one character an
item (docs/adr/0002-ratings-as-text.md). Only this module knows it: the code outside sees a mapping
from item code to value, and sets a value through `SheetQuerySet.put`.
"""

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Now, Replace
from django.db.models.lookups import Exact

from audit.statements import Given, Question
from cans import instrument
from cases.models import Adult

from .assessments import Assessment
from .instruments import instrument_of

ALPHABET = "0123nu."


def _only_alphabet():
    """The CHECK on a sheet's text, in functions both databases have."""
    rest = F("ratings")
    for character in ALPHABET:
        rest = Replace(rest, Value(character), Value(""), output_field=models.TextField())
    return rest


# One character into its place, if what the person saw is still there and this sending has not set it
# before: sent again after somebody else set it back, it would look as if nothing had happened.
_PUT = """
UPDATE "cans_sheet" SET ratings = substr(ratings, 1, %(position)s) || %(value)s || substr(ratings, %(after)s)
WHERE id = %(sheet)s AND substr(ratings, %(at)s, 1) = %(seen)s AND NOT EXISTS (
    SELECT 1 FROM cans_ratingchange
    WHERE sheet_id = %(sheet)s AND position = %(position)s AND sending = %(sending)s AND sending <> ''
)
"""


class SheetQuerySet(models.QuerySet):
    def put(self, sheet, item, *, seen, value, sending=""):
        """Set one rating if the value the person saw is still there; True when it was set.

        One conditional UPDATE, so that two people on one draft never overwrite each other in
        silence; a save waits for little else, so it is written out. The caller holds the assessment
        and writes the history in the same transaction.
        """
        place = {"position": item.position, "at": item.position + 1, "after": item.position + 2}
        with connection.cursor() as cursor:
            cursor.execute(
                _PUT, place | {"sheet": sheet.pk, "seen": seen, "value": value, "sending": sending}
            )
            return cursor.rowcount == 1


class Sheet(models.Model):
    """The ratings of the child (`adult` empty), or of one caregiver of the child."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="sheets")
    # No index of all of it: SQLite would look there for the sheets of children.
    adult = models.ForeignKey(
        Adult, models.PROTECT, null=True, blank=True, related_name="sheets", db_index=False
    )
    substitute = models.BooleanField(default=False, help_text="Rated as a substitute caregiver.")
    ratings = models.TextField()
    size = models.PositiveSmallIntegerField(help_text="How many items the version has for this subject.")
    not_scored_reason = models.CharField(max_length=400, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        ordering = [F("adult").asc(nulls_first=True)]
        indexes = [
            models.Index(fields=["adult"], condition=Q(adult__isnull=False), name="cans_sheets_of_adult"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment"], condition=Q(adult__isnull=True), name="cans_one_child_sheet"
            ),
            models.UniqueConstraint(
                fields=["assessment", "adult"],
                condition=Q(adult__isnull=False),
                name="cans_one_sheet_per_caregiver",
            ),
            models.CheckConstraint(
                name="cans_child_sheet_is_scored", condition=Q(adult__isnull=False) | Q(not_scored_reason="")
            ),
            models.CheckConstraint(
                name="cans_ratings_fit",
                condition=Q(Exact(Length("ratings"), F("size")))
                & Q(Exact(_only_alphabet(), Value("", output_field=models.TextField()))),
            ),
        ]

    def __str__(self):
        return f"sheet of {self.adult or 'the child'} in CANS {self.assessment_id}"

    @property
    def items(self):
        """All items of this sheet's subject in the assessment's version, applicable or not."""
        whole = self.assessment.instrument
        return whole.caregiver_items if self.adult_id else whole.child_items

    @property
    def applicable_items(self):
        """The items to rate here: by the domains added for the child, or by the kind of caregiver."""
        whole = self.assessment.instrument
        if self.adult_id:
            return instrument.applicable_caregiver_items(whole, substitute=self.substitute)
        return instrument.applicable_child_items(
            whole, early=self.assessment.early, transition=self.assessment.transition
        )

    @property
    def values(self):
        """Item code → value, for all items of the sheet."""
        return {item.code: value for item, value in zip(self.items, self.ratings, strict=True)}

    def value(self, item):
        return self.ratings[item.position]

    @property
    def subject_name(self):
        return self.adult.name if self.adult_id else self.assessment.child.name


_SCORED = Question(
    lambda: (
        Sheet.objects.filter(assessment=Given("assessment"), not_scored_reason="")
        .order_by()
        .values_list("adult", "ratings", "assessment__instrument_version")
    )
)


def ratings_by_adult(assessment):
    """adult (None for the child) → item code → value, of the CANS with this number; one query."""
    found = {}
    for adult, ratings, version in _SCORED.rows(assessment=assessment):
        whole = instrument_of(version)
        items = whole.caregiver_items if adult else whole.child_items
        found[adult] = {item.code: value for item, value in zip(items, ratings, strict=True)}
    return found


class RatingChange(models.Model):
    """Who set which item to what, from what, when; typed or carried. Rows are only ever added."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="history")
    position = models.PositiveSmallIntegerField()
    before = models.CharField(max_length=1)
    after = models.CharField(max_length=1)
    carried = models.BooleanField(default=False, help_text="Repeated from the previous CANS by the person.")
    confirmed_from = models.ForeignKey(
        Sheet,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # of the few rows that have one, the partial index below
        help_text="The same adult's sheet in a sibling's CANS, where the person confirmed it as for them.",
    )
    sending = models.CharField(
        max_length=36, blank=True, help_text="The key it was sent under: sent again, it is not set again."
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["sheet", "position", "id"], name="cans_history_of_item"),
            models.Index(
                fields=["confirmed_from"],
                condition=Q(confirmed_from__isnull=False),
                name="cans_history_confirmed_from",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="cans_carried_or_confirmed",
                condition=Q(carried=False) | Q(confirmed_from__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.before} to {self.after}"


class Note(models.Model):
    """A note beside one item of a sheet."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="notes")
    code = models.CharField(max_length=80)
    text = models.TextField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["sheet", "code"], name="cans_one_note_an_item")]

    def __str__(self):
        return f"note on {self.code}"


class WarningAnswer(models.Model):
    """The author's answer to a readiness warning, by the warning's key."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="answers")
    key = models.CharField(max_length=160)
    text = models.TextField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["assessment", "key"], name="cans_one_answer")]

    def __str__(self):
        return f"answer to {self.key}"
