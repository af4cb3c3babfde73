"""What was decided on is not carried out of its CANS, and no CANS goes back from a decision: moved to a
draft, or itself made one again, it could be changed after all."""

from django.db import migrations

from audit.triggers import refuse, refuse_truncate

DECIDED = "the content of a submitted, approved or voided CANS cannot change"
ELSEWHERE = "the content of a CANS stays with it"
VOIDED_ONLY = "a CANS is voided, never deleted"
# The number too: what hangs on a CANS finds it by its number.
UNDONE = (
    "OLD.id <> NEW.id OR (OLD.state = 'voided' AND NEW.state <> 'voided') "
    "OR (OLD.state = 'approved' AND NEW.state NOT IN ('approved', 'voided'))"
)
CONTENT = {"cans_sheet": "assessment_id", "cans_note": "sheet_id", "cans_warninganswer": "assessment_id"}


def stays(table, column):
    moved = f"OLD.id <> NEW.id OR OLD.{column} <> NEW.{column}"
    return [
        *refuse(table, ["UPDATE"], ELSEWHERE, when=moved, rule="moved"),
        refuse_truncate(table, DECIDED),
    ]


class Migration(migrations.Migration):
    dependencies = [("cans", "0003_dates_of_amendments")]
    operations = [
        *(operation for table, column in CONTENT.items() for operation in stays(table, column)),
        *refuse("cans_assessment", ["UPDATE"], "what was decided stays decided", when=UNDONE, rule="undone"),
        refuse_truncate("cans_assessment", VOIDED_ONLY),
    ]
