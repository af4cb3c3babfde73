from django.db import migrations

from audit.triggers import append_only, refuse, refuse_truncate

TABLES = ("approvals_step", "approvals_itemcomment")

ANSWERS = "approvals_commentanswer"
ANSWERED = "what was answered to a return stays once the CANS was submitted again"
# An answer is open while the CANS is, and only to the last return of it.
CLOSED = """NOT EXISTS (
    SELECT 1 FROM approvals_itemcomment c
    JOIN approvals_step s ON s.id = c.step_id
    JOIN cans_assessment a ON a.id = s.assessment_id
    WHERE c.id = {row}.comment_id AND a.state IN ('draft', 'returned') AND NOT EXISTS (
        SELECT 1 FROM approvals_step later
        WHERE later.assessment_id = a.id AND later.action = 'return' AND later.id > s.id
    )
)"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]
    operations = [
        *(operation for table in TABLES for operation in append_only(table)),
        *refuse(ANSWERS, ["INSERT"], ANSWERED, when=CLOSED.format(row="NEW")),
        *refuse(
            ANSWERS, ["UPDATE"], ANSWERED, when=f"{CLOSED.format(row='OLD')} OR {CLOSED.format(row='NEW')}"
        ),
        *refuse(ANSWERS, ["DELETE"], ANSWERED, when=CLOSED.format(row="OLD")),
        refuse_truncate(ANSWERS, ANSWERED),
    ]
