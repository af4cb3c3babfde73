import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("staff", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        max_length=20,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z-]{1,20}$",
                                "Write the number as the state does: letters, digits and hyphens only.",
                            )
                        ],
                        verbose_name="state case number",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="case name (the family's name)")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="staff.agency"
                    ),
                ),
                ("county", models.CharField(max_length=40)),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="staff.region"
                    ),
                ),
                (
                    "lan",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(62),
                        ],
                        verbose_name="local area network (LAN)",
                    ),
                ),
                ("referred_on", models.DateField(verbose_name="referral date")),
                ("referral_source", models.CharField(max_length=120)),
                (
                    "department_worker",
                    models.CharField(blank=True, max_length=120, verbose_name="the department's own worker"),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "ordering": ["name", "pk"],
                "indexes": [
                    models.Index(fields=["agency", "name", "id"], name="cases_by_agency"),
                    models.Index(fields=["region", "name", "id"], name="cases_by_region"),
                    models.Index(fields=["name", "id"], name="cases_by_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EmergencyAccess",
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
                        related_name="emergencies",
                        to="cases.case",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergencies",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reason", models.CharField(max_length=400)),
                ("starts_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "ends_at",
                    models.DateTimeField(help_text="Four hours later, or when the person gave it back."),
                ),
            ],
            options={
                "verbose_name": "emergency access",
                "verbose_name_plural": "emergency accesses",
                "ordering": ["-starts_at", "-pk"],
                "indexes": [
                    models.Index(fields=["person", "ends_at", "case"], name="cases_emergency_of"),
                    models.Index(fields=["case", "ends_at"], name="cases_emergency_in"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="cases_emergency_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="cases_emergency_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EmergencyNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "access",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="cases.emergencyaccess",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergency_notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-access__starts_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("acknowledged_at__isnull", True)),
                        fields=["person"],
                        name="cases_notice_unread",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("access", "person"), name="cases_told_once")],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
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
                        related_name="assignments",
                        to="cases.case",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("primary", "Primary"), ("parallel", "Parallel"), ("review", "Review")],
                        max_length=10,
                    ),
                ),
                ("role", models.CharField(blank=True, max_length=80, verbose_name="role on the case")),
                ("starts", models.DateField(verbose_name="first day")),
                ("ends", models.DateField(blank=True, null=True, verbose_name="last day")),
            ],
            options={
                "ordering": ["-starts", "-pk"],
                "indexes": [
                    models.Index(fields=["person", "ends", "case"], name="cases_assigned_to"),
                    models.Index(fields=["case", "kind", "ends"], name="cases_workers_of_case"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ends__isnull", True), ("kind", "primary")),
                        fields=("case",),
                        name="cases_one_primary",
                        violation_error_message="This case already has a primary worker.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ends__isnull", True)),
                        fields=("case", "person", "kind"),
                        name="cases_assigned_once",
                        violation_error_message="This person already has that assignment.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends__isnull", True), ("ends__gte", models.F("starts")), _connector="OR"
                        ),
                        name="cases_assignment_ends_after_start",
                        violation_error_message="The last day cannot be before the first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Episode",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="episodes", to="cases.case"
                    ),
                ),
                ("opened", models.DateField()),
                ("authorised_through", models.DateField()),
                ("closed", models.DateField(blank=True, null=True)),
                (
                    "closing_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stable", "Placement stable, goals met"),
                            ("permanency", "Permanency achieved"),
                            ("moved", "Placement ended or child moved"),
                            ("declined", "Family declined further services"),
                            ("higher", "Moved to a higher level of care"),
                            ("ended", "Authorised time ended"),
                            ("other", "Another reason"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["-opened", "-pk"],
                "indexes": [models.Index(fields=["case", "-opened"], name="cases_episode_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed__isnull", True)),
                        fields=("case",),
                        name="cases_one_open_episode",
                        violation_error_message="This case is already open.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed__isnull", True), ("closed__gte", models.F("opened")), _connector="OR"
                        ),
                        name="cases_episode_closes_after_opening",
                        violation_error_message="A case cannot close before it opened.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed__isnull", True), ("closing_reason", "")),
                            models.Q(
                                ("closed__isnull", False), models.Q(("closing_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="cases_closed_with_a_reason",
                        violation_error_message="A closed episode has a closing date and a reason.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("authorised_through__gte", models.F("opened"))),
                        name="cases_authorised_from_opening",
                        violation_error_message="The authorisation cannot end before the opening.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Extension",
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
                        related_name="extensions",
                        to="cases.episode",
                    ),
                ),
                ("requested", models.DateField(verbose_name="requested on")),
                ("reason", models.CharField(blank=True, max_length=400)),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided", models.DateField(blank=True, null=True, verbose_name="decided on")),
                ("granted", models.BooleanField(blank=True, null=True)),
                ("authorised_through", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ["requested", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("episode", "requested"),
                        name="cases_one_request_a_day",
                        violation_error_message="An extension was already requested on that day.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("authorised_through__isnull", True),
                                ("decided__isnull", True),
                                ("granted__isnull", True),
                            ),
                            models.Q(
                                ("authorised_through__isnull", True),
                                ("decided__isnull", False),
                                ("granted", False),
                            ),
                            models.Q(
                                ("authorised_through__isnull", False),
                                ("decided__isnull", False),
                                ("granted", True),
                            ),
                            _connector="OR",
                        ),
                        name="cases_decision_is_whole",
                        violation_error_message="A decision has a date, and a granted one an end date.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided__isnull", True),
                            ("decided__gte", models.F("requested")),
                            _connector="OR",
                        ),
                        name="cases_decided_after_request",
                        violation_error_message="A request cannot be decided before it was made.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Child",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person_number",
                    models.CharField(
                        max_length=20,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z-]{1,20}$",
                                "Write the number as the state does: letters, digits and hyphens only.",
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("born", models.DateField(verbose_name="date of birth")),
                ("developmental_disability", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "verbose_name_plural": "children",
                "ordering": ["born", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Membership",
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
                        related_name="memberships",
                        to="cases.case",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="cases.child",
                    ),
                ),
                ("joined", models.DateField()),
                ("left", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ["child__born", "child_id", "joined"],
                "indexes": [models.Index(fields=["case", "child"], name="cases_members")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left__isnull", True)),
                        fields=("child",),
                        name="cases_child_in_one_case",
                        violation_error_message="This child is already in a case.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left__isnull", True), ("left__gte", models.F("joined")), _connector="OR"
                        ),
                        name="cases_left_after_joining",
                        violation_error_message="A child cannot leave before joining.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChildStatus",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statuses",
                        to="cases.membership",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("placement", "Placement"),
                            ("goal", "Permanency goal"),
                            ("legal", "Legal status"),
                        ],
                        max_length=10,
                    ),
                ),
                ("value", models.CharField(max_length=120)),
                ("since", models.DateField()),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name_plural": "child statuses",
                "ordering": ["kind", "-since", "-pk"],
                "indexes": [
                    models.Index(fields=["membership", "kind", "-since"], name="cases_status_latest")
                ],
            },
        ),
        migrations.CreateModel(
            name="Adult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person_number",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        null=True,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z-]{1,20}$",
                                "Write the number as the state does: letters, digits and hyphens only.",
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("address", models.CharField(blank=True, max_length=240)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "ordering": ["name", "pk"],
                "indexes": [models.Index(fields=["name", "id"], name="cases_adult_by_name")],
            },
        ),
        migrations.CreateModel(
            name="Collateral",
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
                        related_name="collaterals",
                        to="cases.case",
                    ),
                ),
                (
                    "adult",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="collaterals",
                        to="cases.adult",
                    ),
                ),
                ("relationship", models.CharField(max_length=120, verbose_name="relationship to the family")),
                ("in_home", models.BooleanField(default=False, verbose_name="lives in the home")),
                ("starts", models.DateField(verbose_name="begin date")),
                ("ends", models.DateField(blank=True, null=True, verbose_name="end date")),
            ],
            options={
                "ordering": ["adult__name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ends__isnull", True)),
                        fields=("case", "adult"),
                        name="cases_collateral_once",
                        violation_error_message="This adult is already a collateral of this case.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends__isnull", True), ("ends__gte", models.F("starts")), _connector="OR"
                        ),
                        name="cases_collateral_ends_after_start",
                        violation_error_message="The end date cannot be before the begin date.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Caregiving",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="caregivings",
                        to="cases.membership",
                    ),
                ),
                (
                    "adult",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="caregivings",
                        to="cases.adult",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("parent", "Parent"), ("substitute", "Substitute caregiver")], max_length=10
                    ),
                ),
                ("relationship", models.CharField(max_length=120, verbose_name="relationship to the child")),
                ("in_home", models.BooleanField(default=False, verbose_name="lives in the child's home")),
                ("starts", models.DateField(verbose_name="cares from")),
                ("ends", models.DateField(blank=True, null=True, verbose_name="cares until")),
            ],
            options={
                "ordering": ["adult__name", "pk"],
                "indexes": [models.Index(fields=["membership", "ends"], name="cases_caregivers_of_child")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ends__isnull", True)),
                        fields=("membership", "adult"),
                        name="cases_caregiving_once",
                        violation_error_message="This adult already cares for this child.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends__isnull", True), ("ends__gte", models.F("starts")), _connector="OR"
                        ),
                        name="cases_caregiving_ends_after_start",
                        violation_error_message="The last day of care cannot be before the first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceKind",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="cases.membership",
                    ),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="cases.servicekind",
                    ),
                ),
                ("provider", models.CharField(max_length=120)),
                ("starts", models.DateField(verbose_name="from")),
                ("ends", models.DateField(blank=True, null=True, verbose_name="until")),
            ],
            options={
                "ordering": ["-starts", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends__isnull", True), ("ends__gte", models.F("starts")), _connector="OR"
                        ),
                        name="cases_service_ends_after_start",
                        violation_error_message="A service cannot end before it starts.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="cases.service",
                    ),
                ),
                ("code", models.CharField(max_length=80)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("service", "code"), name="cases_finding_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseEvent",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="cases.case"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("created", "Case created"),
                            ("edited", "Case details changed"),
                            ("opened", "IPS opened"),
                            ("opening_corrected", "Opening date corrected"),
                            ("extension", "Extension requested"),
                            ("decided", "Extension decided"),
                            ("closed", "IPS closed"),
                            ("close_undone", "Closing undone"),
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
                        max_length=20,
                    ),
                ),
                (
                    "on",
                    models.DateField(
                        help_text="The day it is true of, which may lie before the day it was written."
                    ),
                ),
                ("sentence", models.CharField(max_length=400)),
                ("reason", models.CharField(blank=True, max_length=400)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-on", "-pk"],
                "indexes": [models.Index(fields=["case", "-on", "-id"], name="cases_timeline")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "kind__in",
                                    [
                                        "close_undone",
                                        "opening_corrected",
                                        "transferred",
                                        "unwaived",
                                        "emergency",
                                    ],
                                ),
                                _negated=True,
                            ),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="cases_undo_has_a_reason",
                        violation_error_message="Say why.",
                    )
                ],
            },
        ),
    ]
