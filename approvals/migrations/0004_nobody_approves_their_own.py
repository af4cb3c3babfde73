"""Nobody approves what they wrote in: the rule of approvals.permissions, kept by the database too.
And an index for what a person lately decided."""

from django.conf import settings
from django.db import migrations, models

from audit.triggers import refuse

WROTE_IN = (
    "NEW.action = 'approve' AND EXISTS (SELECT 1 FROM cans_contribution c "
    "WHERE c.assessment_id = NEW.assessment_id AND c.person_id = NEW.by_id)"
)


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0003_append_only"),
        ("cans", "0002_content_is_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddIndex(
            model_name="step",
            index=models.Index(fields=["by", "-at"], name="approvals_steps_by_person"),
        ),
        *refuse("approvals_step", ["INSERT"], "nobody approves a CANS they wrote in", when=WROTE_IN),
    ]
