"""The child and the adults around it: stays, statuses, collaterals, who cares for whom."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from staff.dates import in_force

from .cases import STATE_NUMBER, Case, Episode
from .standing import AsItStands


class ChildQuerySet(models.QuerySet):
    def visible_to(self, user, on=None):
        return self._in_cases(Case.objects.visible_to(user, on))

    def movable_by(self, user, on=None):
        """Who may be let join another case: not from one that is open in an emergency, only to read."""
        return self._in_cases(Case.objects.held_by(user, on))

    def kept_by(self, case):
        """Those whose details this case corrects: who are in it, or were and are in no other now."""
        return self._kept(case=case)

    def kept_within(self, cases):
        """The same of any of these cases."""
        return self._kept(case__in=cases)

    def _kept(self, **these):
        stays = Membership.objects.filter(child=OuterRef("pk"))
        elsewhere = stays.filter(left__isnull=True).exclude(**these)
        return self.filter(Exists(stays.filter(**these)), ~Exists(elsewhere))

    def _in_cases(self, cases):
        return self.filter(pk__in=Membership.objects.filter(case__in=cases.values("pk")).values("child"))


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


class Membership(AsItStands, models.Model):
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


def no_child_yet():
    """That IPS is open in a case, and no child is or was in it since: nothing can fall due there."""
    stays = Membership.objects.filter(
        Q(left__isnull=True) | Q(left__gte=OuterRef("opened")), case=OuterRef("case")
    )
    return Exists(Episode.objects.filter(~Exists(stays), case=OuterRef("pk"), closed__isnull=True))


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
        return self._tied_to(Case.objects.visible_to(user, on).values("pk"))

    def tied_by(self, user, on=None):
        """Who may be tied to another case: not from one that is open in an emergency, only to read."""
        return self._tied_to(Case.objects.held_by(user, on).values("pk"))

    def kept_by(self, case):
        """Those whose details this case reads and corrects: who are tied to it now, or were and are tied to
        no other now. Where somebody lives since is not told to those they went away from."""
        return self._kept("", case)

    def kept_within(self, cases):
        """The same of any of these cases."""
        return self._kept("__in", cases)

    def _kept(self, lookup, cases):
        now = Q(ends__isnull=True)
        here, gone = _tied(now, lookup, cases), ~_tied(now, lookup, cases, elsewhere=True)
        return self.filter(here | (_tied(Q(), lookup, cases) & gone))

    def _tied_to(self, cases):
        return self.filter(
            Q(pk__in=Collateral.objects.filter(case__in=cases).values("adult"))
            | Q(pk__in=Caregiving.objects.filter(membership__case__in=cases).values("adult"))
        )


def _tied(when, lookup, cases, *, elsewhere=False):
    """That an adult is tied to these cases, or to others, as collateral or as caregiver."""
    found = []
    for model, case in ((Collateral, "case"), (Caregiving, "membership__case")):
        ties = model.objects.filter(when, adult=OuterRef("pk"))
        these = {f"{case}{lookup}": cases}
        found.append(Exists(ties.exclude(**these) if elsewhere else ties.filter(**these)))
    return found[0] | found[1]


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


class CollateralQuerySet(models.QuerySet):
    def at_home_without_care(self, day):
        """Who lives in the home that day and cares for no child of the case, as far as is recorded."""
        cares = Caregiving.objects.on(day).filter(adult=OuterRef("adult"), membership__case=OuterRef("case"))
        return self.filter(in_force(day), ~Exists(cares), in_home=True)


class Collateral(AsItStands, models.Model):
    """An adult tied to a case who is not a member of it, above all the substitute caregiver."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="collaterals")
    adult = models.ForeignKey(Adult, models.PROTECT, related_name="collaterals")
    relationship = models.CharField("relationship to the family", max_length=120)
    in_home = models.BooleanField("lives in the home", default=False)
    starts = models.DateField("begin date")
    ends = models.DateField("end date", null=True, blank=True)

    objects = CollateralQuerySet.as_manager()

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


class Caregiving(AsItStands, models.Model):
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
