"""What a past day is answered from: who the author of a CANS was then, and where and since when a case
was open. Of days before this, the record knows the take-overs; of a LAN only today's."""

import datetime
import re

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import DateField, F, OuterRef, Subquery
from django.db.models.functions import Cast

INITIAL_DAYS = datetime.timedelta(days=30)


def fill_obligations(apps, schema_editor):
    obligations = apps.get_model("cans", "Obligation").objects
    case, episode = apps.get_model("cases", "Case"), apps.get_model("cases", "Episode")
    obligations.update(
        lan=Subquery(case.objects.filter(pk=OuterRef("case")).values("lan")[:1]),
        opened=Subquery(episode.objects.filter(pk=OuterRef("episode")).values("opened")[:1]),
    )
    # A superseded one may say an opening that was corrected since.
    of_opening = obligations.filter(superseded_at__isnull=False, why__contains="days after IPS opened")
    of_opening.filter(kind="initial").update(opened=Cast(F("due") - INITIAL_DAYS, DateField()))


def fill_take_overs(apps, schema_editor):
    take_over = apps.get_model("cans", "TakeOver")
    events = apps.get_model("audit", "Event").objects.filter(action="assessment.take_over", kind="act")
    take_over.objects.bulk_create(
        take_over(
            assessment_id=int(re.fullmatch(r"assessment (\d+)", event.subject)[1]),
            author_before_id=event.detail["author_before"],
            by_id=event.actor_number,
            at=event.at,
        )
        for event in events.order_by("pk")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
        ("cans", "0004_kept_where_it_is"),
        ("cases", "0003_service_array"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "obligation",
            "lan",
            models.PositiveSmallIntegerField("local area network (LAN)", default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            "obligation",
            "opened",
            models.DateField(
                default=datetime.date.min, help_text="The day its episode opened, as it was on record."
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill_obligations, migrations.RunPython.noop),
        migrations.CreateModel(
            name="TakeOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="take_overs",
                        to="cans.assessment",
                    ),
                ),
                (
                    "author_before",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunPython(fill_take_overs, migrations.RunPython.noop),
    ]
