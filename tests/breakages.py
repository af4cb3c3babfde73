"""Thirty and more ways to break who may, who did and who saw, each with the tests that must notice."""

from dataclasses import dataclass

POSTGRESQL = "PostgreSQL"


@dataclass(frozen=True)
class Breakage:
    """`line` stands once in the file, and `instead` takes its place. On SQLite unless it says other."""

    name: str
    file: str
    line: str
    instead: str
    tests: tuple
    database: str = ""

    def broken(self, text):
        assert text.count(self.line) == 1, f"{self.name}: {self.line!r} in {self.file}"
        return text.replace(self.line, self.instead)


BREAKAGES = [
    Breakage(
        "scope dropped on a case",
        "cases/views/pages.py",
        "Case.objects.visible_to(request.user)",
        "Case.objects.all()",
        ("tests/cases/test_access.py",),
    ),
    Breakage(
        "scope dropped on a CANS",
        "cans/views/reading.py",
        "Assessment.objects.visible_to(request.user)",
        "Assessment.objects.all()",
        ("tests/cans/test_views_pages.py",),
    ),
    Breakage(
        "role check dropped",
        "staff/policy.py",
        "request.user.role not in roles",
        "False",
        ("tests/cases/test_access.py",),
    ),
    Breakage(
        "a view may forget its policy",
        "staff/policy.py",
        "if declared_policy(view) is None:\n            raise",
        "if False:\n            raise",
        ("tests/test_architecture.py",),
    ),
    Breakage(
        "gate skipped when scoring",
        "cans/permissions.py",
        "    if not assessment.is_workable:",
        "    return\n    if not assessment.is_workable:",
        ("tests/cans/test_permissions.py",),
    ),
    Breakage(
        "gate skipped when deciding",
        "approvals/permissions.py",
        "if row.needs_credentials:",
        "if False:",
        ("tests/approvals/test_matrix.py", "tests/approvals/test_review_verbs.py"),
    ),
    Breakage(
        "approving what one wrote in",
        "approvals/permissions.py",
        "if action in {Action.APPROVE, Action.RETURN} and wrote_in(user, assessment):",
        "if False:",
        ("tests/approvals/test_matrix.py", "tests/approvals/test_review_verbs.py"),
    ),
    Breakage(
        "rerouting to whoever wrote it",
        "approvals/permissions.py",
        '        .exclude(pk__in=assessment.contributions.values("person"))\n',
        "",
        ("tests/approvals/test_views.py", "tests/approvals/test_review_verbs.py"),
    ),
    Breakage(
        "a reviewer of the agency the case has left",
        "approvals/permissions.py",
        "        and user.agency_id == assessment.case.agency_id\n",
        "",
        ("tests/approvals",),
    ),
    Breakage(
        "trigger missing: nobody approves their own",
        "approvals/migrations/0003_nobody_approves_their_own.py",
        'when=WROTE_IN)',
        'when="1 = 0")',
        ("tests/approvals/test_database.py",),
        POSTGRESQL,
    ),
    Breakage(
        "trigger missing: what was submitted stays",
        "cans/migrations/0002_content_is_kept.py",
        '        *content("cans_sheet", OF_ASSESSMENT),\n',
        "",
        ("tests/test_triggers.py", "tests/cans/test_actions.py"),
    ),
    Breakage(
        "trigger missing: rating history",
        "cans/migrations/0002_content_is_kept.py",
        '        *append_only("cans_ratingchange"),\n',
        "",
        ("tests/test_triggers.py", "tests/cans/test_actions.py"),
        POSTGRESQL,
    ),
    Breakage(
        "a step is taken whatever the state is by now",
        "approvals/actions.py",
        "filter(pk=assessment.pk, state=before, version=assessment.version)",
        "filter(pk=assessment.pk)",
        ("tests/approvals/test_database.py",),
    ),
    Breakage(
        "a page out of date decides",
        "approvals/actions.py",
        "if version is not None and version != assessment.version:",
        "if False:",
        ("tests/approvals/test_views.py",),
    ),
    Breakage(
        "approval outside one transaction",
        "approvals/actions.py",
        "@transaction.atomic\ndef approve(",
        "def approve(",
        ("tests/approvals/test_database.py",),
    ),
    Breakage(
        "a sending is done each time",
        "ips/once.py",
        "if is_first:",
        "if True:",
        ("tests/ips/test_once.py",),
        POSTGRESQL,
    ),
    Breakage(
        "what was not done counts as done",
        "ips/once.py",
        "elif response.status_code == 302 and acts.exists():",
        "elif response.status_code == 302:",
        ("tests/ips/test_once.py",),
    ),
    Breakage(
        "the record stays in the browser's cache",
        "ips/middleware.py",
        'response["Cache-Control"] = "no-store"',
        "pass",
        ("tests/test_sign_in.py", "tests/test_settings.py", "tests/ips", "tests/test_health.py"),
    ),
]
