from django.db import migrations, models

from audit.triggers import refuse

# A CHECK beside the others would make the table anew on SQLite, without its triggers.
WITHOUT_A_REASON = "NEW.kind = 'closing_corrected' AND NEW.reason = ''"


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_service_array")]
    operations = [
        migrations.AlterField(
            model_name="caseevent",
            name="kind",
            field=models.CharField(
                max_length=20,
                choices=[
                    ("created", "Case created"),
                    ("edited", "Case details changed"),
                    ("opened", "IPS opened"),
                    ("opening_corrected", "Opening date corrected"),
                    ("extension", "Extension requested"),
                    ("decided", "Extension decided"),
                    ("closed", "IPS closed"),
                    ("close_undone", "Closing undone"),
                    ("closing_corrected", "Closing date corrected"),
                    ("child", "Child"),
                    ("status", "Child's status"),
                    ("collateral", "Collateral"),
                    ("caregiving", "Caregiver"),
                    ("assigned", "Assignment"),
                    ("service", "Service"),
                    ("transferred", "Transferred"),
                    ("waived", "Due date waived"),
                    ("unwaived", "Waiver withdrawn"),
                    ("emergency", "Opened in an emergency"),
                    ("emergency_ended", "Emergency access given back"),
                ],
            ),
        ),
        *refuse("cases_caseevent", ["INSERT"], "a corrected closing has a reason", when=WITHOUT_A_REASON),
    ]
