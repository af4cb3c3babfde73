"""A due date that nothing meets keeps the days on which a CANS would have to be assessed: a draft is told by
them from one of another episode or stay."""

import datetime
from itertools import pairwise

from django.db import migrations, models

A_DAY, THIRTY_DAYS = datetime.timedelta(days=1), datetime.timedelta(days=30)


def fill(apps, schema_editor):
    """As for a child who stayed; `rebuild_obligations` puts right whoever left and came back."""
    obligations = apps.get_model("cans", "Obligation").objects
    last_days = {}
    episodes = list(apps.get_model("cases", "Episode").objects.order_by("case", "opened"))
    for one, following in pairwise([*episodes, None]):
        ends = [one.closed + THIRTY_DAYS] if one.closed else []
        if following and following.case_id == one.case_id:
            ends.append(following.opened - A_DAY)
        last_days[one.pk] = min(ends, default=None)
    cans = dict(apps.get_model("cans", "Assessment").objects.values_list("pk", "assessed_on"))
    unmet = list(obligations.filter(met_by__isnull=True))
    for row in unmet:
        event = row.due if row.kind == "extension" else row.target
        row.assessed_from = max(row.opened, event - THIRTY_DAYS) if event else row.opened
        if row.kind == "six_month":
            row.assessed_from = cans[int(row.source.removeprefix("six_month:"))]
        row.assessed_through = row.due if row.kind == "extension" else last_days[row.episode_id]
    obligations.bulk_update(unmet, ["assessed_from", "assessed_through"], batch_size=400)


class Migration(migrations.Migration):
    dependencies = [("cans", "0006_take_overs_are_kept")]
    operations = [
        migrations.AddField(
            "obligation",
            "assessed_from",
            models.DateField(
                blank=True,
                help_text="While nothing meets it: one assessed from this day on would.",
                null=True,
            ),
        ),
        migrations.AddField(
            "obligation",
            "assessed_through",
            models.DateField(blank=True, help_text="And through this one, where there is a last.", null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
