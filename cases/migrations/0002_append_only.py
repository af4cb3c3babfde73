from django.db import migrations

from audit.triggers import append_only

TABLES = ("cases_caseevent",)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [operation for table in TABLES for operation in append_only(table)]
