"""What stood before an edit is kept: nobody makes it say otherwise."""

from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("guidance", "0001_initial")]
    operations = append_only("guidance_earlier")
