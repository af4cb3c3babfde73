"""What is compiled once answers as the queryset it was made from."""

import datetime

import pytest
from django.db import connection
from django.db.models import DateTimeField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from audit.statements import MOST_VALUES, Found, Given, Insert, Question, Rows
from cans.models import Assessment, RatingChange, Sheet
from staff.models import User

pytestmark = pytest.mark.django_db
RELATED = ("child", "reviewer", "amends", "instrument_version")


def test_a_question_is_asked_with_other_values_each_time(clinician, colleague, supervisor):
    led = Question(
        lambda: (
            User.objects.filter(lines__supervisor=Given("leader"), is_active=True)
            .exclude(pk=Given("without"))
            .order_by("pk")
            .values_list("pk")
        )
    )
    assert led.rows(leader=supervisor.pk, without=colleague.pk) == [(clinician.pk,)]
    assert led.first(leader=supervisor.pk, without=clinician.pk) == (colleague.pk,)
    assert led.first(leader=clinician.pk, without=clinician.pk) is None


def test_another_shape_is_another_statement(clinician, colleague, supervisor):
    """Made once for each; of what could never fit the database is not asked."""
    made = []

    def named(is_active, *numbers):
        made.append((is_active, numbers))
        return User.objects.filter(is_active=is_active, pk__in=numbers, name=Given("name")).values_list("pk")

    people = Rows(named)
    everybody = (clinician.pk, colleague.pk, supervisor.pk)
    assert people.all(True, *everybody, name=clinician.name) == [[clinician.pk]]
    assert people.all(True, *everybody, name=colleague.name) == [[colleague.pk]]
    assert people.all(False, *everybody, name=colleague.name) == []
    with CaptureQueriesContext(connection) as asked:
        assert people.all(True, name=colleague.name) == []
    assert len(asked) == 0
    assert made == [(True, everybody), (False, everybody), (True, ())]


def test_a_moment_is_compared_as_the_database_has_it(clinician):
    """To the microsecond, which text of another form would miss."""
    joined = timezone.now().replace(microsecond=0)
    User.objects.filter(pk=clinician.pk).update(date_joined=joined)
    since = Rows(
        lambda: User.objects.filter(
            date_joined=Given("moment", DateTimeField()), pk=clinician.pk
        ).values_list("pk")
    )
    assert since.all(moment=joined) == [[clinician.pk]]
    assert since.all(moment=joined + datetime.timedelta(microseconds=1)) == []


def test_a_value_that_was_forgotten_is_an_error(supervisor):
    with pytest.raises(KeyError):
        Question(lambda: User.objects.filter(pk=Given("person")).values_list("pk")).rows(people=1)


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_an_object_is_the_one_that_the_queryset_gives(state, request):
    """With dates, times, yes and no, and relations that are there or not."""
    number = request.getfixturevalue(state).pk
    found, wanted = Found(Assessment, *RELATED).get(number), Assessment.objects.get(pk=number)
    for field in Assessment._meta.concrete_fields:
        value = getattr(found, field.attname)
        assert (value, type(value)) == (getattr(wanted, field.attname), type(getattr(wanted, field.attname)))
    with CaptureQueriesContext(connection) as asked:
        assert [getattr(found, name) for name in RELATED] == [
            wanted.child,
            wanted.reviewer,
            None,
            wanted.instrument_version,
        ]
    assert len(asked) == (3 if state == "submitted" else 2)  # only those of the other one
    found.version += 1
    found.save()  # it is known to be stored already
    assert Assessment.objects.get(pk=number).version == wanted.version + 1


def test_no_object_has_a_number_that_nothing_has():
    for number in (987_654_321, 2**63 - 1, 2**63, 10**40):
        assert Found(Assessment).get(number) is None


def test_rows_are_stored_in_their_order_however_many(draft, clinician):
    sheet = Sheet.objects.get(assessment=draft, adult=None)
    insert = Insert(RatingChange, "sheet", "position", "before", "after", "carried", "sending", "by")
    row = {"sheet": sheet.pk, "before": ".", "after": "1", "carried": True, "sending": "", "by": clinician.pk}
    rows = [row | {"position": place} for place in range(MOST_VALUES // 7 + 1)]
    with CaptureQueriesContext(connection) as asked:
        numbers = insert.rows(*rows)
    assert len(asked) == 2
    stored = {change.pk: change for change in RatingChange.objects.all()}
    assert [stored[number].position for number in numbers] == list(range(len(rows)))
    assert {change.carried for change in stored.values()} == {True}


def test_what_is_stored_is_read_back_the_same(clinician):
    made = {"chain": 1, "seq": 1, "at": "2026-01-05T10:00Z", "kind": "act", "action": "test", "subject": "x"}
    made |= {"actor_label": "Nobody", "detail": {"é": [1, None]}, "key_id": "k", "previous": "p", "mac": "m"}
    (number,) = Insert(Event, *made).rows(made)
    event = Event.objects.get(pk=number)
    assert (event.detail, event.at.isoformat(), event.case_number) == (
        {"é": [1, None]},
        "2026-01-05T10:00:00+00:00",
        None,
    )
