"""Case, episode, child, collateral, caregiving, assignment, extension, service.

`starts` and `ends`, `joined` and `left`, `opened` and `closed` are calendar dates in
America/Chicago; the last day counts.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from staff.dates import in_force, today
from staff.models import Agency, Region, RegionGrant, Role, User

STATE_NUMBER = RegexValidator(
    r"^[0-9A-Za-z-]{1,20}$", "Write the number as the state does: letters, digits and hyphens only."
)


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user, on=None):
        """The cases this person may open that day: by assignment, line, routing, cover or region."""
        on = on or today()
        if not user.is_active or user.role not in GRANTS:
            return self.none()
        return self.filter(GRANTS[user.role](user, on))

    def workable_by(self, user, on=None):
        """The cases whose records this person keeps: their own, and those of the people in their line."""
        on = on or today()
        if not user.is_active or user.role not in {Role.CLINICIAN, Role.SUPERVISOR}:
            return self.none()
        grants = _carried_by([user.pk], on)
        if user.role == Role.SUPERVISOR:
            grants |= _carried_by(User.objects.in_line_of(user, on).values("pk"), on)
        return self.filter(grants)

    def listed_to(self, user, on=None):
        """Cases shown by name and number only: for an administrator, those of the agency."""
        if user.is_active and user.role == Role.ADMINISTRATOR:
            return self.filter(agency=user.agency)
        return self.visible_to(user, on)

    def open(self):
        return self.filter(Exists(Episode.objects.filter(case=OuterRef("pk"), closed__isnull=True)))


class Case(models.Model):
    number = models.CharField("state case number", max_length=20, unique=True, validators=[STATE_NUMBER])
    name = models.CharField("case name (the family's name)", max_length=120)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="cases")
    county = models.CharField(max_length=40)
    region = models.ForeignKey(Region, models.PROTECT, related_name="cases")
    lan = models.PositiveSmallIntegerField(
        "local area network (LAN)", validators=[MinValueValidator(1), MaxValueValidator(62)]
    )
    referred_on = models.DateField("referral date")
    referral_source = models.CharField(max_length=120)
    department_worker = models.CharField("the department's own worker", max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["agency", "name", "id"], name="cases_by_agency"),
            models.Index(fields=["region", "name", "id"], name="cases_by_region"),
            models.Index(fields=["name", "id"], name="cases_by_name"),
        ]

    def __str__(self):
        return f"{self.name} ({self.number})"

    def get_absolute_url(self):
        return reverse("cases:detail", args=[self.pk])


class Episode(models.Model):
    """One IPS opening of a case. A reopened case has a new episode."""

    class Reason(models.TextChoices):
        STABLE = "stable", "Placement stable, goals met"
        PERMANENCY = "permanency", "Permanency achieved"
        MOVED = "moved", "Placement ended or child moved"
        DECLINED = "declined", "Family declined further services"
        HIGHER = "higher", "Moved to a higher level of care"
        ENDED = "ended", "Authorised time ended"
        OTHER = "other", "Another reason"

    case = models.ForeignKey(Case, models.PROTECT, related_name="episodes")
    opened = models.DateField()
    authorised_through = models.DateField()
    closed = models.DateField(null=True, blank=True)
    closing_reason = models.CharField(max_length=12, choices=Reason, blank=True)

    class Meta:
        ordering = ["-opened", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(closed__isnull=True),
                name="cases_one_open_episode",
                violation_error_message="This case is already open.",
            ),
            models.CheckConstraint(
                name="cases_episode_closes_after_opening",
                condition=Q(closed__isnull=True) | Q(closed__gte=F("opened")),
                violation_error_message="A case cannot close before it opened.",
            ),
            models.CheckConstraint(
                name="cases_closed_with_a_reason",
                condition=Q(closed__isnull=True, closing_reason="")
                | (Q(closed__isnull=False) & ~Q(closing_reason="")),
                violation_error_message="A closed episode has a closing date and a reason.",
            ),
            models.CheckConstraint(
                name="cases_authorised_from_opening",
                condition=Q(authorised_through__gte=F("opened")),
                violation_error_message="The authorisation cannot end before the opening.",
            ),
        ]
        indexes = [models.Index(fields=["case", "-opened"], name="cases_episode_latest")]

    def __str__(self):
        return f"{self.case}, opened {self.opened}"


class Extension(models.Model):
    """More time asked for. The CANS is owed by the request, whatever the decision."""

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="extensions")
    requested = models.DateField("requested on")
    reason = models.CharField(max_length=400, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided = models.DateField("decided on", null=True, blank=True)
    granted = models.BooleanField(null=True, blank=True)
    authorised_through = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["requested", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "requested"],
                name="cases_one_request_a_day",
                violation_error_message="An extension was already requested on that day.",
            ),
            models.CheckConstraint(
                name="cases_decision_is_whole",
                condition=Q(decided__isnull=True, granted__isnull=True, authorised_through__isnull=True)
                | Q(decided__isnull=False, granted=False, authorised_through__isnull=True)
                | Q(decided__isnull=False, granted=True, authorised_through__isnull=False),
                violation_error_message="A decision has a date, and a granted one an end date.",
            ),
            models.CheckConstraint(
                name="cases_decided_after_request",
                condition=Q(decided__isnull=True) | Q(decided__gte=F("requested")),
                violation_error_message="A request cannot be decided before it was made.",
            ),
        ]

    def __str__(self):
        return f"extension requested {self.requested}"


class ChildQuerySet(models.QuerySet):
    def visible_to(self, user, on=None):
        return self.filter(
            pk__in=Membership.objects.filter(case__in=Case.objects.visible_to(user, on)).values("child")
        )


class Child(models.Model):
    person_number = models.CharField(max_length=20, unique=True, validators=[STATE_NUMBER])
    name = models.CharField(max_length=120)
    born = models.DateField("date of birth")
    developmental_disability = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ChildQuerySet.as_manager()

    class Meta:
        ordering = ["born", "pk"]
        verbose_name_plural = "children"

    def __str__(self):
        return self.name


class MembershipQuerySet(models.QuerySet):
    def in_case_on(self, on):
        """Memberships that hold that day; the joining and the leaving day included."""
        return self.filter(Q(joined__lte=on) & (Q(left__isnull=True) | Q(left__gte=on)))


class Membership(models.Model):
    """A child in a case, from joining to leaving. Rejoining is a new row."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="memberships")
    child = models.ForeignKey(Child, models.PROTECT, related_name="memberships")
    joined = models.DateField()
    left = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["child__born", "child_id", "joined"]
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(left__isnull=True),
                name="cases_child_in_one_case",
                violation_error_message="This child is already in a case.",
            ),
            models.CheckConstraint(
                name="cases_left_after_joining",
                condition=Q(left__isnull=True) | Q(left__gte=F("joined")),
                violation_error_message="A child cannot leave before joining.",
            ),
        ]
        indexes = [models.Index(fields=["case", "child"], name="cases_members")]

    def __str__(self):
        return f"{self.child} in {self.case}"


class ChildStatus(models.Model):
    """Placement, permanency goal or legal status from a day on. Added to, never overwritten."""

    class Kind(models.TextChoices):
        PLACEMENT = "placement", "Placement"
        GOAL = "goal", "Permanency goal"
        LEGAL = "legal", "Legal status"

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="statuses")
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=120)
    since = models.DateField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "-since", "-pk"]
        verbose_name_plural = "child statuses"
        indexes = [models.Index(fields=["membership", "kind", "-since"], name="cases_status_latest")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.value} since {self.since}"


class AdultQuerySet(models.QuerySet):
    def visible_to(self, user, on=None):
        """Adults tied to a case this person may open, as collateral or as caregiver."""
        cases = Case.objects.visible_to(user, on).values("pk")
        return self.filter(
            Q(pk__in=Collateral.objects.filter(case__in=cases).values("adult"))
            | Q(pk__in=Caregiving.objects.filter(membership__case__in=cases).values("adult"))
        )


class Adult(models.Model):
    """A grown-up of a family: a parent, or somebody tied to a case from outside it.

    A caregiver is a person, not a position: ratings follow this row through every case.
    """

    person_number = models.CharField(
        max_length=20, unique=True, null=True, blank=True, validators=[STATE_NUMBER]
    )
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=240, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AdultQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["name", "id"], name="cases_adult_by_name")]

    def __str__(self):
        return self.name


class Collateral(models.Model):
    """An adult tied to a case who is not a member of it, above all the substitute caregiver."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="collaterals")
    adult = models.ForeignKey(Adult, models.PROTECT, related_name="collaterals")
    relationship = models.CharField("relationship to the family", max_length=120)
    in_home = models.BooleanField("lives in the home", default=False)
    starts = models.DateField("begin date")
    ends = models.DateField("end date", null=True, blank=True)

    class Meta:
        ordering = ["adult__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "adult"],
                condition=Q(ends__isnull=True),
                name="cases_collateral_once",
                violation_error_message="This adult is already a collateral of this case.",
            ),
            models.CheckConstraint(
                name="cases_collateral_ends_after_start",
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                violation_error_message="The end date cannot be before the begin date.",
            ),
        ]

    def __str__(self):
        return f"{self.adult}, {self.relationship}"


class CaregivingQuerySet(models.QuerySet):
    def on(self, day):
        """Caregivings that are open that day; each needs a sheet, or a reason why not."""
        return self.filter(in_force(day))


class Caregiving(models.Model):
    """Which adult cares for which child of a case, as what, in the home or not, from and until."""

    class Role(models.TextChoices):
        PARENT = "parent", "Parent"
        SUBSTITUTE = "substitute", "Substitute caregiver"

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="caregivings")
    adult = models.ForeignKey(Adult, models.PROTECT, related_name="caregivings")
    role = models.CharField(max_length=10, choices=Role)
    relationship = models.CharField("relationship to the child", max_length=120)
    in_home = models.BooleanField("lives in the child's home", default=False)
    starts = models.DateField("cares from")
    ends = models.DateField("cares until", null=True, blank=True)

    objects = CaregivingQuerySet.as_manager()

    class Meta:
        ordering = ["adult__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "adult"],
                condition=Q(ends__isnull=True),
                name="cases_caregiving_once",
                violation_error_message="This adult already cares for this child.",
            ),
            models.CheckConstraint(
                name="cases_caregiving_ends_after_start",
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                violation_error_message="The last day of care cannot be before the first.",
            ),
        ]
        indexes = [models.Index(fields=["membership", "ends"], name="cases_caregivers_of_child")]

    def __str__(self):
        return f"{self.adult}, {self.relationship} of {self.membership.child}"


class AssignmentQuerySet(models.QuerySet):
    def current(self, on=None):
        return self.filter(in_force(on or today()))

    def carrying(self):
        """Primary and parallel ones: those who work the case, unlike a reviewer from outside."""
        return self.filter(kind__in=[Assignment.Kind.PRIMARY, Assignment.Kind.PARALLEL])


class Assignment(models.Model):
    """Somebody's grant on a case. Every grant on a case is a row here, a review by routing too."""

    class Kind(models.TextChoices):
        PRIMARY = "primary", "Primary"
        PARALLEL = "parallel", "Parallel"
        REVIEW = "review", "Review"

    case = models.ForeignKey(Case, models.PROTECT, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=10, choices=Kind)
    role = models.CharField("role on the case", max_length=80, blank=True)
    starts = models.DateField("first day")
    ends = models.DateField("last day", null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-starts", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(kind="primary", ends__isnull=True),
                name="cases_one_primary",
                violation_error_message="This case already has a primary worker.",
            ),
            models.UniqueConstraint(
                fields=["case", "person", "kind"],
                condition=Q(ends__isnull=True),
                name="cases_assigned_once",
                violation_error_message="This person already has that assignment.",
            ),
            models.CheckConstraint(
                name="cases_assignment_ends_after_start",
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                violation_error_message="The last day cannot be before the first.",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ends", "case"], name="cases_assigned_to"),
            models.Index(fields=["case", "kind", "ends"], name="cases_workers_of_case"),
        ]

    def __str__(self):
        return f"{self.person}, {self.get_kind_display()} on {self.case}"


class ServiceKind(models.Model):
    """The service array: a list the coordinator keeps. A retired kind stays on old services."""

    name = models.CharField(max_length=80, unique=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Service(models.Model):
    """A support given to one child; it answers at least one CANS finding."""

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="services")
    kind = models.ForeignKey(ServiceKind, models.PROTECT, related_name="services")
    provider = models.CharField(max_length=120)
    starts = models.DateField("from")
    ends = models.DateField("until", null=True, blank=True)

    class Meta:
        ordering = ["-starts", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="cases_service_ends_after_start",
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                violation_error_message="A service cannot end before it starts.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} for {self.membership.child}"


class ServiceFinding(models.Model):
    """The CANS item a service answers, by its code in the instrument ("behavioral.anxiety")."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="findings")
    code = models.CharField(max_length=80)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["service", "code"], name="cases_finding_once"),
        ]

    def __str__(self):
        return self.code


class CaseEvent(models.Model):
    """What happened to a case, in words, for its timeline. Rows are only ever added."""

    class Kind(models.TextChoices):
        CREATED = "created", "Case created"
        EDITED = "edited", "Case details changed"
        OPENED = "opened", "IPS opened"
        OPENING_CORRECTED = "opening_corrected", "Opening date corrected"
        EXTENSION = "extension", "Extension requested"
        DECIDED = "decided", "Extension decided"
        CLOSED = "closed", "IPS closed"
        CLOSE_UNDONE = "close_undone", "Closing undone"
        CHILD = "child", "Child"
        STATUS = "status", "Child's status"
        COLLATERAL = "collateral", "Collateral"
        CAREGIVING = "caregiving", "Caregiver"
        ASSIGNED = "assigned", "Assignment"
        SERVICE = "service", "Service"
        TRANSFERRED = "transferred", "Transferred"

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    on = models.DateField(help_text="The day it is true of, which may lie before the day it was written.")
    sentence = models.CharField(max_length=400)
    reason = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="cases_undo_has_a_reason",
                condition=~Q(kind__in=["close_undone", "opening_corrected", "transferred"]) | ~Q(reason=""),
                violation_error_message="Say why.",
            ),
        ]
        indexes = [models.Index(fields=["case", "-on", "-id"], name="cases_timeline")]

    def __str__(self):
        return self.sentence


def _carried_by(people, on):
    """Cases with a primary or parallel assignment of one of these people that day."""
    return Q(pk__in=Assignment.objects.current(on).carrying().filter(person__in=people).values("case"))


def _assigned_to(user, on):
    return Q(pk__in=Assignment.objects.current(on).filter(person=user).values("case"))


def _clinician(user, on):
    return _assigned_to(user, on)


def _supervisor(user, on):
    """Own and routed cases, cases of the line, and what waits for a supervisor covered today."""
    waits_for_covered = Assignment.objects.current(on).filter(
        kind=Assignment.Kind.REVIEW, person__in=User.objects.covered_by(user, on).values("pk")
    )
    return (
        _assigned_to(user, on)
        | _carried_by(User.objects.in_line_of(user, on).values("pk"), on)
        | Q(pk__in=waits_for_covered.values("case"))
    )


def _coordinator(user, on):
    granted = RegionGrant.objects.filter(in_force(on), coordinator=user)
    return Q(region__in=granted.values("region")) | Q(Exists(granted.filter(region__isnull=True)))


# The dated grant paths by role. A platform superuser and an administrator have none.
GRANTS = {
    Role.CLINICIAN: _clinician,
    Role.SUPERVISOR: _supervisor,
    Role.COORDINATOR: _coordinator,
}
