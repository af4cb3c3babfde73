from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from staff.dates import in_force, today


class Region(models.Model):
    name = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Agency(models.Model):
    name = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"

    def __str__(self):
        return self.name


class Role(models.TextChoices):
    CLINICIAN = "clinician", "Clinician"
    SUPERVISOR = "supervisor", "Supervisor"
    COORDINATOR = "coordinator", "Coordinator"
    ADMINISTRATOR = "administrator", "Administrator"


class AccountStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    NO_PASSWORD = "no_password", "No password yet"
    NOT_ACTIVE = "not_active", "Not active"


class PersonQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def of_status(self, status):
        """As `User.account_status` has it one by one."""
        never = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX, last_login__isnull=True)
        if status == AccountStatus.NOT_ACTIVE:
            return self.filter(is_active=False)
        return self.active().filter(never if status == AccountStatus.NO_PASSWORD else ~never)

    def of_agency(self, agency):
        return self.filter(agency=agency)

    def workers(self):
        """Those who may carry cases: clinicians, and supervisors who also do."""
        return self.active().filter(role__in=[Role.CLINICIAN, Role.SUPERVISOR])

    def supervisors(self):
        return self.active().filter(role=Role.SUPERVISOR)

    def in_line_of(self, supervisor, on=None):
        """The people this supervisor supervises that day; a line is direct."""
        return self.filter(
            pk__in=Line.objects.filter(in_force(on or today()), supervisor=supervisor).values("person")
        )

    def visible_to(self, user, on=None):
        """The people whose page this one may open: an agency's for its administrator, one's own line."""
        if user.is_active and user.role == Role.ADMINISTRATOR:
            return self.of_agency(user.agency_id)
        if user.is_active and user.role == Role.SUPERVISOR:
            return self.in_line_of(user, on)
        return self.none()

    def coordinators_of(self, region, on=None):
        """Those who coordinate this region that day; None for all regions."""
        granted = RegionGrant.objects.filter(in_force(on or today()), Q(region=None) | Q(region=region))
        return self.active().filter(role=Role.COORDINATOR, pk__in=granted.values("coordinator"))

    def covered_by(self, supervisor, on=None):
        """The supervisors for whom this one stands in that day."""
        return self.filter(
            pk__in=Cover.objects.filter(in_force(on or today()), cover=supervisor).values("supervisor")
        )


class PersonManager(UserManager.from_queryset(PersonQuerySet)):
    """Django's account manager, with the vocabulary above."""


class DeskDigest(models.TextChoices):
    DAILY = "daily", "each morning"
    WEEKLY = "weekly", "each Monday morning"


class Switch(models.TextChoices):
    """What somebody who scores or reviews switches for all their pages: a field of `User` each."""

    SINGLE_KEYS = "single_keys", "single keys"
    LAST_RATINGS = "last_ratings", "last ratings"


class User(AbstractUser):
    """One person, one account, one role. A platform superuser has no role and no case access."""

    first_name = None
    last_name = None
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=16, choices=Role, blank=True)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="people")
    # Somebody else made up the password: it opens nothing but the page that changes it.
    must_change_password = models.BooleanField(default=False)
    # Each morning's mail to a supervisor, of what waits for them. They decide it for themselves.
    wants_digest = models.BooleanField(default=True)
    # A coordinator's numbers by mail. They decide it for themselves.
    desk_digest = models.CharField(max_length=6, choices=DeskDigest, blank=True)
    # Whether scoring and review listen to single keys (WCAG 2.1.4), and scoring shows the ratings of last
    # time. Kept here, since signing out clears what a browser keeps.
    single_keys = models.BooleanField(default=True)
    last_ratings = models.BooleanField(default=True)

    objects = PersonManager()
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="staff_agency_fits_role",
                condition=Q(role__in=["", Role.COORDINATOR], agency__isnull=True)
                | Q(
                    role__in=[Role.CLINICIAN, Role.SUPERVISOR, Role.ADMINISTRATOR],
                    agency__isnull=False,
                ),
                violation_error_message=(
                    "Clinicians, supervisors and administrators belong to an agency; coordinators do not."
                ),
            ),
        ]

    def __str__(self):
        return self.name or self.username

    def get_full_name(self):
        return str(self)

    def get_short_name(self):
        return str(self)

    @property
    def account_status(self):
        """Imported people have no password until they are handed one. Whoever signed in without one came
        through the directory, and needs none."""
        if not self.is_active:
            return AccountStatus.NOT_ACTIVE
        if not self.has_usable_password() and self.last_login is None:
            return AccountStatus.NO_PASSWORD
        return AccountStatus.ACTIVE

    def line_on(self, on):
        """The supervisory line of this person that day, or None."""
        return self.lines.filter(in_force(on)).select_related("supervisor").order_by("-starts", "-pk").first()

    def cover_between(self, first, last):
        """The cover of this supervisor on one of these days, or None; no two of one supervisor overlap."""
        return self.covers.filter(starts__lte=last, ends__gte=first).select_related("cover").first()


class Session(AbstractBaseSession):
    """A browser's session, and whose it is: so that a person's sessions can be ended."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls):
        from staff.sessions import SessionStore

        return SessionStore


def _ends_after_start(name):
    return models.CheckConstraint(
        name=name,
        condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
        violation_error_message="The last day cannot be before the first.",
    )


class Line(models.Model):
    """Who supervises whom, and when. Direct: the supervisor of my supervisor is not mine."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="lines")
    supervisor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="lines_led")
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            _ends_after_start("staff_line_ends_after_start"),
            models.CheckConstraint(
                name="staff_line_not_oneself",
                condition=~Q(person=F("supervisor")),
                violation_error_message="Nobody supervises themselves.",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ends__isnull=True),
                name="staff_one_open_line",
                violation_error_message="This person already has a supervisor; end that line first.",
            ),
        ]
        indexes = [models.Index(fields=["supervisor", "ends"], name="staff_line_by_supervisor")]

    def __str__(self):
        return f"{self.person} under {self.supervisor}"


class Cover(models.Model):
    """Who stands in for a supervisor, from which day through which day."""

    supervisor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="covers")
    cover = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="covering")
    starts = models.DateField()
    ends = models.DateField()
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-starts", "-pk"]
        constraints = [
            _ends_after_start("staff_cover_ends_after_start"),
            models.CheckConstraint(
                name="staff_cover_not_oneself",
                condition=~Q(supervisor=F("cover")),
                violation_error_message="Nobody covers for themselves.",
            ),
        ]
        indexes = [models.Index(fields=["cover", "ends"], name="staff_cover_by_cover")]

    def __str__(self):
        return f"{self.cover} for {self.supervisor}"


class Backup(models.Model):
    """To whom a CANS rises that has waited too long for this supervisor: a standing order to reroute it,
    from which day until another is named. See approvals.rising."""

    supervisor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="backups")
    backup = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="backing")
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-starts", "-pk"]
        constraints = [
            _ends_after_start("staff_backup_ends_after_start"),
            models.CheckConstraint(
                name="staff_backup_not_oneself",
                condition=~Q(supervisor=F("backup")),
                violation_error_message="Nobody is their own backup.",
            ),
            models.UniqueConstraint(
                fields=["supervisor"],
                condition=Q(ends__isnull=True),
                name="staff_one_backup",
                violation_error_message="This supervisor has a backup already.",
            ),
        ]

    def __str__(self):
        return f"{self.backup} after {self.supervisor}"


class RegionGrant(models.Model):
    """A coordinator's region, or all of them when `region` is empty."""

    coordinator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="region_grants")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [_ends_after_start("staff_region_ends_after_start")]

    def __str__(self):
        return f"{self.coordinator}: {self.region or 'all regions'}"
