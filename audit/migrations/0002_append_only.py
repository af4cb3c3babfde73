from django.db import migrations

from audit.triggers import append_only, refuse, refuse_truncate

TABLES = ("audit_event", "audit_reading")
HEAD = "the head of a chain only moves on"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        *(operation for table in TABLES for operation in append_only(table)),
        *refuse("audit_chain", ["UPDATE"], HEAD, when="NEW.seq <= OLD.seq OR NEW.number <> OLD.number"),
        *refuse("audit_chain", ["DELETE"], HEAD),
        refuse_truncate("audit_chain", HEAD),
    ]
