import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0001_initial"),
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="InstrumentVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=60, unique=True)),
                ("source", models.TextField(help_text="The file as loaded, tab-separated.")),
                ("active", models.BooleanField(default=False)),
                ("loaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "loaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("active", True)),
                        fields=("active",),
                        name="cans_one_active_instrument",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="item_rows",
                        to="cans.instrumentversion",
                    ),
                ),
                ("subject", models.CharField(max_length=10)),
                (
                    "position",
                    models.PositiveSmallIntegerField(help_text="From 0, within the subject's sheet."),
                ),
                ("code", models.CharField(max_length=80)),
                ("number", models.PositiveSmallIntegerField(null=True)),
                ("name", models.CharField(max_length=120)),
                ("domain", models.CharField(max_length=20)),
                ("kind", models.CharField(max_length=10)),
            ],
            options={
                "ordering": ["version", "subject", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "code"), name="cans_item_code_once"),
                    models.UniqueConstraint(
                        fields=("version", "subject", "position"), name="cans_item_place_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="cases.child",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="cases.case",
                    ),
                ),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="cases.episode",
                    ),
                ),
                (
                    "instrument_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cans.instrumentversion",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("initial", "Initial"),
                            ("reassessment", "Reassessment"),
                            ("extension", "Extension"),
                            ("closing", "Closing"),
                        ],
                        max_length=12,
                    ),
                ),
                ("assessed_on", models.DateField()),
                ("early", models.BooleanField(verbose_name="early childhood items are rated")),
                ("transition", models.BooleanField(verbose_name="transition to adulthood items are rated")),
                (
                    "based_on",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="cans.assessment",
                    ),
                ),
                (
                    "amends",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="cans.assessment",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned for revision"),
                            ("approved", "Approved"),
                            ("voided", "Voided"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1, help_text="Goes up with every step of the workflow."
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        help_text="Who started it or took it over.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments_authored",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments_to_review",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("worked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "worked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first_submitted_on",
                    models.DateField(
                        blank=True,
                        help_text="Decides whether it was on time; an amendment keeps the original's.",
                        null=True,
                    ),
                ),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="first opened by the reviewer at"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "returned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-assessed_on", "-pk"],
                "indexes": [
                    models.Index(fields=["child", "-assessed_on", "-id"], name="cans_of_child"),
                    models.Index(fields=["case", "-assessed_on", "-id"], name="cans_of_case"),
                    models.Index(fields=["-assessed_on", "-id"], name="cans_latest"),
                    models.Index(
                        condition=models.Q(("approved_at__isnull", True), ("voided_at__isnull", True)),
                        fields=["-assessed_on", "-id"],
                        name="cans_open_latest",
                    ),
                    models.Index(
                        condition=models.Q(("approved_at__isnull", True), ("voided_at__isnull", True)),
                        fields=["reviewer", "state", "submitted_at"],
                        name="cans_waiting_for_reviewer",
                    ),
                    models.Index(
                        condition=models.Q(("approved_at__isnull", True), ("voided_at__isnull", True)),
                        fields=["author", "state"],
                        name="cans_open_of_author",
                    ),
                    models.Index(
                        condition=models.Q(("approved_at__isnull", True), ("voided_at__isnull", True)),
                        fields=["state", "submitted_at", "id"],
                        name="cans_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("first_submitted_on__isnull", False)),
                        fields=["first_submitted_on", "id"],
                        name="cans_by_submission",
                    ),
                    models.Index(
                        condition=models.Q(("amends__isnull", False)),
                        fields=["amends", "state"],
                        name="cans_amendments",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("approved_at__isnull", True), ("voided_at__isnull", True)),
                        fields=("child",),
                        name="cans_one_open_per_child",
                        violation_error_message="This child already has an open CANS.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("approved_at__isnull", True), ("voided_at__isnull", True)),
                                ("state__in", ["draft", "returned", "submitted"]),
                            ),
                            models.Q(
                                models.Q(
                                    ("approved_at__isnull", True),
                                    ("voided_at__isnull", True),
                                    _negated=True,
                                ),
                                ("state__in", ["approved", "voided"]),
                            ),
                            _connector="OR",
                        ),
                        name="cans_open_is_undecided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewer__isnull", True),
                            models.Q(("reviewer", models.F("author")), _negated=True),
                            _connector="OR",
                        ),
                        name="cans_reviewer_is_not_the_author",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("author")), _negated=True),
                            _connector="OR",
                        ),
                        name="cans_approver_is_not_the_author",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "submitted"), _negated=True),
                            models.Q(
                                ("first_submitted_on__isnull", False),
                                ("reviewer__isnull", False),
                                ("submitted_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="cans_submitted_has_a_reviewer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(("approved_at__isnull", False), ("submitted_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="cans_approved_is_dated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "returned"), _negated=True),
                            ("returned_at__isnull", False),
                            _connector="OR",
                        ),
                        name="cans_returned_is_dated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "voided"), _negated=True),
                            ("voided_at__isnull", False),
                            _connector="OR",
                        ),
                        name="cans_voided_is_dated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("worked_at__isnull", True), ("worked_by__isnull", True)),
                            models.Q(("worked_at__isnull", False), ("worked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="cans_worked_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("submitted_at__isnull", True), ("submitted_by__isnull", True)),
                            models.Q(("submitted_at__isnull", False), ("submitted_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="cans_submitted_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("opened_at__isnull", True), ("opened_by__isnull", True)),
                            models.Q(("opened_at__isnull", False), ("opened_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="cans_opened_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("returned_at__isnull", True), ("returned_by__isnull", True)),
                            models.Q(("returned_at__isnull", False), ("returned_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="cans_returned_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                            models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="cans_approved_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("voided_at__isnull", True), ("voided_by__isnull", True)),
                            models.Q(("voided_at__isnull", False), ("voided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="cans_voided_together",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to="cans.assessment",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "person"), name="cans_contributor_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Waiver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waivers",
                        to="cases.episode",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="waivers", to="cases.child"
                    ),
                ),
                ("source", models.CharField(max_length=60)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("detained", "Child detained or hospitalised"),
                            ("runaway", "Child's whereabouts unknown"),
                            ("out_of_state", "Child out of state"),
                            ("system", "State system unavailable"),
                            ("other", "Another reason"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_because", models.CharField(blank=True, max_length=400)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("episode", "child", "source"),
                        name="cans_waived_once",
                        violation_error_message="This due date is already waived.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at__isnull", True),
                                ("withdrawn_because", ""),
                                ("withdrawn_by__isnull", True),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="cans_waiver_withdrawn_by_whom_and_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Obligation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="cases.case",
                    ),
                ),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="cases.episode",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="cases.child",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="staff.agency"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="staff.region"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("initial", "initial"),
                            ("six_month", "six-month"),
                            ("extension", "extension"),
                            ("closing", "closing"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Its identity within child and episode.", max_length=60),
                ),
                ("due", models.DateField()),
                ("work_by", models.DateField(help_text="The last working day on or before the due date.")),
                ("target", models.DateField(blank=True, null=True)),
                (
                    "met_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations_met",
                        to="cans.assessment",
                    ),
                ),
                ("submitted_on", models.DateField(blank=True, null=True)),
                ("met_on", models.DateField(blank=True, null=True)),
                ("fix_by", models.DateField(blank=True, null=True)),
                ("cancelled", models.BooleanField(default=False)),
                (
                    "waiver",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="cans.waiver",
                    ),
                ),
                ("why", models.CharField(max_length=300)),
                ("rules_version", models.CharField(max_length=20)),
                ("recorded_at", models.DateTimeField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Whose act made it so; empty for a command.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("because", models.CharField(blank=True, max_length=400)),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["due", "child_id", "kind", "pk"],
                "indexes": [
                    models.Index(fields=["case", "due"], name="cans_obligations_of_case"),
                    models.Index(
                        condition=models.Q(
                            ("cancelled", False),
                            ("met_on__isnull", True),
                            ("superseded_at__isnull", True),
                            ("waiver__isnull", True),
                        ),
                        fields=["agency", "due", "id"],
                        name="cans_owed_by_agency",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("cancelled", False),
                            ("met_on__isnull", True),
                            ("superseded_at__isnull", True),
                            ("waiver__isnull", True),
                        ),
                        fields=["region", "due", "id"],
                        name="cans_owed_by_region",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("cancelled", False),
                            ("met_on__isnull", True),
                            ("superseded_at__isnull", True),
                            ("waiver__isnull", True),
                        ),
                        fields=["due", "id"],
                        name="cans_owed",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("cancelled", False),
                            ("met_on__isnull", True),
                            ("superseded_at__isnull", True),
                            ("waiver__isnull", True),
                        ),
                        fields=["case", "due", "id"],
                        name="cans_owed_by_case",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("episode", "child", "source"),
                        name="cans_obligation_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="cans.assessment",
                    ),
                ),
                (
                    "adult",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="cases.adult",
                    ),
                ),
                (
                    "substitute",
                    models.BooleanField(default=False, help_text="Rated as a substitute caregiver."),
                ),
                ("ratings", models.TextField()),
                (
                    "size",
                    models.PositiveSmallIntegerField(
                        help_text="How many items the version has for this subject."
                    ),
                ),
                ("not_scored_reason", models.CharField(blank=True, max_length=400)),
            ],
            options={
                "ordering": [models.OrderBy(models.F("adult"), nulls_first=True)],
                "indexes": [
                    models.Index(
                        condition=models.Q(("adult__isnull", False)),
                        fields=["adult"],
                        name="cans_sheets_of_adult",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("adult__isnull", True)),
                        fields=("assessment",),
                        name="cans_one_child_sheet",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("adult__isnull", False)),
                        fields=("assessment", "adult"),
                        name="cans_one_sheet_per_caregiver",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("adult__isnull", False), ("not_scored_reason", ""), _connector="OR"
                        ),
                        name="cans_child_sheet_is_scored",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            django.db.models.lookups.Exact(
                                django.db.models.functions.text.Length("ratings"), models.F("size")
                            ),
                            django.db.models.lookups.Exact(
                                django.db.models.functions.text.Replace(
                                    django.db.models.functions.text.Replace(
                                        django.db.models.functions.text.Replace(
                                            django.db.models.functions.text.Replace(
                                                django.db.models.functions.text.Replace(
                                                    django.db.models.functions.text.Replace(
                                                        django.db.models.functions.text.Replace(
                                                            models.F("ratings"),
                                                            models.Value("0"),
                                                            models.Value(""),
                                                            output_field=models.TextField(),
                                                        ),
                                                        models.Value("1"),
                                                        models.Value(""),
                                                        output_field=models.TextField(),
                                                    ),
                                                    models.Value("2"),
                                                    models.Value(""),
                                                    output_field=models.TextField(),
                                                ),
                                                models.Value("3"),
                                                models.Value(""),
                                                output_field=models.TextField(),
                                            ),
                                            models.Value("n"),
                                            models.Value(""),
                                            output_field=models.TextField(),
                                        ),
                                        models.Value("u"),
                                        models.Value(""),
                                        output_field=models.TextField(),
                                    ),
                                    models.Value("."),
                                    models.Value(""),
                                    output_field=models.TextField(),
                                ),
                                models.Value("", output_field=models.TextField()),
                            ),
                        ),
                        name="cans_ratings_fit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RatingChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="history", to="cans.sheet"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("before", models.CharField(max_length=1)),
                ("after", models.CharField(max_length=1)),
                (
                    "carried",
                    models.BooleanField(
                        default=False, help_text="Repeated from the previous CANS by the person."
                    ),
                ),
                (
                    "confirmed_from",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The same adult's sheet in a sibling's CANS, where the person confirmed it as for them.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cans.sheet",
                    ),
                ),
                (
                    "sending",
                    models.CharField(
                        blank=True,
                        help_text="The key it was sent under: sent again, it is not set again.",
                        max_length=36,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["sheet", "position", "id"], name="cans_history_of_item"),
                    models.Index(
                        condition=models.Q(("confirmed_from__isnull", False)),
                        fields=["confirmed_from"],
                        name="cans_history_confirmed_from",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("carried", False), ("confirmed_from__isnull", True), _connector="OR"
                        ),
                        name="cans_carried_or_confirmed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="cans.sheet"
                    ),
                ),
                ("code", models.CharField(max_length=80)),
                ("text", models.TextField(max_length=4000)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("sheet", "code"), name="cans_one_note_an_item")
                ],
            },
        ),
        migrations.CreateModel(
            name="WarningAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="cans.assessment",
                    ),
                ),
                ("key", models.CharField(max_length=160)),
                ("text", models.TextField(max_length=2000)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "key"), name="cans_one_answer")
                ],
            },
        ),
    ]
