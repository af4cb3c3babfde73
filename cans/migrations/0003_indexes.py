"""Indexes for the lists of CANS, and one less that misled SQLite (docs/adr/0006-indexes.md)."""

import django.db.models.deletion
from django.db import migrations, models

WAIVER = "cans_obligation_waiver_id_aedc3b82"


class Migration(migrations.Migration):
    dependencies = [("cans", "0002_content_is_kept")]
    operations = [
        # Not an AlterField: on SQLite that would make the table anew.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX {WAIVER}", f"CREATE INDEX {WAIVER} ON cans_obligation (waiver_id)"
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="obligation",
                    name="waiver",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="cans.waiver",
                    ),
                )
            ],
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(fields=["-assessed_on", "-id"], name="cans_latest"),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
                condition=models.Q(("state__in", ["draft", "returned", "submitted"])),
                fields=["-assessed_on", "-id"],
                name="cans_open_latest",
            ),
        ),
    ]
