"""One CANS of one child, and everyone who wrote in it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cans.states import CHOICES, OPEN, WORKABLE, State
from cases.models import Case, Child, Membership, may_open
from staff.dates import end_of, today
from staff.models import User

from .instruments import InstrumentVersion, instrument_of

# As the columns say it: what is drafted, submitted or returned is neither approved nor voided. SQLite looks
# into an index of some rows only for a condition that holds no values.
UNDECIDED = Q(approved_at__isnull=True, voided_at__isnull=True)


class AssessmentQuerySet(models.QuerySet):
    def visible_to(self, user, on=None, now=None):
        return self.filter(may_open(user, on, case="case", now=now))

    def open(self):
        return self.filter(UNDECIDED)

    def submitted(self):
        """Waiting for their reviewers."""
        return self.open().filter(state=State.SUBMITTED)

    def in_force(self, on=None):
        """Approved, and not replaced by an approved amendment: what comparisons and reports count. For a
        day in the past, as it was when that day ended."""
        return self.filter(_approved(on)).exclude(pk__in=self.replaced(on))

    def open_or_in_force(self):
        """In one condition: PostgreSQL takes ten times as long to plan the one or the other."""
        states = sorted(OPEN | {State.APPROVED})  # the same statement in every process
        return self.filter(state__in=states).exclude(pk__in=self.replaced())

    def replaced(self, on=None):
        """The numbers of those that an approved amendment stands for."""
        return self.model.objects.filter(_approved(on), amends__isnull=False).values("amends")

    def latest_approved_of(self, child, case):
        """The child's CANS to compare one in this case with, across episodes; None before the first. Of any
        case while the child is in this one; once they left it only of this one, for those who work it may
        not read what came after."""
        found = self.in_force().filter(child=child)
        if not Membership.objects.in_case_on(today()).filter(child=child, case=case).exists():
            found = found.filter(case=case)
        return found.order_by("-assessed_on", "-pk").first()

    def awaiting_review_by(self, user, on=None):
        """Submitted CANS of their agency routed to this supervisor, or to somebody they cover that day."""
        return self.for_reviewer(user.pk, user.agency_id, on or today())

    def for_reviewer(self, person, agency, on):
        """The same by the numbers of the supervisor and their agency."""
        # One list of people: of one or the other, neither database would look into the reviewers' index.
        covered = User.objects.covered_by(person, on).values("pk")
        mine = User.objects.filter(Q(pk=person) | Q(pk__in=covered))
        return self.submitted().filter(reviewer__in=mine.values("pk"), case__agency=agency)


def _approved(on):
    if on is None or on >= today():
        return Q(state=State.APPROVED)
    over = end_of(on)
    return here_by(on) & Q(approved_at__lt=over) & (Q(voided_at__isnull=True) | Q(voided_at__gte=over))


def here_by(on):
    """That it was on record when that day ended, or could have been: its steps are older than an import."""
    return Q(imported_at__isnull=True) | Q(imported_at__lt=end_of(on))


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
    instrument_version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="+")
    type = models.CharField(max_length=12, choices=Type)
    assessed_on = models.DateField()
    early = models.BooleanField("early childhood items are rated")
    transition = models.BooleanField("transition to adulthood items are rated")
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    # No index of all of it: nearly every row has none, and SQLite would look there, or read the whole table.
    amends = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="amendments", db_index=False
    )

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
    imported_at = models.DateTimeField(
        null=True, blank=True, help_text="Where it came from a file: before that nothing of it was here."
    )
    worked_at = models.DateTimeField(null=True, blank=True)
    worked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_submitted_on = models.DateField(
        null=True, blank=True, help_text="Decides whether it was on time; an amendment keeps the original's."
    )
    first_approved_on = models.DateField(
        null=True,
        blank=True,
        help_text="Of an imported CANS: when it, or what it amended there, was first approved.",
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
                condition=UNDECIDED,
                name="cans_one_open_per_child",
                violation_error_message="This child already has an open CANS.",
            ),
            models.CheckConstraint(
                name="cans_open_is_undecided",
                condition=Q(UNDECIDED, state__in=["draft", "returned", "submitted"])
                | Q(~UNDECIDED, state__in=["approved", "voided"]),
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
            models.Index(fields=["-assessed_on", "-id"], name="cans_latest"),
            models.Index(fields=["-assessed_on", "-id"], condition=UNDECIDED, name="cans_open_latest"),
            models.Index(
                fields=["reviewer", "state", "submitted_at"],
                condition=UNDECIDED,
                name="cans_waiting_for_reviewer",
            ),
            models.Index(fields=["author", "state"], condition=UNDECIDED, name="cans_open_of_author"),
            models.Index(fields=["state", "submitted_at", "id"], condition=UNDECIDED, name="cans_waiting"),
            models.Index(
                fields=["first_submitted_on", "id"],
                condition=Q(first_submitted_on__isnull=False),
                name="cans_by_submission",
            ),
            models.Index(
                fields=["amends", "state"], condition=Q(amends__isnull=False), name="cans_amendments"
            ),
        ]

    def __str__(self):
        return f"CANS {self.pk} of {self.child}"

    def get_absolute_url(self):
        return reverse("cans:detail", args=[self.pk])

    @property
    def instrument(self):
        return instrument_of(self.instrument_version_id)

    @property
    def is_workable(self):
        return self.state in WORKABLE


class TakeOver(models.Model):
    """Somebody became the author of a CANS that another had begun; till then it was the other's. Rows are
    only ever added, so that any past day can be asked whose it was."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="take_overs")
    author_before = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.by} took over CANS {self.assessment_id}"


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
