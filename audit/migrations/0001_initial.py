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
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kind",
                    models.CharField(
                        choices=[("act", "Act"), ("denial", "Denial")], default="act", max_length=8
                    ),
                ),
                ("action", models.CharField(max_length=60)),
                ("actor_number", models.BigIntegerField(null=True)),
                ("actor_label", models.CharField(max_length=150)),
                ("agency_number", models.BigIntegerField(null=True)),
                ("case_number", models.BigIntegerField(null=True)),
                (
                    "subject",
                    models.CharField(help_text="What it was done to, as “assessment 12”.", max_length=60),
                ),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["case_number", "-id"], name="audit_event_by_case")],
            },
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
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("page", models.CharField(max_length=60)),
                ("reader_number", models.BigIntegerField()),
                ("reader_label", models.CharField(max_length=150)),
                ("agency_number", models.BigIntegerField(null=True)),
                ("case_number", models.BigIntegerField()),
                ("children", models.JSONField(default=list, help_text="Numbers of the children shown.")),
                ("grant", models.CharField(max_length=60)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["case_number", "-id"], name="audit_reading_by_case")],
            },
        ),
    ]
