"""What is owed: stored due dates, and waivers of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cans import due
from cases.models import Case, Child, Episode, may_open
from staff.dates import end_of, today
from staff.models import Agency, Region

from .assessments import Assessment


class Waiver(models.Model):
    """A coordinator's dispensation from one obligation; kept, and reported apart. One that is withdrawn is
    kept as well, and counts no more."""

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
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "child", "source"],
                condition=Q(withdrawn_at__isnull=True),
                name="cans_waived_once",
                violation_error_message="This due date is already waived.",
            ),
            models.CheckConstraint(
                name="cans_waiver_withdrawn_by_whom_and_why",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_because="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_because=""),
            ),
        ]

    def __str__(self):
        return f"waived: {self.get_reason_display()}"


CURRENT = {"superseded_at__isnull": True}
SETTLED_BY_NOTHING = {"met_on__isnull": True, "cancelled": False, "waiver__isnull": True}
UNSETTLED = Q(**CURRENT, **SETTLED_BY_NOTHING)


class ObligationQuerySet(models.QuerySet):
    def visible_to(self, user, on=None, now=None):
        return self.filter(may_open(user, on, case="case", now=now))

    def current(self):
        return self.filter(**CURRENT)

    def known_on(self, on=None):
        """As they stand; for a day in the past, as they stood on record when that day ended."""
        if on is None or on >= today():
            return self.current()
        over = end_of(on)
        return self.filter(Q(**CURRENT) | Q(superseded_at__gte=over), recorded_at__lt=over)

    def unsettled(self, on=None):
        """Neither met, nor cancelled, nor waived: what somebody still owes."""
        return self.known_on(on).filter(**SETTLED_BY_NOTHING)

    def overdue(self, on=None):
        """Due date past and unsettled; missed extensions are counted apart (`missed`)."""
        return (
            self.unsettled(on)
            .filter(due__lt=on or today())
            .exclude(kind=due.Kind.EXTENSION, met_by__isnull=True)
        )

    def missed(self, on=None):
        return self.unsettled(on).filter(due__lt=on or today(), kind=due.Kind.EXTENSION, met_by__isnull=True)

    def due_between(self, first, last):
        """Unsettled and due from `first` through `last`; as it stood on `first`, where that is past."""
        return self.unsettled(first).filter(due__range=(first, last))


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
    lan = models.PositiveSmallIntegerField("local area network (LAN)")
    opened = models.DateField(help_text="The day its episode opened, as it was on record.")
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
    assessed_from = models.DateField(
        null=True, blank=True, help_text="While nothing meets it: one assessed from this day on would."
    )
    assessed_through = models.DateField(
        null=True, blank=True, help_text="And through this one, where there is a last."
    )
    cancelled = models.BooleanField(default=False)
    # No index of its own: nearly every row has none, and SQLite would look there for what is unsettled.
    waiver = models.ForeignKey(
        Waiver, models.PROTECT, null=True, blank=True, related_name="obligations", db_index=False
    )
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

    @property
    def late_by(self):
        return due.late_by(self)

    def days_late(self, on=None):
        """Days past the due date; 0 or less while it is not past."""
        return ((on or today()) - self.due).days
