"""Views of two more pages may be saved."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [
        migrations.AlterField(
            "savedview",
            "page",
            models.CharField(
                max_length=40,
                choices=[
                    ("reports:overdue", "Overdue"),
                    ("reports:due", "Due soon"),
                    ("reports:timeliness", "Timeliness"),
                    ("reports:opening", "Opening status"),
                    ("reports:change", "Change"),
                    ("reports:submission", "Submission"),
                    ("reports:waiting", "Waiting for review"),
                    ("reports:turnaround", "Turnaround"),
                ],
            ),
        )
    ]
