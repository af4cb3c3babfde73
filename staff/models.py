from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .dates import in_force, today


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


class PersonQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

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

    def covered_by(self, supervisor, on=None):
        """The supervisors for whom this one stands in that day."""
        return self.filter(
            pk__in=Cover.objects.filter(in_force(on or today()), cover=supervisor).values("supervisor")
        )


class PersonManager(UserManager.from_queryset(PersonQuerySet)):
    """Django's account manager, with the vocabulary above."""


class User(AbstractUser):
    """One person, one account, one role. A platform superuser has no role and no case access."""

    first_name = None
    last_name = None
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=16, choices=Role, blank=True)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="people")
    # Somebody else made up the password: it opens nothing but the page that changes it.
    must_change_password = models.BooleanField(default=False)

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

    def line_on(self, on):
        """The supervisory line of this person that day, or None."""
        return self.lines.filter(in_force(on)).select_related("supervisor").order_by("-starts", "-pk").first()


class Session(AbstractBaseSession):
    """A browser's session, and whose it is: so that a person's sessions can be ended."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls):
        from .sessions import SessionStore

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


class CredentialQuerySet(models.QuerySet):
    def valid(self):
        """Those that count: one that was recorded wrongly stays on record and counts for nothing."""
        return self.filter(withdrawn_at__isnull=True)


class Credential(models.Model):
    """A CANS 2.0 certification (or recertification), or the training in CANS functionality."""

    class Kind(models.TextChoices):
        CERTIFICATION = "certification", "CANS 2.0 certification"
        TRAINING = "training", "Training in CANS functionality"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=16, choices=Kind)
    on = models.DateField("date")
    evidence = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=400, blank=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "on"],
                condition=Q(withdrawn_at__isnull=True),
                name="staff_credential_once",
                violation_error_message="This is on record already.",
            ),
            models.CheckConstraint(
                name="staff_credential_withdrawn",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                violation_error_message="A credential is withdrawn by somebody, with a reason.",
            ),
        ]
        indexes = [models.Index(fields=["person", "kind", "-on"], name="staff_credential_latest")]

    def __str__(self):
        return f"{self.get_kind_display()} of {self.person}, {self.on}"


class AccountRequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        """An agency's requests for its administrator; for a supervisor their own, and those of their line."""
        if user.is_active and user.role == Role.ADMINISTRATOR:
            return self.filter(agency=user.agency_id)
        if user.is_active and user.role == Role.SUPERVISOR:
            line = User.objects.in_line_of(user).values("pk")
            return self.filter(Q(requested_by=user) | Q(person__in=line), agency=user.agency_id)
        return self.none()

    def waiting_for_account(self):
        return self.filter(opened_at__isnull=True, declined_at__isnull=True)

    def waiting_for_confirmation(self):
        return self.filter(opened_at__isnull=False, confirmed_at__isnull=True, declined_at__isnull=True)


class AccountRequest(models.Model):
    """A supervisor asks for the account of a new clinician; the administrator opens it, and the
    supervisor confirms that this is the person and that they have started: only then is it active."""

    class State(models.TextChoices):
        FILED = "filed", "Waits for the administrator"
        OPENED = "opened", "Waits for the supervisor to confirm"
        CONFIRMED = "confirmed", "Confirmed, the account is active"
        DECLINED = "declined", "Declined"

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="account_requests")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    needed_from = models.DateField()
    provider_number = models.CharField(max_length=40, blank=True)
    certified_on = models.DateField(null=True, blank=True)
    trained_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=400)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="account_request"
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_reason = models.CharField(max_length=400, blank=True)

    objects = AccountRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="staff_request_reason",
                condition=~Q(name="") & ~Q(reason=""),
                violation_error_message="A request names the person and says why.",
            ),
            models.CheckConstraint(
                name="staff_request_contact",
                condition=~Q(email="", phone=""),
                violation_error_message="A request has an e-mail address or a phone number.",
            ),
            models.CheckConstraint(
                name="staff_request_opened",
                condition=Q(opened_at__isnull=True, opened_by__isnull=True, person__isnull=True)
                | Q(opened_at__isnull=False, opened_by__isnull=False, person__isnull=False),
                violation_error_message="An opened request has its account.",
            ),
            models.CheckConstraint(
                name="staff_request_confirmed",
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | (
                    Q(confirmed_at__isnull=False, confirmed_by__isnull=False, opened_at__isnull=False)
                    & ~Q(confirmed_by=F("opened_by"))
                ),
                violation_error_message="An opened account is confirmed by somebody else.",
            ),
            models.CheckConstraint(
                name="staff_request_declined",
                condition=Q(declined_at__isnull=True, declined_by__isnull=True, declined_reason="")
                | (
                    Q(declined_at__isnull=False, declined_by__isnull=False, confirmed_at__isnull=True)
                    & ~Q(declined_reason="")
                ),
                violation_error_message="A request that is not confirmed is declined with a reason.",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-requested_at"], name="staff_request_by_agency"),
        ]

    def __str__(self):
        return f"Account for {self.name}"

    @property
    def state(self):
        if self.declined_at:
            return self.State.DECLINED
        if self.confirmed_at:
            return self.State.CONFIRMED
        return self.State.OPENED if self.opened_at else self.State.FILED


class PolicySettingQuerySet(models.QuerySet):
    def value_on(self, name, on):
        """What the setting says that day, as text; its default where nobody has decided yet."""
        decided = self.filter(name=name, since__lte=on).order_by("-since").values_list("value", flat=True)
        return decided.first() or PolicySetting.DEFAULTS[name]


class PolicySetting(models.Model):
    """One of the program's own decisions, in force from a day on (marked D in the domain's rules).

    A setting never reaches back: `since` lies after the day it is made, so no stored due date
    changes under anybody's feet. The newest row on or before a day is the one that holds.
    """

    class Name(models.TextChoices):
        FIX_BY_WORKING_DAYS = "fix_by_working_days", "Working days to answer a return"
        SIX_MONTH_ANCHOR = "six_month_anchor", "Six months are counted from"
        ENTRY_GATE = "entry_gate", "Only certified and trained staff enter a CANS"

    # What each setting may say, in words; the first is the default.
    CHOICES = {
        Name.FIX_BY_WORKING_DAYS: {
            "5": "5 working days",
            "1": "1 working day",
            **{str(n): f"{n} working days" for n in (2, 3, 4, 6, 7, 8, 9, 10, 15, 20)},
        },
        Name.SIX_MONTH_ANCHOR: {
            "assessed": "the day the child was assessed",
            "submitted": "the day the CANS was first submitted",
        },
        Name.ENTRY_GATE: {"yes": "yes", "no": "no"},
    }
    DEFAULTS = {name: next(iter(choices)) for name, choices in CHOICES.items()}

    name = models.CharField(max_length=40, choices=Name)
    value = models.CharField(max_length=20)
    since = models.DateField()
    reason = models.CharField(max_length=400)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    objects = PolicySettingQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "since"],
                name="staff_policy_once_a_day",
                violation_error_message="This setting already changes on that day.",
            ),
            models.CheckConstraint(name="staff_policy_reason", condition=~Q(reason="")),
        ]

    def __str__(self):
        return f"{self.get_name_display()}: {self.value} from {self.since}"
