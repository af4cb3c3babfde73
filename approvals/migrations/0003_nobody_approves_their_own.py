"""Nobody approves what they wrote in: the rule of approvals.permissions, kept by the database too."""

from django.db import migrations

from audit.triggers import refuse

WROTE_IN = (
    "NEW.action = 'approve' AND EXISTS (SELECT 1 FROM cans_contribution c "
    "WHERE c.assessment_id = NEW.assessment_id AND c.person_id = NEW.by_id)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0002_append_only"),
        ("cans", "0002_content_is_kept"),
    ]
    operations = [
        *refuse("approvals_step", ["INSERT"], "nobody approves a CANS they wrote in", when=WROTE_IN),
    ]
