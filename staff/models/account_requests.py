from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .people import Agency, Role, User


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
