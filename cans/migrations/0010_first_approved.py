"""What an amendment keeps of a CANS that stayed with the agency before: the day of its approval."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cans", "0009_when_it_was_imported")]
    operations = [
        migrations.AddField(
            "assessment",
            "first_approved_on",
            models.DateField(
                blank=True,
                help_text="Of an imported CANS: when it, or what it amended there, was first approved.",
                null=True,
            ),
        ),
    ]
