"""The episode of a CANS follows from its day and the openings of its case, which are corrected: the one kept
here said then something else. In SQL, for Django makes the table anew on SQLite, without its refusals."""

from django.db import migrations

from audit.triggers import Statement, refuse

DECIDED = "the content of a submitted, approved or voided CANS cannot change"
CONTENT = (
    "child_id",
    "case_id",
    "instrument_version_id",
    "type",
    "assessed_on",
    "early",
    "transition",
    "author_id",
)
CONTENT_CHANGED = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in CONTENT)
(KEPT,) = refuse(
    "cans_assessment",
    ["UPDATE"],
    DECIDED,
    when=f"OLD.state NOT IN ('draft', 'returned') AND ({CONTENT_CHANGED})",
)
DROP_COLUMN = "ALTER TABLE cans_assessment DROP COLUMN episode_id"
DROP_INDEX = 'DROP INDEX "cans_assessment_episode_id_a2dd8367"'


def statements(*by_vendor):
    for sql in by_vendor:
        one = Statement(sql, {})
        one.reversible = False
        yield one


class Migration(migrations.Migration):
    dependencies = [("cans", "0007_days_that_would_meet")]
    operations = [
        *statements(KEPT.drop, {"sqlite": DROP_INDEX}),
        migrations.SeparateDatabaseAndState(
            [*statements({"sqlite": DROP_COLUMN, "postgresql": DROP_COLUMN})],
            [migrations.RemoveField("assessment", "episode")],
        ),
        KEPT,
    ]
