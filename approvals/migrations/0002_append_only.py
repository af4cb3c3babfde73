from django.db import migrations

from audit.triggers import append_only

TABLES = ("approvals_step", "approvals_itemcomment")


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]
    operations = [operation for table in TABLES for operation in append_only(table)]
