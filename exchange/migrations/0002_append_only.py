"""A list says what the state's system said that day: nobody makes it say otherwise."""

from django.db import migrations

from audit.triggers import append_only

TABLES = ("exchange_statelist", "exchange_stateline")


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]
    operations = [operation for table in TABLES for operation in append_only(table)]
