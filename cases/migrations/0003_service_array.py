"""The program's typical service array, to begin with; the coordinator keeps it from here on."""

from django.db import migrations

SERVICE_ARRAY = (
    "Individual therapy",
    "Family therapy",
    "Respite",
    "Family support",
    "Crisis intervention",
    "Recreation supplies",
    "Tutoring",
    "School advocacy",
    "Psychosocial education",
)


def add(apps, schema_editor):
    ServiceKind = apps.get_model("cases", "ServiceKind")
    for name in SERVICE_ARRAY:
        ServiceKind.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_append_only")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
