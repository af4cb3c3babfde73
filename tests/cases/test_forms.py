"""The forms: what is missing or wrong is said beside the field, what was typed stays, acts happen."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from approvals.actions import submit
from cans.models import Assessment, Obligation
from cases import actions
from cases.models import Adult, Case, CaseEvent, Child, Collateral, Service, ServiceFinding, ServiceKind
from staff.dates import written
from tests import factories
from tests.factories import days
from tests.html_forms import forms_of


@pytest.fixture
def signed_in(client, clinician):
    client.force_login(clinician)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def text(response):
    return response.content.decode()


NEW_CASE = {
    "number": "C-100",
    "name": "Wholly-Invented",
    "county": "Cook",
    "lan": "5",
    "referred_on": days(-9),
    "referral_source": "Department",
    "opened": days(-2),
    "authorised_through": days(170),
}


class TestNewCase:
    @pytest.fixture
    def typed(self, db):
        return NEW_CASE | {"region": factories.make_region("Invented Cook").pk}

    def test_it_opens(self, signed_in, typed, clinician):
        response = signed_in.post("/cases/new/", typed, follow=True)
        case = Case.objects.get()
        assert response.redirect_chain == [(case.get_absolute_url(), 302)]
        assert "The case is open" in text(response)
        assert case.assignments.get().person == clinician

    def test_nothing_typed(self, signed_in):
        response = signed_in.post("/cases/new/", {})
        assert response.status_code == 400
        assert text(response).count("errorlist") >= 8
        assert not Case.objects.exists()

    def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(self, signed_in, typed, case):
        response = signed_in.post("/cases/new/", typed | {"number": case.number, "opened": days(3)})
        assert response.status_code == 400
        assert "on record already" in response.context["form"].errors["number"][0]
        assert "Wholly-Invented" in text(response)
        response = signed_in.post("/cases/new/", typed | {"opened": days(3)})
        assert "has not come yet" in response.context["form"].errors["opened"][0]

    def test_a_supervisor_names_the_primary_worker(
        self, client, typed, supervisor, clinician, other_supervisor
    ):
        client.force_login(supervisor)
        for primary in ("", other_supervisor.pk, 10**30):
            response = client.post("/cases/new/", typed | {"primary": primary})
            assert response.context["form"].errors["primary"] == ["Choose one."]
        client.post("/cases/new/", typed | {"primary": clinician.pk})
        assert Case.objects.get().assignments.get().person == clinician


class TestEpisode:
    def test_a_stale_page_is_refused_and_keeps_what_was_typed(self, signed_in, case, episode, clinician):
        actions.edit_case(case, by=clinician, county="Lake")
        typed = {"closed": days(-1), "closing_reason": "stable", "note": "Typed before.", "version": 1}
        response = signed_in.post(url("close", case.pk, episode.pk), typed)
        assert response.status_code == 409
        assert "Somebody else changed this" in text(response)
        assert "Typed before." in text(response)
        episode.refresh_from_db()
        assert episode.closed is None

    def test_close_undo_reopen(self, signed_in, case, episode):
        def post(name, *args, **typed):
            case.refresh_from_db()
            response = signed_in.post(url(name, case.pk, *args), typed | {"version": case.version})
            assert response.status_code == 302, response.context["form"].errors
            episode.refresh_from_db()

        post("close", episode.pk, closed=days(-3), closing_reason="stable")
        assert episode.closed == days(-3)
        post("undo_closing", episode.pk, reason="Wrong family.")
        assert episode.closed is None
        post("close", episode.pk, closed=days(-3), closing_reason="stable")
        post("reopen", opened=days(-1), authorised_through=days(99))
        assert case.episodes.count() == 2
        page = text(signed_in.get(case.get_absolute_url()))
        assert "IPS opened again" in page
        assert "Undo the closing" not in page

    def test_a_wrong_moment_is_409(self, signed_in, case, episode):
        typed = {"reason": "Wrong family.", "version": case.version}
        assert signed_in.post(url("undo_closing", case.pk, episode.pk), typed).status_code == 409

    def test_a_closing_cans_is_spoken_of_only_where_one_is_due(
        self, signed_in, case, ready_draft, episode, clinician
    ):
        sibling = factories.make_child(case)
        close = url("close", case.pk, episode.pk)
        submit(ready_draft, by=clinician)
        typed = {"closed": days(0), "closing_reason": "stable", "version": case.version}
        page = text(signed_in.post(close, typed, follow=True))
        assert f"A closing CANS is due by {written(days(30))} for {sibling.name}." in page

    def test_nor_where_there_is_nobody(self, signed_in, case, episode):
        typed = {"closed": days(0), "closing_reason": "stable", "version": case.version}
        page = text(signed_in.post(url("close", case.pk, episode.pk), typed, follow=True))
        assert "IPS is closed.</" in page

    def test_an_extension_without_a_cans_needs_a_reason(self, signed_in, case, child, episode):
        typed = {"requested": days(-1), "version": case.version}
        response = signed_in.post(url("extend", case.pk, episode.pk), typed)
        assert response.status_code == 400
        assert "Robin Plainly-Invented" in response.context["form"].errors["reason"][0]
        assert not episode.extensions.exists()
        assert not Obligation.objects.filter(kind="extension").exists()
        typed["reason"] = "The family was away."
        assert signed_in.post(url("extend", case.pk, episode.pk), typed).status_code == 302
        assert Obligation.objects.current().get(kind="extension").status() == "missed"

    def test_an_extension_with_a_cans_needs_none(self, signed_in, case, ready_draft, episode, clinician):
        submit(ready_draft, by=clinician)
        typed = {"requested": days(0), "version": case.version}
        assert signed_in.post(url("extend", case.pk, episode.pk), typed).status_code == 302
        assert Obligation.objects.current().get(kind="extension").met_by == ready_draft

    def test_the_decision(self, signed_in, case, episode, clinician):
        extension = actions.request_extension(episode, by=clinician, requested=days(-3))
        case.refresh_from_db()
        typed = {"decided": days(0), "granted": "yes", "version": case.version}
        response = signed_in.post(url("decide", case.pk, extension.pk), typed)
        assert "authorised_through" in response.context["form"].errors
        typed["authorised_through"] = days(300)
        assert signed_in.post(url("decide", case.pk, extension.pk), typed).status_code == 302
        extension.refresh_from_db()
        assert extension.granted is True

    def test_the_corrected_extension(self, client, case, child, episode, clinician, coordinator):
        extension = actions.request_extension(episode, by=clinician, requested=days(-3), reason="No time.")
        actions.decide_extension(extension, by=clinician, decided=days(-1), granted=False)
        client.force_login(coordinator)
        address = url("correct_extension", case.pk, extension.pk)
        assert address in text(client.get(case.get_absolute_url()))
        shown = client.get(address).context["form"]
        assert (shown["granted"].value(), shown["decided"].value()) == ("no", days(-1))
        case.refresh_from_db()
        typed = {"requested": days(-5), "granted": "none", "because": "Misread.", "version": case.version}
        response = client.post(address, typed)
        assert "Robin Plainly-Invented" in response.context["form"].errors["reason"][0]
        extension.refresh_from_db()
        assert extension.requested == days(-3)
        assert client.post(address, typed | {"reason": "The family was away."}).status_code == 302
        extension.refresh_from_db()
        assert (extension.requested, extension.granted) == (days(-5), None)

    def test_the_withdrawn_extension(self, client, case, child, episode, clinician, coordinator):
        extension = actions.request_extension(episode, by=clinician, requested=days(-3), reason="No time.")
        client.force_login(coordinator)
        address = url("withdraw_extension", case.pk, extension.pk)
        assert address in text(client.get(case.get_absolute_url()))
        case.refresh_from_db()
        typed = {"because": "Another family.", "version": case.version}
        assert client.post(address, typed).status_code == 302
        assert client.post(address, typed | {"version": case.version + 1}).status_code == 409
        assert not Obligation.objects.current().filter(kind="extension").exists()

    def test_the_corrected_opening(self, client, case, child, episode, coordinator):
        client.force_login(coordinator)
        shown = client.get(url("correct_opening", case.pk, episode.pk)).context["form"]
        assert shown["authorised_through"].value() == episode.authorised_through
        typed = {"opened": days(-15), "reason": "Misread.", "version": case.version}
        response = client.post(url("correct_opening", case.pk, episode.pk), typed)
        assert set(response.context["form"].errors) == {"authorised_through"}
        typed["authorised_through"] = days(99)
        assert client.post(url("correct_opening", case.pk, episode.pk), typed).status_code == 302
        assert Obligation.objects.current().get().due == days(15)
        episode.refresh_from_db()
        assert episode.authorised_through == days(99)

    def test_the_corrected_closing(self, client, case, child, episode, clinician, coordinator):
        actions.close_episode(episode, by=clinician, closed=days(-5), closing_reason="stable")
        client.force_login(coordinator)
        address = url("correct_closing", case.pk, episode.pk)
        assert client.get(address).context["form"]["closed"].value() == days(-5)
        case.refresh_from_db()
        typed = {"closed": days(-6), "reason": "Misread.", "version": case.version}
        assert client.post(address, typed).status_code == 302
        assert Obligation.objects.current().get(kind="closing").target == days(-6)


class TestPeople:
    def test_search_before_adding_a_child(self, signed_in, case, child, clinician):
        hidden = factories.make_child(factories.make_case(), name="Robin Hidden")
        find = url("find_child", case.pk)
        page = text(signed_in.get(find, {"q": "robin"}))
        assert child.person_number in page
        assert "Hidden" not in page
        page = text(signed_in.get(find, {"q": hidden.person_number}))
        assert "Ask your coordinator" in page
        assert "Hidden" not in page
        assert "Add a new child" not in page
        assert signed_in.get(url("join_child", case.pk, hidden.pk)).status_code == 404
        assert "Write a name" in text(signed_in.get(find, {"q": ""}))

    def test_a_new_child(self, signed_in, case):
        typed = {"person_number": "700-1", "name": "Newt", "born": days(-2000), "joined": days(-5)}
        assert signed_in.post(url("add_child", case.pk), typed).status_code == 302
        assert Obligation.objects.current().get(child__name="Newt").due == days(25)

    def test_a_new_childs_number_in_use_elsewhere(self, signed_in, case):
        hidden = factories.make_child(factories.make_case())
        typed = {
            "person_number": hidden.person_number,
            "name": "Newt",
            "born": days(-2000),
            "joined": days(-5),
        }
        response = signed_in.post(url("add_child", case.pk), typed)
        assert "ask your coordinator" in response.context["form"].errors["person_number"][0]
        assert Child.objects.count() == 1

    def test_status_leave_rejoin_correct(self, signed_in, case, child, stay):
        page = url("child", case.pk, child.pk)
        typed = {"kind": "placement", "value": "Relative home", "since": days(-9)}
        assert signed_in.post(url("status", case.pk, child.pk), typed).url == page
        assert signed_in.post(url("leave", case.pk, child.pk), {"left": days(-3)}).url == page
        assert signed_in.post(url("leave", case.pk, child.pk), {"left": days(-3)}).status_code == 409
        assert signed_in.post(url("join_child", case.pk, child.pk), {"joined": days(-1)}).status_code == 302
        again = child.memberships.get(left=None)
        typed = {"joined": days(-2), "left": "", "reason": "Typing error.", "version": again.version}
        assert signed_in.post(url("correct_stay", case.pk, again.pk), typed).url == page
        assert signed_in.get(page).status_code == 200

    def test_edit_child_and_adult(self, signed_in, case, child, caregiver):
        typed = {"person_number": "700-9", "name": "Robin", "born": child.born, "version": 1}
        edit = url("edit_child", case.pk, child.pk)
        assert signed_in.post(edit, typed).status_code == 302
        assert signed_in.post(edit, typed | {"name": "Lost"}).status_code == 409
        edit = url("edit_adult", case.pk, caregiver.pk)
        assert signed_in.post(edit, {"name": "Fay", "person_number": "", "version": 1}).status_code == 302
        caregiver.refresh_from_db()
        assert (caregiver.name, caregiver.person_number) == ("Fay", None)

    def test_a_name_is_found_however_it_is_written(self, signed_in, case, clinician):
        factories.make_child(case, name="Élodie Plainly-Invented")
        factories.make_case(primary=clinician, name="ÓConnor-Invented")
        for typed in ("élodie", "ÉLODIE P", "Élo"):
            assert "Élodie Plainly-Invented" in text(signed_in.get(url("find_child", case.pk), {"q": typed}))
        assert "ÓConnor-Invented" in text(signed_in.get("/cases/", {"q": "óconnor"}))

    def test_the_collateral_is_searched_first(self, signed_in, case, caregiver, clinician):
        hidden = factories.make_caregiver(
            factories.make_child(factories.make_case()), name="Fay Hidden-Example"
        )
        find = url("find_adult", case.pk)
        page = text(signed_in.get(find, {"q": "fay"}))
        assert "Fay Foster-Example" in page
        assert url("use_adult", case.pk, caregiver.pk) in page
        assert "Create a new person" in page
        assert "Hidden" not in page
        page = text(signed_in.get(find, {"q": hidden.person_number}))
        assert "Ask your coordinator" in page
        assert "Hidden" not in page
        assert "Create a new person" not in page
        assert signed_in.get(url("use_adult", case.pk, hidden.pk)).status_code == 404

    def test_a_new_collateral_who_cares_for_both_children(self, signed_in, case, child, stay):
        sibling = factories.make_child(case).memberships.get()
        typed = {
            "name": "Ada Invented-Aunt",
            "tie": "collateral",
            "relationship": "aunt",
            "in_home": "on",
            "starts": days(-4),
            f"cares_{stay.pk}": "on",
            f"role_{stay.pk}": "substitute",
            f"cares_{sibling.pk}": "on",
            f"role_{sibling.pk}": "substitute",
            f"relationship_{sibling.pk}": "great-aunt",
            f"starts_{sibling.pk}": days(-2),
        }
        assert signed_in.post(url("add_adult", case.pk), typed).status_code == 302
        adult = Adult.objects.get()
        assert Collateral.objects.get().adult == adult
        assert {(row.membership, row.relationship, row.starts) for row in adult.caregivings.all()} == {
            (stay, "aunt", days(-4)),
            (sibling, "great-aunt", days(-2)),
        }

    def test_what_is_wrong_with_an_adult(self, signed_in, case, child, stay, caregiver):
        typed = {"name": "Ada", "tie": "family", "relationship": "mother", "starts": days(-4)}
        add = url("add_adult", case.pk)

        def errors(**changed):
            response = signed_in.post(add, typed | changed)
            assert response.status_code == 400
            return response.context["form"].errors

        assert "for which" in errors()["tie"][0]
        assert f"role_{stay.pk}" in errors(**{f"cares_{stay.pk}": "on"})
        assert "Tick this too" in errors(**{f"role_{stay.pk}": "parent"})[f"cares_{stay.pk}"][0]
        assert "ask your coordinator" in errors(person_number=caregiver.person_number)["person_number"][0]
        substitute = {f"cares_{stay.pk}": "on", f"role_{stay.pk}": "substitute"}
        assert "as a collateral" in errors(**substitute)[f"role_{stay.pk}"][0]
        late = {f"cares_{stay.pk}": "on", f"role_{stay.pk}": "parent", f"starts_{stay.pk}": days(2)}
        assert "has not come yet" in errors(**late)[f"starts_{stay.pk}"][0]
        assert Adult.objects.count() == 1

    def test_what_is_said_is_true_of_who_cares_for_nobody(self, signed_in, case, stay):
        typed = {"name": "Lola Lodger", "tie": "collateral", "relationship": "lodger", "starts": days(-4)}
        add = url("add_adult", case.pk)
        page = text(signed_in.post(add, typed, follow=True))
        assert "as a collateral who cares for no child" in page
        assert "needs a sheet" not in page
        cares = {f"cares_{stay.pk}": "on", f"role_{stay.pk}": "substitute"}
        assert "needs a sheet" in text(signed_in.post(add, typed | cares, follow=True))

    def test_what_is_on_record_of_a_collateral_is_offered(self, signed_in, case, child, stay, clinician):
        sibling = factories.make_child(case).memberships.get()
        tie = {"relationship": "Foster mother", "in_home": True, "starts": days(-4)}
        fran = actions.add_adult(case, by=clinician, adult=Adult(name="Fran Foster"), collateral=tie)
        use = url("use_adult", case.pk, fran.pk)
        form = signed_in.get(use).context["form"]
        assert {name: form[name].value() for name in ("relationship", "starts")} == {
            "relationship": "Foster mother",
            "starts": days(-4),
        }
        assert form[f"in_home_{stay.pk}"].value() is True
        sent = {"relationship": "Foster mother", "starts": days(-4), f"in_home_{sibling.pk}": "on"}
        sent |= {f"cares_{stay.pk}": "on", f"role_{stay.pk}": "substitute", f"in_home_{stay.pk}": "on"}
        assert signed_in.post(use, sent).status_code == 302
        care = fran.caregivings.get()
        assert (care.membership, care.relationship, care.starts, care.in_home) == (
            stay,
            "Foster mother",
            days(-4),
            True,
        )

    @pytest.mark.parametrize(
        ("q", "number"), [("7-0042", "7-0042"), ("Robin", None), ("no. 7", None), ("", None)]
    )
    def test_the_number_that_was_searched_for_is_taken_over(self, signed_in, case, q, number):
        for find, add in [("find_child", "add_child"), ("find_adult", "add_adult")]:
            page = signed_in.get(url(find, case.pk), {"q": q})
            address = f"{url(add, case.pk)}?{urlencode({'q': q})}"
            assert (f'href="{address}"' in text(page)) is bool(q)
            form = signed_in.get(address).context["form"]
            assert form["person_number"].value() == number

    def test_an_existing_person_cares_for_one_more_child(self, signed_in, case, caregiver, stay):
        sibling = factories.make_child(case).memberships.get()
        use = url("use_adult", case.pk, caregiver.pk)
        page = text(signed_in.get(use))
        assert f"cares_{sibling.pk}" in page
        assert f"cares_{stay.pk}" not in page
        typed = {"relationship": "foster parent", "starts": days(-1)}
        assert "for which child" in text(signed_in.post(use, typed))
        typed |= {f"cares_{sibling.pk}": "on", f"role_{sibling.pk}": "substitute"}
        assert signed_in.post(use, typed).status_code == 302
        assert "cares for every child" in text(signed_in.get(use))
        assert Collateral.objects.count() == 1
        assert caregiver.caregivings.count() == 2

    def test_ending(self, signed_in, case, child, caregiver):
        care, row = caregiver.caregivings.get(), Collateral.objects.get()
        assert signed_in.post(url("end_caregiving", case.pk, care.pk), {"ends": days(-1)}).status_code == 302
        assert signed_in.post(url("end_collateral", case.pk, row.pk), {"ends": days(-1)}).status_code == 302
        assert signed_in.post(url("end_collateral", case.pk, row.pk), {"ends": days(-1)}).status_code == 409

    def test_correcting_a_caregiving_and_a_collateral(self, signed_in, case, child, caregiver):
        care, row = caregiver.caregivings.get(), Collateral.objects.get()
        page = url("child", case.pk, child.pk)
        address = url("correct_caregiving", case.pk, care.pk)
        assert address in text(signed_in.get(page))
        assert signed_in.get(address).context["form"]["starts"].value() == care.starts
        typed = {"role": "parent", "relationship": "mother", "starts": days(-30), "version": care.version}
        response = signed_in.post(address, typed)
        assert "reason" in response.context["form"].errors
        typed |= {"reason": "She is the mother.", "ends": days(-2)}
        assert signed_in.post(address, typed).url == page
        assert address in text(signed_in.get(page))  # among the earlier ones
        care.refresh_from_db()
        assert (care.role, care.in_home, care.ends) == ("parent", False, days(-2))
        address = url("correct_collateral", case.pk, row.pk)
        assert address in text(signed_in.get(case.get_absolute_url()))
        typed = {"relationship": "Friend", "in_home": "on", "starts": days(-9), "reason": "Misheard."}
        typed["version"] = row.version
        assert signed_in.post(address, typed).url == case.get_absolute_url()
        row.refresh_from_db()
        assert (row.relationship, row.starts) == ("Friend", days(-9))

    def test_the_sheet_of_an_open_cans_follows_the_corrected_role(
        self, signed_in, case, child, caregiver, ready_draft, clinician
    ):
        sheet = ready_draft.sheets.get(adult=caregiver)
        assert sheet.substitute
        address = url("correct_caregiving", case.pk, caregiver.caregivings.get().pk)

        def version():
            return caregiver.caregivings.get().version

        typed = {"role": "parent", "relationship": "mother", "starts": days(-20), "reason": "Misheard."}
        assert signed_in.post(address, typed | {"version": version()}).status_code == 302
        kept = sheet.ratings
        sheet.refresh_from_db()
        assert (sheet.substitute, sheet.ratings) == (False, kept)
        submit(ready_draft, by=clinician)
        typed |= {"role": "substitute", "version": version()}
        assert signed_in.post(address, typed).status_code == 302
        sheet.refresh_from_db()
        assert not sheet.substitute


class TestPagesFromBefore:
    """What somebody else corrected meanwhile is not taken back by a page that does not know of it."""

    @pytest.mark.parametrize("what", ["collateral", "caregiving", "stay", "service"])
    def test_is_refused(self, signed_in, case, child, stay, caregiver, what):
        kind = ServiceKind.objects.create(name="Invented Respite")
        service = Service.objects.create(membership=stay, kind=kind, provider="Nobody Inc", starts=days(-3))
        ServiceFinding.objects.create(service=service, code="life.sleep")
        row, address, changed = {
            "collateral": (Collateral.objects.get(), "correct_collateral", {"relationship": "aunt"}),
            "caregiving": (caregiver.caregivings.get(), "correct_caregiving", {"relationship": "aunt"}),
            "stay": (stay, "correct_stay", {"left": days(-2)}),
            "service": (service, "change_service", {"ends": days(9)}),
        }[what]
        page = url(address, case.pk, row.pk)
        typed = forms_of(signed_in.get(page))[-1].untouched() | {"reason": "It was otherwise."}
        assert signed_in.post(page, typed | changed).status_code == 302
        row.refresh_from_db()
        answer = signed_in.post(page, typed | {"reason": "Typed at length, from an old page."})
        assert answer.status_code == 409
        assert "Typed at length, from an old page." in text(answer) or what == "service"
        [(name, value)] = changed.items()
        assert getattr(row, name) == value

    def test_a_finding_that_was_added(self, signed_in, case, stay):
        kind = ServiceKind.objects.create(name="Invented Respite")
        service = Service.objects.create(membership=stay, kind=kind, provider="Nobody Inc", starts=days(-3))
        before = service.version
        ServiceFinding.objects.create(service=service, code="life.sleep")
        assert service.version != before


class TestAssignments:
    def test_a_parallel_worker(self, signed_in, case, colleague):
        typed = {"person": colleague.pk, "kind": "parallel", "starts": days(0), "role": "Therapist"}
        add = url("assign", case.pk)
        assert "role" in signed_in.post(add, typed | {"role": ""}).context["form"].errors
        assert "kind" in signed_in.post(add, typed | {"kind": "primary"}).context["form"].errors
        assert "kind" in signed_in.post(add, typed | {"kind": "review"}).context["form"].errors
        assert signed_in.post(add, typed).status_code == 302
        assert Case.objects.visible_to(colleague).exists()

    def test_only_people_of_the_agency_are_offered(self, signed_in, case, stranger, colleague):
        people = signed_in.get(url("assign", case.pk)).context["form"].fields["person"].queryset
        assert colleague in people
        assert stranger not in people

    def test_due_dates_left_behind_ask_who_inherits_them(self, client, case, child, supervisor, colleague):
        client.force_login(supervisor)
        end = url("end_assignment", case.pk, case.assignments.get().pk)
        assert "A CANS of Robin Plainly-Invented due" in text(client.get(end))
        response = client.post(end, {"last_day": days(-1)})
        assert response.status_code == 400
        assert "inheritor" in response.context["form"].errors
        assert client.post(end, {"last_day": days(-1), "inheritor": colleague.pk}).status_code == 302
        assert case.assignments.get(ends=None).person == colleague

    def test_a_parallel_workers_draft_asks_too(self, signed_in, case, child, parallel, colleague):
        row = case.assignments.get(kind="parallel")
        end = url("end_assignment", case.pk, row.pk)
        factories.make_draft(child, author=parallel)
        response = signed_in.post(end, {"last_day": days(0)})
        assert "An open CANS of Robin" in text(response)
        assert "inheritor" in response.context["form"].errors
        row.refresh_from_db()
        assert row.ends is None
        assert not CaseEvent.objects.exists()
        assert signed_in.post(end, {"last_day": days(0), "inheritor": colleague.pk}).status_code == 302
        assert case.assignments.get(person=colleague, ends=None).starts == days(1)
        assert Assessment.objects.get(child=child).author == colleague
        assert f"The CANS of {child} that {parallel} began goes to {colleague}" in text(
            signed_in.get(case.get_absolute_url())
        )

    def test_a_parallel_worker_who_leaves_nothing_needs_nobody(self, signed_in, case, child, parallel):
        end = url("end_assignment", case.pk, case.assignments.get(kind="parallel").pk)
        assert signed_in.post(end, {"last_day": days(0)}).status_code == 302

    def test_transfer(self, client, case, coordinator, clinician):
        receiver = factories.make_person("supervisor")
        client.force_login(coordinator)
        typed = {
            "agency": receiver.agency.pk,
            "supervisor": receiver.pk,
            "reason": "The family moved.",
            "version": case.version,
        }
        assert client.post(url("transfer", case.pk), typed).status_code == 302
        assert client.post(url("transfer", case.pk), typed).status_code in {400, 409}
        client.force_login(clinician)
        assert client.get(case.get_absolute_url()).status_code == 404


class TestServices:
    def test_give_and_change(self, signed_in, case, child):
        factories.make_instrument()
        kind = ServiceKind.objects.create(name="Invented Respite")
        add = url("add_service", case.pk, child.pk)
        typed = {"kind": kind.pk, "provider": "Nobody Inc", "starts": days(-2)}
        response = signed_in.post(add, typed)
        assert "at least one CANS finding" in response.context["form"].errors["findings"][0]
        assert "Sleep" in text(response)
        assert signed_in.post(add, typed | {"findings": ["no.such"]}).status_code == 400
        assert signed_in.post(add, typed | {"findings": ["life.sleep"]}).status_code == 302
        change = url("change_service", case.pk, Service.objects.get().pk)
        typed = {"provider": "Other", "starts": days(-2), "ends": days(0), "findings": ["life.sleep"]}
        typed |= {"version": Service.objects.get().version}
        assert signed_in.post(change, typed).status_code == 302
        assert Service.objects.get().ends == days(0)

    def test_the_array(self, client, coordinator):
        client.force_login(coordinator)
        assert client.post("/cases/services/", {"name": "Invented Tutoring"}).status_code == 302
        assert client.post("/cases/services/", {"name": "Invented Tutoring"}).status_code == 400
        kind = ServiceKind.objects.get(name="Invented Tutoring")
        assert client.post(url("service_retire", kind.pk)).status_code == 302
        assert client.post(url("service_retire", kind.pk)).status_code == 409
        assert client.post(url("service_restore", kind.pk)).status_code == 302
        assert ServiceKind.objects.get(pk=kind.pk).active
