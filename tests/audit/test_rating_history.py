"""Who set which item from what to what, when, carried or typed; whatever is stored traces back to it."""

import ast
import datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from approvals import actions as approvals
from cans import actions
from cans.instrument import UNRATED
from cans.models import RatingChange, Sheet

pytestmark = pytest.mark.django_db


def replayed(sheet):
    """The ratings as the history alone tells them; an amendment begins with those of what it amends."""
    amended = sheet.assessment.amends
    before = (
        Sheet.objects.get(assessment=amended, adult=sheet.adult).ratings if amended else UNRATED * sheet.size
    )
    found = list(before)
    for change in sheet.history.order_by("pk"):
        assert found[change.position] == change.before
        found[change.position] = change.after
    return "".join(found)


def set_all(sheet, value, *, by, carried=False):
    wanted = [(item.code, sheet.value(item), value, carried) for item in sheet.applicable_items]
    assert actions.rate(sheet, by=by, ratings=wanted) == []


def sheets_of(assessment):
    return list(Sheet.objects.filter(assessment=assessment).select_related("assessment__amends"))


def test_its_moment_is_told_by_the_clock_that_a_return_is_written_down_by(draft, clinician):
    sheet = draft.sheets.get(adult=None)
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=1), tick=False):
        set_all(sheet, "1", by=clinician)
        assert {change.at for change in sheet.history.all()} == {timezone.now()}


def test_the_whole_loop_can_be_told_from_the_history(draft, clinician, supervisor):
    for sheet in sheets_of(draft):
        set_all(sheet, "1", by=clinician)
        first = sheet.applicable_items[0]
        actions.rate(sheet, by=clinician, ratings=[(first.code, "1", ".", False)])
        actions.rate(sheet, by=clinician, ratings=[(first.code, ".", "2", True)])
    approvals.submit(draft, by=clinician)
    approvals.return_for_revision(draft, by=supervisor, reason="Look again.")
    for sheet in sheets_of(draft):
        actions.rate(sheet, by=clinician, ratings=[(sheet.applicable_items[1].code, "1", "0", False)])
    approvals.submit(draft, by=clinician)
    approvals.approve(draft, by=supervisor)
    amendment = approvals.amend(draft, by=supervisor, author=clinician, reason="One was wrong.")
    for sheet in sheets_of(amendment):
        actions.rate(sheet, by=clinician, ratings=[(sheet.applicable_items[2].code, "1", "3", False)])
    for assessment in (draft, amendment):
        for sheet in sheets_of(assessment):
            assert replayed(sheet) == sheet.ratings
    last = RatingChange.objects.latest("pk")
    assert (last.before, last.after, last.carried, last.by) == ("1", "3", False, clinician)
    assert RatingChange.objects.filter(carried=True, before=".", after="2").count() == 2
    assert RatingChange.objects.filter(at__isnull=True).count() == 0


@pytest.fixture
def change(draft, clinician):
    sheet = sheets_of(draft)[0]
    set_all(sheet, "1", by=clinician)
    return RatingChange.objects.earliest("pk")


def in_sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda change: RatingChange.objects.filter(pk=change.pk).update(after="3"),
        lambda change: RatingChange.objects.all().update(by=change.by),
        lambda change: RatingChange.objects.bulk_update([change], ["after"]),
        lambda change: change.save(),
        lambda change: change.delete(),
        lambda change: RatingChange.objects.all().delete(),
        lambda change: RatingChange.objects.all()._raw_delete("default"),
        lambda change: RatingChange.objects.bulk_create(
            [change], update_conflicts=True, update_fields=["after"], unique_fields=["id"]
        ),
        lambda change: in_sql("UPDATE cans_ratingchange SET carried = NOT carried"),
        lambda change: in_sql("DELETE FROM cans_ratingchange"),
    ],
    ids=[
        "update",
        "update of all",
        "bulk_update",
        "save",
        "delete",
        "delete of all",
        "raw delete",
        "upsert",
        "SQL update",
        "SQL delete",
    ],
)
def test_no_way_to_change_a_row_of_it(change, tamper):
    before = list(RatingChange.objects.order_by("pk").values())
    with (
        pytest.raises(IntegrityError, match="rows of cans_ratingchange are only added"),
        transaction.atomic(),
    ):
        tamper(change)
    assert list(RatingChange.objects.order_by("pk").values()) == before


def test_none_can_be_added_once_it_is_decided(submitted, clinician):
    sheet = sheets_of(submitted)[0]
    made = [RatingChange(sheet=sheet, position=0, before="1", after="2", by=clinician)]
    with pytest.raises(IntegrityError, match="cannot change"), transaction.atomic():
        RatingChange.objects.bulk_create(made)


def sources():
    """(module, what it says) of all rooms."""
    base = Path(settings.BASE_DIR)
    for room in ("staff", "cases", "cans", "approvals", "reports", "ips"):
        for path in (base / room).rglob("*.py"):
            yield str(path.relative_to(base)), ast.parse(path.read_text(encoding="utf-8"))


def calls(*names):
    """(module, call) of every method of these names, in all rooms."""
    for place, tree in sources():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in names
            ):
                yield place, node


def test_ratings_are_set_in_one_place():
    """`put` is the one UPDATE of them, and put_ratings its one caller; everything else makes new sheets."""
    updates = {place for place, call in calls("update") if "ratings" in {word.arg for word in call.keywords}}
    assert updates == set()
    assert {place for place, tree in sources() if 'UPDATE "cans_sheet"' in ast.unparse(tree)} == {
        "cans/models/sheets.py"
    }
    assert {place for place, _ in calls("put")} == {"cans/saving.py"}
    saved = [call for _, call in calls("save") if getattr(call.func.value, "id", "") == "sheet"]
    assert saved
    for call in saved:
        (fields,) = [ast.literal_eval(word.value) for word in call.keywords if word.arg == "update_fields"]
        assert "ratings" not in fields
