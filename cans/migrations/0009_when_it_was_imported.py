"""A CANS that came from a file says when: its steps are older than its record here."""

from django.db import migrations, models


def fill(apps, schema_editor):
    """A CANS came with the import that put the date it sets on record first."""
    rows = (
        apps.get_model("cans", "Obligation").objects.filter(kind="six_month").order_by("-recorded_at", "-pk")
    )
    first = {
        source: (because, at) for source, because, at in rows.values_list("source", "because", "recorded_at")
    }
    for source, (because, at) in first.items():
        if because == "Imported from a file":
            number = int(source.removeprefix("six_month:"))
            apps.get_model("cans", "Assessment").objects.filter(pk=number).update(imported_at=at)


class Migration(migrations.Migration):
    dependencies = [("cans", "0008_no_episode_of_its_own")]
    operations = [
        migrations.AddField(
            "assessment",
            "imported_at",
            models.DateTimeField(
                blank=True,
                help_text="Where it came from a file: before that nothing of it was here.",
                null=True,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
