"""The department's regions: every installation has them."""

from django.db import migrations

REGIONS = ("Cook", "Northern", "Central", "Southern")


def add(apps, schema_editor):
    Region = apps.get_model("staff", "Region")
    for name in REGIONS:
        Region.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
