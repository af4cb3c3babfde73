from django.db import migrations, models

from audit.triggers import refuse

# A CHECK beside the others would make the table anew on SQLite, without its triggers.
WITHOUT_A_REASON = "NEW.kind IN ('extension_corrected', 'extension_withdrawn') AND NEW.reason = ''"
ONE_A_DAY = "cases_one_request_a_day"


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_a_corrected_closing")]
    operations = [
        migrations.AddField(
            model_name="extension",
            name="withdrawn",
            field=models.DateField("withdrawn on", blank=True, null=True),
        ),
        migrations.RemoveConstraint(model_name="extension", name=ONE_A_DAY),
        migrations.AddConstraint(
            model_name="extension",
            constraint=models.UniqueConstraint(
                fields=["episode", "requested"],
                condition=models.Q(withdrawn__isnull=True),
                name=ONE_A_DAY,
                violation_error_message="An extension was already requested on that day.",
            ),
        ),
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
                    ("extension_corrected", "Extension corrected"),
                    ("extension_withdrawn", "Extension request withdrawn"),
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
        *refuse(
            "cases_caseevent",
            ["INSERT"],
            "a corrected extension has a reason",
            when=WITHOUT_A_REASON,
            rule="extension",
        ),
    ]
