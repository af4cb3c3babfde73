"""What was submitted or approved cannot change, the history of ratings is only added to, and a
view spells the ratings out as rows."""

from django.db import migrations

from audit.triggers import append_only, refuse

DECIDED = "the content of a submitted, approved or voided CANS cannot change"
NOT_WORKABLE = (
    "NOT EXISTS (SELECT 1 FROM cans_assessment a WHERE a.id = {row} AND a.state IN ('draft', 'returned'))"
)
OF_ASSESSMENT = "{which}.assessment_id"
OF_SHEET = "(SELECT s.assessment_id FROM cans_sheet s WHERE s.id = {which}.sheet_id)"

# Changing these would change what was decided on; the workflow's own columns are not among them.
CONTENT = (
    "child_id",
    "case_id",
    "episode_id",
    "instrument_version_id",
    "type",
    "assessed_on",
    "early",
    "transition",
    "author_id",
)
CONTENT_CHANGED = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in CONTENT)


def content(table, path):
    return [
        *refuse(table, ["INSERT", "UPDATE"], DECIDED, when=NOT_WORKABLE.format(row=path.format(which="NEW"))),
        *refuse(table, ["DELETE"], DECIDED, when=NOT_WORKABLE.format(row=path.format(which="OLD"))),
    ]


VIEW = """
CREATE VIEW cans_rating AS
SELECT s.assessment_id, s.id AS sheet_id, s.adult_id, i.code, i.number, i.name, i.domain, i.kind,
       substr(s.ratings, i.position + 1, 1) AS value
FROM cans_sheet s
JOIN cans_assessment a ON a.id = s.assessment_id
JOIN cans_item i ON i.version_id = a.instrument_version_id
 AND i.subject = CASE WHEN s.adult_id IS NULL THEN 'child' ELSE 'caregiver' END
WHERE s.not_scored_reason = ''
"""


class Migration(migrations.Migration):
    dependencies = [("cans", "0001_initial")]
    operations = [
        *append_only("cans_ratingchange"),
        *refuse(
            "cans_ratingchange",
            ["INSERT"],
            DECIDED,
            when=NOT_WORKABLE.format(row=OF_SHEET.format(which="NEW")),
        ),
        *content("cans_sheet", OF_ASSESSMENT),
        *content("cans_note", OF_SHEET),
        *content("cans_warninganswer", OF_ASSESSMENT),
        *refuse(
            "cans_assessment",
            ["UPDATE"],
            DECIDED,
            when=f"OLD.state NOT IN ('draft', 'returned') AND ({CONTENT_CHANGED})",
        ),
        *refuse("cans_assessment", ["DELETE"], "a CANS is voided, never deleted"),
        *refuse(
            "cans_instrumentversion",
            ["UPDATE"],
            "a loaded instrument never changes",
            when="OLD.source <> NEW.source OR OLD.label <> NEW.label",
        ),
        *refuse("cans_instrumentversion", ["DELETE"], "a loaded instrument is never removed"),
        migrations.RunSQL(VIEW, "DROP VIEW cans_rating"),
    ]
