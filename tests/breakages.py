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
        "when=WROTE_IN)",
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
    Breakage(
        "record: an act outside its transaction",
        "audit/actions.py",
        "if not connection.in_atomic_block:",
        "if False:",
        ("tests/audit/test_record.py",),
    ),
    Breakage(
        "record: a chain that nobody holds",
        "audit/actions.py",
        "Chain.objects.select_for_update()",
        "Chain.objects",
        ("tests/audit/test_races.py",),
        POSTGRESQL,
    ),
    Breakage(
        "record: chains taken in any order",
        "audit/actions.py",
        "sorted(set(chains))",
        "dict.fromkeys(chains)",
        ("tests/audit/test_races.py",),
        POSTGRESQL,
    ),
    Breakage(
        "record: said outside before it is committed",
        "audit/anchors.py",
        "transaction.on_commit(lambda: _append(kind, chain, number, mac), robust=True)",
        "_append(kind, chain, number, mac)",
        ("tests/audit/test_anchors.py",),
    ),
    Breakage(
        "record: an anchor that fails in silence",
        "audit/anchors.py",
        "log.critical(",
        "log.debug(",
        ("tests/audit/test_anchors.py",),
    ),
    Breakage(
        "record: an event that does not sign the one before",
        "audit/chain.py",
        'previous.encode() + b"|" + canonical(row, OF_EVENT)',
        "canonical(row, OF_EVENT)",
        ("tests/audit/test_chain.py",),
    ),
    Breakage(
        "record: children not signed",
        "audit/chain.py",
        '    "children",\n',
        "",
        ("tests/audit/test_tampering.py",),
    ),
    Breakage(
        "record: a changed event passes",
        "audit/chain.py",
        "if not hmac.compare_digest(event_mac(key, self.mac, row), str(mac)):",
        "if False:",
        ("tests/audit/test_tampering.py",),
    ),
    Breakage(
        "record: the head is not asked",
        "audit/verification.py",
        "if run.seq < before[0]:",
        "if False:",
        ("tests/audit/test_tampering.py",),
    ),
    Breakage(
        "record: an old backup passes",
        "audit/verification.py",
        "if report.anchored > last:",
        "if False:",
        ("tests/audit/test_tampering.py",),
    ),
    Breakage(
        "record: rewritten with the key, it passes",
        "audit/verification.py",
        "if there.get(anchor.number, anchor.mac) != anchor.mac:",
        "if False:",
        ("tests/audit/test_tampering.py",),
    ),
    Breakage(
        "record: readings gone from under a seal pass",
        "audit/verification.py",
        'if (digest.count, digest.text) != (seal["count"], seal["digest"]):',
        "if False:",
        ("tests/audit/test_tampering.py",),
    ),
    Breakage(
        "record: sealed before it is settled",
        "audit/sealing.py",
        "if unsettled is not None:",
        "if False:",
        ("tests/audit/test_sealing.py",),
    ),
    Breakage(
        "record: sealed twice",
        "audit/sealing.py",
        "    hold_chains(chain)\n",
        "",
        ("tests/audit/test_sealing.py",),
        POSTGRESQL,
    ),
    Breakage(
        "record: the wrong role is no refusal",
        "ips/middleware.py",
        "{403, 404}",
        "{404}",
        ("tests/audit/test_denials.py",),
    ),
    Breakage(
        "record: nobody sent to sign in is no refusal",
        "ips/middleware.py",
        "or (person is None and response.status_code == 302)",
        "",
        ("tests/audit/test_denials.py",),
    ),
    Breakage(
        "record: the name that was typed is kept",
        "audit/sign_in.py",
        'subject="an unknown account")',
        "subject=typed)",
        ("tests/audit/test_denials.py",),
    ),
    Breakage(
        "record: who opened it, to whoever asks",
        "audit/views/pages.py",
        "Case.objects.listed_to(request.user), pk=pk",
        "Case.objects.all(), pk=pk",
        ("tests/audit/test_pages.py",),
    ),
    Breakage(
        "record: the search looks everywhere",
        "audit/forms.py",
        'Q(case_number__in=cases.values("pk"))',
        "Q()",
        ("tests/audit/test_pages.py",),
    ),
    Breakage(
        "record: refusals of every agency",
        "audit/views/pages.py",
        "form.days, chain=agency, kind",
        "form.days, kind",
        ("tests/audit/test_pages.py",),
    ),
    Breakage(
        "record: an administrator reads the children",
        "audit/views/story.py",
        "set() if user.role == Role.ADMINISTRATOR else ",
        "",
        ("tests/audit/test_pages.py",),
    ),
    Breakage(
        "record: looking is not on record",
        "audit/views/pages.py",
        "    record_reading(page, by=request.user",
        "    (lambda *args, **given: None)(page, by=request.user",
        ("tests/audit/test_pages.py",),
    ),
    Breakage(
        "record: emptied at a stroke",
        "audit/triggers.py",
        'return [*refuse(table, ["UPDATE", "DELETE"], message), refuse_truncate(table, message)]',
        'return refuse(table, ["UPDATE", "DELETE"], message)',
        ("tests/test_triggers.py",),
        POSTGRESQL,
    ),
]
