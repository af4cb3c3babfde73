"""Take-overs are only ever added."""

from django.db import migrations

from audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("cans", "0005_as_it_was_then")]
    operations = [*append_only("cans_takeover")]
