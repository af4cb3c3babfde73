"""Case, episode and extension, and the grants that open a case to somebody."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from staff.dates import in_force, today
from staff.models import Agency, Region, RegionGrant, Role, User

from .emergencies import EmergencyAccess
from .workers import Assignment

STATE_NUMBER = RegexValidator(
    r"^[0-9A-Za-z-]{1,20}$", "Write the number as the state does: letters, digits and hyphens only."
)


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user, on=None):
        """The cases this person may open: by assignment, line, routing, cover or region that day, or
        in an emergency now."""
        return self.filter(may_open(user, on))

    def held_by(self, user, on=None):
        """Those of them that a dated grant opens: without the ones open in an emergency, only to read."""
        return self.filter(may_open(user, on, emergencies=False))

    def workable_by(self, user, on=None):
        """The cases whose records this person keeps: their own, and those of the people in their line."""
        on = on or today()
        if not user.is_active or user.role not in {Role.CLINICIAN, Role.SUPERVISOR}:
            return self.none()
        carried = _carried_by([user.pk], on)
        if user.role == Role.SUPERVISOR:
            carried = carried.union(_carried_by(User.objects.in_line_of(user, on).values("pk"), on))
        return self.filter(pk__in=carried)

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


class ExtensionQuerySet(models.QuerySet):
    def standing(self):
        """Without those withdrawn as made by mistake: they are kept, and nothing follows from them."""
        return self.filter(withdrawn__isnull=True)


class Extension(models.Model):
    """More time asked for. The CANS is owed by the request, whatever the decision."""

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="extensions")
    requested = models.DateField("requested on")
    reason = models.CharField(max_length=400, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided = models.DateField("decided on", null=True, blank=True)
    granted = models.BooleanField(null=True, blank=True)
    authorised_through = models.DateField(null=True, blank=True)
    withdrawn = models.DateField("withdrawn on", null=True, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ["requested", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "requested"],
                condition=Q(withdrawn__isnull=True),
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


def may_open(user, on=None, *, case="", emergencies=True, now=None):
    """The condition of `visible_to`, also for querysets of what belongs to a case: `case` is the path.
    `user` may be Anybody: a question made once is given the moment that emergencies are asked of.

    For those who hold assignments it is one IN over a union, which a database looks up by index; of
    alternatives it would walk the whole table. For a coordinator it is a join to the case.
    """
    on = on or today()
    if not user.is_active or user.role not in ROLES:
        return Q(pk__in=[])
    if user.role == Role.COORDINATOR:
        return _of_their_regions(user.pk, on, case)
    granted = _assigned_to(user.pk, on)
    if user.role == Role.SUPERVISOR:
        granted = granted.union(*_as_supervisor(user.pk, on))
    if emergencies:
        granted = granted.union(EmergencyAccess.objects.opening_to(user, now).values("case"))
    return Q(**{f"{case or 'pk'}__in": granted})


def _carried_by(people, on):
    """Cases with a primary or parallel assignment of one of these people that day."""
    return _current(on).carrying().filter(person__in=people).values("case")


def _assigned_to(person, on):
    return _current(on).filter(person=person).values("case")


def _current(on):
    return Assignment.objects.current(on).order_by()  # in a union nothing may be in order


def _as_supervisor(person, on):
    """Cases of the line, and what waits for a supervisor covered today."""
    line = _carried_by(User.objects.in_line_of(person, on).values("pk"), on)
    covered = User.objects.covered_by(person, on).values("pk")
    waits_for_covered = _current(on).filter(kind=Assignment.Kind.REVIEW, person__in=covered)
    return line, waits_for_covered.values("case")


def _of_their_regions(person, on, case):
    """By region only: no coordinator opens a case in an emergency."""
    granted = RegionGrant.objects.filter(in_force(on), coordinator=person)
    region = f"{case}__region" if case else "region"
    return Q(**{f"{region}__in": granted.values("region")}) | Q(Exists(granted.filter(region__isnull=True)))


# Those who open cases. A platform superuser and an administrator open none.
ROLES = {Role.CLINICIAN, Role.SUPERVISOR, Role.COORDINATOR}
