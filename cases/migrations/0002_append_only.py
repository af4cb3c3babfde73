from django.db import migrations

from audit.triggers import append_only, refuse, refuse_truncate

TABLES = ("cases_caseevent",)

# An emergency access can be given back early, and a notice acknowledged; nothing else of them changes.
KEPT = "rows of {} are kept as they were made"
OTHER_ACCESS = (
    "NEW.case_id <> OLD.case_id OR NEW.person_id <> OLD.person_id OR NEW.reason <> OLD.reason "
    "OR NEW.starts_at <> OLD.starts_at OR NEW.ends_at > OLD.ends_at"
)
OTHER_NOTICE = (
    "NEW.access_id <> OLD.access_id OR NEW.person_id <> OLD.person_id OR OLD.acknowledged_at IS NOT NULL"
)


def kept(table, changed):
    message = KEPT.format(table)
    return [
        *refuse(table, ["DELETE"], message),
        *refuse(table, ["UPDATE"], message, when=changed),
        refuse_truncate(table, message),
    ]


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [
        *(operation for table in TABLES for operation in append_only(table)),
        *kept("cases_emergencyaccess", OTHER_ACCESS),
        *kept("cases_emergencynotice", OTHER_NOTICE),
    ]
