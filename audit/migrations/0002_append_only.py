from django.db import migrations

from audit.triggers import append_only

TABLES = ("audit_event", "audit_reading")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [operation for table in TABLES for operation in append_only(table)]
