"""The six-month date of an amendment is named after the first CANS of its chain, as cans.obligations has it:
a waiver of it then stays. And no CANS is about a day after it was first submitted."""

from django.db import migrations

from audit.triggers import refuse


def name_after_the_first(apps, schema_editor):
    """What was waived or owed under an amendment's number; where one is in force under both, the first's is."""
    amends = dict(
        apps.get_model("cans", "Assessment")
        .objects.filter(amends__isnull=False)
        .values_list("pk", "amends_id")
    )
    for pk in amends:
        first = pk
        while first in amends:
            first = amends[first]
        for name, ended in (("Waiver", "withdrawn_at"), ("Obligation", "superseded_at")):
            rows = apps.get_model("cans", name).objects
            taken = rows.filter(source=f"six_month:{first}", **{f"{ended}__isnull": True}).exists()
            its_own = rows.filter(source=f"six_month:{pk}")
            if taken:
                its_own = its_own.filter(**{f"{ended}__isnull": False})
            its_own.update(source=f"six_month:{first}")


class Migration(migrations.Migration):
    dependencies = [("cans", "0002_content_is_kept")]
    operations = [
        migrations.RunPython(name_after_the_first, migrations.RunPython.noop),
        *refuse(
            "cans_assessment",
            ["INSERT", "UPDATE"],
            "a CANS is about a day on or before its first submission",
            when="NEW.assessed_on > NEW.first_submitted_on",
            rule="dated_too_late",
        ),
    ]
