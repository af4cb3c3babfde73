import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "chain",
                    models.BigIntegerField(
                        default=0, help_text="The number of the agency; 0 is the program."
                    ),
                ),
                ("seq", models.BigIntegerField(help_text="1, 2, 3 … in its chain, without a gap.")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kind",
                    models.CharField(
                        choices=[("act", "Act"), ("denial", "Denial"), ("seal", "Seal")],
                        default="act",
                        max_length=8,
                    ),
                ),
                ("action", models.CharField(max_length=60)),
                ("actor_number", models.BigIntegerField(null=True)),
                ("actor_label", models.CharField(max_length=150)),
                ("agency_number", models.BigIntegerField(null=True)),
                ("case_number", models.BigIntegerField(null=True)),
                (
                    "subject",
                    models.CharField(help_text="What it was done to, as “assessment 12”.", max_length=160),
                ),
                ("detail", models.JSONField(default=dict)),
                ("key_id", models.CharField(max_length=16)),
                ("previous", models.CharField(max_length=64)),
                ("mac", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["case_number", "-id"], name="audit_event_by_case"),
                    models.Index(fields=["actor_number", "at"], name="audit_event_by_actor"),
                    models.Index(fields=["at"], name="audit_event_by_day"),
                    models.Index(
                        condition=models.Q(("kind__in", ["denial", "seal"])),
                        fields=["chain", "kind", "-seq"],
                        name="audit_event_not_an_act",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("chain", "seq"), name="audit_event_numbered_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Chain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(unique=True)),
                ("seq", models.BigIntegerField(default=0)),
                (
                    "mac",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=64,
                    ),
                ),
            ],
            options={},
        ),
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("page", models.CharField(max_length=60)),
                ("reader_number", models.BigIntegerField()),
                ("reader_label", models.CharField(max_length=150)),
                ("agency_number", models.BigIntegerField(null=True)),
                ("case_number", models.BigIntegerField(null=True)),
                ("children", models.JSONField(default=list, help_text="Numbers of the children shown.")),
                ("grant", models.CharField(max_length=60)),
                ("key_id", models.CharField(max_length=16)),
                ("mac", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["case_number", "-id"], name="audit_reading_by_case"),
                    models.Index(fields=["reader_number", "at"], name="audit_reading_by_reader"),
                    models.Index(fields=["chain", "id"], name="audit_reading_by_chain"),
                    models.Index(fields=["at"], name="audit_reading_by_day"),
                ],
            },
        ),
    ]
