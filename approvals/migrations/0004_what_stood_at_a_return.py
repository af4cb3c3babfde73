from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0003_nobody_approves_their_own"),
    ]

    operations = [
        migrations.AddField(
            model_name="step",
            name="stood",
            field=models.JSONField(
                blank=True,
                help_text="Of a return: what then stood of the day, type, sections and sheets (approvals.stood).",
                null=True,
            ),
        ),
    ]
