"""Instrument versions, assessments with their sheets and rating history, and stored obligations.

A sheet keeps its ratings as one text in the order of its instrument version, one character an
item (see docs/adr). Only this module knows it: the code outside sees a mapping from item code
to value, and sets a value through `SheetQuerySet.put`.
"""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Length, Now, Replace, Substr
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone

from cases.models import Adult, Case, Child, Episode
from staff.dates import today
from staff.models import Agency, Region

from . import due, instrument
from .states import CHOICES, OPEN, WORKABLE, State

ALPHABET = "0123nu."


class InstrumentVersionQuerySet(models.QuerySet):
    def active(self):
        """The version new assessments are scored on. Raises DoesNotExist before the first is loaded."""
        return self.get(active=True)


class InstrumentVersion(models.Model):
    """One loaded file of items. Never changed: an assessment stays with the version it was scored on."""

    label = models.CharField(max_length=60, unique=True)
    source = models.TextField(help_text="The file as loaded, tab-separated.")
    active = models.BooleanField(default=False)
    loaded_at = models.DateTimeField(default=timezone.now)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = InstrumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=Q(active=True), name="cans_one_active_instrument"
            ),
        ]

    def __str__(self):
        return self.label

    def get_absolute_url(self):
        return reverse("cans:instrument", args=[self.pk])

    @property
    def instrument(self):
        """The items of this version, read once per process: a version never changes."""
        return _instrument(self.pk)


@lru_cache(maxsize=16)
def _instrument(pk):
    version = InstrumentVersion.objects.get(pk=pk)
    items, problems = instrument.parse(version.source)
    if problems:
        raise ValueError(f"Instrument {version.label}: {problems[0].sentence}")
    return instrument.Instrument(version.label, tuple(items))


class Item(models.Model):
    """The same items as rows, for people with SQL tools (see the view cans_rating)."""

    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="item_rows")
    subject = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField(help_text="From 0, within the subject's sheet.")
    code = models.CharField(max_length=80)
    number = models.PositiveSmallIntegerField(null=True)
    name = models.CharField(max_length=120)
    domain = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)

    class Meta:
        ordering = ["version", "subject", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="cans_item_code_once"),
            models.UniqueConstraint(fields=["version", "subject", "position"], name="cans_item_place_once"),
        ]

    def __str__(self):
        return self.name


class AssessmentQuerySet(models.QuerySet):
    def visible_to(self, user, on=None):
        return self.filter(case__in=Case.objects.visible_to(user, on))

    def open(self):
        return self.filter(state__in=OPEN)

    def in_force(self):
        """Approved, and not replaced by an approved amendment: what comparisons and reports count."""
        replaced = self.model.objects.filter(state=State.APPROVED, amends__isnull=False).values("amends")
        return self.filter(state=State.APPROVED).exclude(pk__in=replaced)

    def latest_approved_of(self, child):
        """The child's CANS to compare with, across episodes; None before the first."""
        return self.in_force().filter(child=child).order_by("-assessed_on", "-pk").first()

    def awaiting_review_by(self, user, on=None):
        """Submitted CANS routed to this supervisor, or to somebody they cover that day."""
        covered = user._meta.model.objects.covered_by(user, on).values("pk")
        return self.filter(Q(reviewer=user) | Q(reviewer__in=covered), state=State.SUBMITTED)


def _together(first, second, name):
    """`x_at` and `x_by` are one fact: both or neither."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
        | Q(**{f"{first}__isnull": False, f"{second}__isnull": False}),
    )


class Assessment(models.Model):
    """One CANS of one child. Its `state` is written by approvals.actions and by nothing else."""

    class Type(models.TextChoices):
        INITIAL = "initial", "Initial"
        REASSESSMENT = "reassessment", "Reassessment"
        EXTENSION = "extension", "Extension"
        CLOSING = "closing", "Closing"

    child = models.ForeignKey(Child, models.PROTECT, related_name="assessments")
    case = models.ForeignKey(Case, models.PROTECT, related_name="assessments")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="assessments")
    instrument_version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="+")
    type = models.CharField(max_length=12, choices=Type)
    assessed_on = models.DateField()
    early = models.BooleanField("early childhood items are rated")
    transition = models.BooleanField("transition to adulthood items are rated")
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    amends = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="amendments")

    state = models.CharField(max_length=10, choices=CHOICES, default=State.DRAFT.value)
    version = models.PositiveIntegerField(default=1, help_text="Goes up with every step of the workflow.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="assessments_authored",
        help_text="Who started it or took it over.",
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="assessments_to_review"
    )
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    worked_at = models.DateTimeField(null=True, blank=True)
    worked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_submitted_on = models.DateField(
        null=True, blank=True, help_text="Decides whether it was on time; an amendment keeps the original's."
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField("first opened by the reviewer at", null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-assessed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(state__in=["draft", "returned", "submitted"]),
                name="cans_one_open_per_child",
                violation_error_message="This child already has an open CANS.",
            ),
            models.CheckConstraint(
                name="cans_reviewer_is_not_the_author",
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("author")),
            ),
            models.CheckConstraint(
                name="cans_approver_is_not_the_author",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("author")),
            ),
            models.CheckConstraint(
                name="cans_submitted_has_a_reviewer",
                condition=~Q(state="submitted")
                | Q(reviewer__isnull=False, submitted_at__isnull=False, first_submitted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="cans_approved_is_dated",
                condition=~Q(state="approved") | Q(approved_at__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="cans_returned_is_dated", condition=~Q(state="returned") | Q(returned_at__isnull=False)
            ),
            models.CheckConstraint(
                name="cans_voided_is_dated", condition=~Q(state="voided") | Q(voided_at__isnull=False)
            ),
            _together("worked_at", "worked_by", "cans_worked_together"),
            _together("submitted_at", "submitted_by", "cans_submitted_together"),
            _together("opened_at", "opened_by", "cans_opened_together"),
            _together("returned_at", "returned_by", "cans_returned_together"),
            _together("approved_at", "approved_by", "cans_approved_together"),
            _together("voided_at", "voided_by", "cans_voided_together"),
        ]
        indexes = [
            models.Index(fields=["child", "-assessed_on", "-id"], name="cans_of_child"),
            models.Index(fields=["case", "-assessed_on", "-id"], name="cans_of_case"),
            models.Index(
                fields=["reviewer", "submitted_at"],
                condition=Q(state="submitted"),
                name="cans_waiting_for_reviewer",
            ),
            models.Index(
                fields=["author", "state"],
                condition=Q(state__in=["draft", "returned", "submitted"]),
                name="cans_open_of_author",
            ),
        ]

    def __str__(self):
        return f"CANS {self.pk} of {self.child}"

    def get_absolute_url(self):
        return reverse("cans:detail", args=[self.pk])

    @property
    def instrument(self):
        return _instrument(self.instrument_version_id)

    @property
    def is_workable(self):
        return self.state in WORKABLE


class Contribution(models.Model):
    """Everyone who wrote any of it: none of them may ever approve it."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="contributions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="contributions")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "person"], name="cans_contributor_once"),
        ]

    def __str__(self):
        return f"{self.person} wrote on CANS {self.assessment_id}"


def _only_alphabet():
    """The CHECK on a sheet's text, in functions both databases have."""
    rest = F("ratings")
    for character in ALPHABET:
        rest = Replace(rest, Value(character), Value(""), output_field=models.TextField())
    return rest


class SheetQuerySet(models.QuerySet):
    def put(self, sheet, item, *, seen, value):
        """Set one rating if the value the person saw is still there; True when it was set.

        One conditional UPDATE, so that two people on one draft never overwrite each other in
        silence. The caller holds the assessment and writes the history in the same transaction.
        """
        at = item.position + 1
        return bool(
            self.filter(pk=sheet.pk)
            .annotate(now_there=Substr("ratings", at, 1))
            .filter(now_there=seen)
            .update(
                ratings=Concat(
                    Substr("ratings", 1, at - 1) if at > 1 else Value(""),
                    Value(value),
                    Substr("ratings", at + 1),
                    output_field=models.TextField(),
                )
            )
        )


class Sheet(models.Model):
    """The ratings of the child (`adult` empty), or of one caregiver of the child."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="sheets")
    adult = models.ForeignKey(Adult, models.PROTECT, null=True, blank=True, related_name="sheets")
    substitute = models.BooleanField(default=False, help_text="Rated as a substitute caregiver.")
    ratings = models.TextField()
    size = models.PositiveSmallIntegerField(help_text="How many items the version has for this subject.")
    not_scored_reason = models.CharField(max_length=400, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        ordering = [F("adult").asc(nulls_first=True)]
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


class RatingChange(models.Model):
    """Who set which item to what, from what, when; typed or carried. Rows are only ever added."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="history")
    position = models.PositiveSmallIntegerField()
    before = models.CharField(max_length=1)
    after = models.CharField(max_length=1)
    carried = models.BooleanField(default=False, help_text="Repeated from the previous CANS by the person.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["sheet", "position", "id"], name="cans_history_of_item")]

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


class Waiver(models.Model):
    """A coordinator's dispensation from one obligation; kept, and reported apart."""

    class Reason(models.TextChoices):
        DETAINED = "detained", "Child detained or hospitalised"
        RUNAWAY = "runaway", "Child's whereabouts unknown"
        OUT_OF_STATE = "out_of_state", "Child out of state"
        SYSTEM = "system", "State system unavailable"
        OTHER = "other", "Another reason"

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="waivers")
    child = models.ForeignKey(Child, models.PROTECT, related_name="waivers")
    source = models.CharField(max_length=60)
    reason = models.CharField(max_length=12, choices=Reason)
    note = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "child", "source"],
                name="cans_waived_once",
                violation_error_message="This due date is already waived.",
            ),
        ]

    def __str__(self):
        return f"waived: {self.get_reason_display()}"


UNSETTLED = Q(superseded_at__isnull=True, met_on__isnull=True, cancelled=False, waiver__isnull=True)


class ObligationQuerySet(models.QuerySet):
    def visible_to(self, user, on=None):
        return self.filter(case__in=Case.objects.visible_to(user, on))

    def current(self):
        return self.filter(superseded_at__isnull=True)

    def unsettled(self):
        """Neither met, nor cancelled, nor waived: what somebody still owes."""
        return self.filter(UNSETTLED)

    def overdue(self, on=None):
        """Due date past and unsettled; missed extensions are counted apart (`missed`)."""
        return (
            self.unsettled()
            .filter(due__lt=on or today())
            .exclude(kind=due.Kind.EXTENSION, met_by__isnull=True)
        )

    def missed(self, on=None):
        return self.unsettled().filter(due__lt=on or today(), kind=due.Kind.EXTENSION, met_by__isnull=True)

    def due_between(self, first, last):
        """Unsettled and due from `first` through `last`."""
        return self.unsettled().filter(due__range=(first, last))


class Obligation(models.Model):
    """A CANS owed for a child by a day, as due.py computed it from the case's dates.

    Written by cans.obligations only. A changed obligation supersedes its row, so that any past
    day can be asked about. The status is never stored: it is `due.status` over these facts and today.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="obligations")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="obligations")
    child = models.ForeignKey(Child, models.PROTECT, related_name="obligations")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=[(k.value, k.value.replace("_", "-")) for k in due.Kind])
    source = models.CharField(max_length=60, help_text="Its identity within child and episode.")
    due = models.DateField()
    work_by = models.DateField(help_text="The last working day on or before the due date.")
    target = models.DateField(null=True, blank=True)
    met_by = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="obligations_met"
    )
    submitted_on = models.DateField(null=True, blank=True)
    met_on = models.DateField(null=True, blank=True)
    fix_by = models.DateField(null=True, blank=True)
    cancelled = models.BooleanField(default=False)
    waiver = models.ForeignKey(Waiver, models.PROTECT, null=True, blank=True, related_name="obligations")
    why = models.CharField(max_length=300)
    rules_version = models.CharField(max_length=20)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose act made it so; empty for a command.",
    )
    because = models.CharField(max_length=400, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        ordering = ["due", "child_id", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "child", "source"],
                condition=Q(superseded_at__isnull=True),
                name="cans_obligation_once",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "due"], name="cans_obligations_of_case"),
            models.Index(fields=["agency", "due", "id"], name="cans_owed_by_agency", condition=UNSETTLED),
            models.Index(fields=["region", "due", "id"], name="cans_owed_by_region", condition=UNSETTLED),
            models.Index(fields=["due", "id"], name="cans_owed", condition=UNSETTLED),
            models.Index(fields=["case", "due", "id"], name="cans_owed_by_case", condition=UNSETTLED),
        ]

    def __str__(self):
        return f"{self.kind} CANS due {self.due}"

    def status(self, on=None):
        return due.status(self, on or today(), waived=self.waiver_id is not None)

    @property
    def on_time(self):
        return due.on_time(self)

    def days_late(self, on=None):
        """Days past the due date; 0 or less while it is not past."""
        return ((on or today()) - self.due).days
