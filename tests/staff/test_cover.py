"""Cover: who may name it, which days, and what it opens; the page over the verbs."""

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from cans.models import Assessment
from staff import actions
from staff.models import Cover
from staff.refusals import NotNow
from tests import factories

URL = "/staff/cover/"


def name(supervisor, other, *, by=None, starts=0, ends=5):
    return actions.name_cover(
        supervisor,
        cover=other,
        starts=factories.days(starts),
        ends=factories.days(ends),
        by=by or supervisor,
    )


class TestName:
    def test_opens_the_others_queue_that_day(self, submitted, supervisor, other_supervisor):
        assert not Assessment.objects.awaiting_review_by(other_supervisor).exists()
        named = name(supervisor, other_supervisor)
        assert Assessment.objects.awaiting_review_by(other_supervisor).get() == submitted
        event = Event.objects.get(action="cover.name")
        assert (event.actor_number, event.detail["cover"]) == (supervisor.pk, other_supervisor.pk)
        assert named.named_by == supervisor

    def test_a_coordinator_names_one_for_a_supervisor(self, supervisor, other_supervisor, coordinator):
        assert name(supervisor, other_supervisor, by=coordinator).named_by == coordinator

    @pytest.mark.parametrize("person", ["other_supervisor", "clinician", "administrator"])
    def test_nobody_else_does(self, request, supervisor, other_supervisor, person):
        with pytest.raises(PermissionDenied):
            name(supervisor, other_supervisor, by=request.getfixturevalue(person))
        assert not Cover.objects.exists()

    @pytest.mark.parametrize(("starts", "ends"), [(0, 0), (5, 5), (-3, 3), (7, 20), (-7, 7)])
    def test_no_two_at_once(self, cover, supervisor, agency, starts, ends):
        third = factories.make_person("supervisor", agency=agency)
        with pytest.raises(NotNow, match=r"Otto Other already covers|cannot reach back"):
            name(supervisor, third, starts=starts, ends=ends)
        assert Cover.objects.get() == cover

    @pytest.mark.parametrize(("starts", "refused"), [(0, True), (7, True), (8, False)])
    def test_nobody_who_is_away_then(self, cover, supervisor, other_supervisor, agency, starts, refused):
        """Two who stand in for each other would leave both queues to nobody."""
        third = factories.make_person("supervisor", agency=agency)
        if refused:
            with pytest.raises(NotNow, match="is away then: Otto Other covers for them from"):
                name(third, supervisor, starts=starts, ends=9)
        else:
            name(third, supervisor, starts=starts, ends=9)
        assert Cover.objects.count() == (1 if refused else 2)

    def test_the_day_after_is_free(self, cover, supervisor, agency):
        third = factories.make_person("supervisor", agency=agency)
        name(supervisor, third, starts=8, ends=9)
        assert Cover.objects.count() == 2

    def test_the_past_and_a_turned_span_are_refused(self, supervisor, other_supervisor):
        with pytest.raises(NotNow, match="cannot reach back"):
            name(supervisor, other_supervisor, starts=-1)
        with pytest.raises(NotNow, match="before the first"):
            name(supervisor, other_supervisor, starts=3, ends=2)

    def test_only_an_active_supervisor_of_the_agency_stands_in(self, supervisor, other_supervisor, clinician):
        elsewhere = factories.make_person("supervisor")
        other_supervisor.is_active = False
        other_supervisor.save()
        for person in (elsewhere, other_supervisor, clinician, supervisor):
            with pytest.raises(NotNow, match="choose an active supervisor of the same agency"):
                name(supervisor, person)


class TestEnd:
    def test_now(self, cover, submitted, supervisor, other_supervisor):
        actions.end_cover(cover, by=supervisor)
        assert Cover.objects.get().ends == factories.days(-1)
        assert not Assessment.objects.awaiting_review_by(other_supervisor).exists()
        assert Event.objects.filter(action="cover.end").count() == 1

    def test_one_to_come_is_called_off(self, supervisor, other_supervisor):
        actions.end_cover(name(supervisor, other_supervisor, starts=3), by=supervisor)
        assert not Cover.objects.exists()
        assert Event.objects.get(action="cover.end").detail["starts"] == factories.days(3).isoformat()

    def test_one_that_began_today_is_taken_away(self, supervisor, other_supervisor):
        actions.end_cover(name(supervisor, other_supervisor), by=supervisor)
        assert not Cover.objects.exists()

    def test_twice(self, cover, supervisor):
        actions.end_cover(cover, by=supervisor)
        with pytest.raises(NotNow, match="already over"):
            actions.end_cover(cover, by=supervisor)
        assert Event.objects.filter(action="cover.end").count() == 1

    def test_not_by_the_one_who_stands_in(self, cover, other_supervisor):
        with pytest.raises(PermissionDenied):
            actions.end_cover(cover, by=other_supervisor)


class TestPage:
    def test_anonymous(self, client, db):
        assert client.get(URL).status_code == 302

    @pytest.mark.parametrize("person", ["clinician", "administrator"])
    def test_wrong_role(self, client, request, cover, person):
        client.force_login(request.getfixturevalue(person))
        assert client.get(URL).status_code == 403
        assert client.post(f"{URL}{cover.pk}/end/").status_code == 403
        assert Cover.objects.get().ends == cover.ends

    def test_a_supervisor_names_and_ends_their_own(self, client, supervisor, other_supervisor):
        client.force_login(supervisor)
        data = {"cover": other_supervisor.pk, "starts": factories.days(0), "ends": factories.days(3)}
        assert client.post(URL, data).status_code == 302
        made = Cover.objects.get()
        assert (made.supervisor, made.named_by) == (supervisor, supervisor)
        assert "Otto Other for Sana Supervisor" in client.get(URL).content.decode()
        assert client.post(f"{URL}{made.pk}/end/").status_code == 302
        assert not Cover.objects.exists()

    def test_a_supervisor_sees_whom_they_cover(self, client, cover, other_supervisor):
        client.force_login(other_supervisor)
        page = client.get(URL).content.decode()
        assert "For Sana Supervisor" in page
        assert client.post(f"{URL}{cover.pk}/end/").status_code == 404

    def test_a_supervisor_cannot_name_one_for_somebody_else(
        self, client, supervisor, other_supervisor, agency
    ):
        third = factories.make_person("supervisor", agency=agency)
        client.force_login(supervisor)
        client.post(
            URL,
            {
                "supervisor": other_supervisor.pk,
                "cover": third.pk,
                "starts": factories.days(0),
                "ends": factories.days(3),
            },
        )
        assert Cover.objects.get().supervisor == supervisor

    def test_a_coordinator_names_one_where_they_see_cases(
        self, client, case, supervisor, other_supervisor, coordinator
    ):
        elsewhere = factories.make_person("supervisor", name="Else Elsewhere")
        client.force_login(coordinator)
        page = client.get(URL).content.decode()
        assert "Sana Supervisor, Northfield" in page
        assert "Else Elsewhere" not in page
        data = {"supervisor": supervisor.pk, "starts": factories.days(0), "ends": factories.days(3)}
        refused = client.post(URL, {**data, "cover": elsewhere.pk})
        assert refused.status_code == 200
        assert "Select a valid choice" in refused.content.decode()
        assert client.post(URL, {**data, "cover": supervisor.pk}).status_code == 200
        assert client.post(URL, {**data, "cover": other_supervisor.pk}).status_code == 302
        assert client.post(f"{URL}{Cover.objects.get().pk}/end/").status_code == 302

    def test_a_coordinator_of_another_region_is_offered_nobody(self, client, case, cover, supervisor):
        client.force_login(factories.make_coordinator(factories.make_region("Elsewhere")))
        assert "Sana Supervisor" not in client.get(URL).content.decode()
        assert client.post(f"{URL}{cover.pk}/end/").status_code == 404

    def test_an_overlap_keeps_what_was_typed(self, client, cover, supervisor, agency):
        third = factories.make_person("supervisor", agency=agency)
        client.force_login(supervisor)
        data = {"cover": third.pk, "starts": factories.days(2), "ends": factories.days(3)}
        response = client.post(URL, data)
        assert response.status_code == 409
        page = response.content.decode()
        assert "Otto Other already covers" in page
        assert f'value="{factories.days(3)}"' in page

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"starts": "yesterday"}, "Enter a valid date."),
            ({"ends": ""}, "This field is required."),
            ({"starts": factories.days(-1)}, "cannot reach back"),
            ({"ends": factories.days(-1)}, "before the first"),
            ({"cover": "0"}, "Select a valid choice"),
        ],
    )
    def test_bad_input(self, client, supervisor, other_supervisor, change, sentence):
        client.force_login(supervisor)
        data = {"cover": other_supervisor.pk, "starts": factories.days(0), "ends": factories.days(3)}
        response = client.post(URL, {**data, **change})
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert not Cover.objects.exists()

    def test_ending_one_that_is_over(self, client, cover, supervisor):
        Cover.objects.update(ends=factories.days(-1))
        client.force_login(supervisor)
        response = client.post(f"{URL}{cover.pk}/end/")
        assert response.status_code == 409
        assert "already over" in response.content.decode()
