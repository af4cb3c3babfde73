from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class PolicySettingQuerySet(models.QuerySet):
    def value_on(self, name, on):
        """What the setting says that day, as text; its default where nobody has decided yet."""
        return (
            self.decided_by(name, on).values_list("value", flat=True).first() or PolicySetting.DEFAULTS[name]
        )

    def decided_by(self, name, on):
        """The rows that were in force by that day, the one that holds first."""
        return self.filter(name=name, since__lte=on).order_by("-since")


class PolicySetting(models.Model):
    """One of the program's own decisions, in force from a day on (marked D in the domain's rules).

    A setting never reaches back: `since` lies after the day it is made, so no stored due date
    changes under anybody's feet. The newest row on or before a day is the one that holds.
    """

    class Name(models.TextChoices):
        FIX_BY_WORKING_DAYS = "fix_by_working_days", "Working days to answer a return"
        SIX_MONTH_ANCHOR = "six_month_anchor", "Six months are counted from"
        ENTRY_GATE = "entry_gate", "Only certified and trained staff enter a CANS"
        REVIEW_DAYS = "review_days", "Days a CANS waits for its reviewer before it rises to a backup"

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
        Name.REVIEW_DAYS: {
            "5": "5 days",
            "1": "1 day",
            **{str(n): f"{n} days" for n in (2, 3, 4, 6, 7, 10, 14, 21, 30)},
        },
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
