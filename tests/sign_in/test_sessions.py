"""How long a sign-in lasts, and how it ends."""

import pytest
from django.test import Client

from staff import sessions
from staff.models import Session
from tests import factories

from .conftest import PASSWORD, at, is_signed_in

PAGE = "/staff/me/?page=2"


def assert_ended(client, response, why, page=PAGE):
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")
    assert not is_signed_in(client)
    shown = client.get(response["Location"]).content.decode()
    assert why in shown
    assert f'value="{page}"' in shown


def test_fourteen_idle_minutes_are_no_trouble(signed_in):
    with at(minutes=14, seconds=59):
        assert signed_in.get(PAGE).status_code == 200


def test_fifteen_idle_minutes_end_it_and_it_says_why(signed_in):
    with at(minutes=15):
        assert_ended(signed_in, signed_in.get(PAGE), sessions.IDLE)
    assert not Session.objects.filter(person__isnull=False).exists()


def test_what_was_said_of_a_child_ends_with_the_sign_in_it_was_said_to(client, supervisor, submitted):
    """The answer never came, so nobody has read it: the next one at this browser does not either."""
    with at(minutes=0):
        client.force_login(supervisor)
        client.get(f"/approvals/{submitted.pk}/")
        client.post(f"/approvals/{submitted.pk}/approve/", {"version": submitted.version})
    with at(minutes=16):
        shown = client.get("/", follow=True).content.decode()
        assert sessions.IDLE in shown
        assert submitted.child.name not in shown
        client.force_login(factories.make_person("clinician"))
        assert submitted.child.name not in client.get("/").content.decode()


def test_but_waits_for_them_while_they_are_signed_in(client, supervisor, submitted):
    client.force_login(supervisor)
    client.get(f"/approvals/{submitted.pk}/")
    client.post(f"/approvals/{submitted.pk}/approve/", {"version": submitted.version})
    assert f"Approved: {submitted.child.name}" in client.get("/").content.decode()


def test_whoever_works_on_is_not_idle(signed_in):
    for minutes in (10, 20, 30):
        with at(minutes=minutes):
            assert signed_in.get(PAGE).status_code == 200


def test_twelve_hours_end_it_however_busy(signed_in):
    for minutes in range(10, 12 * 60, 10):
        with at(minutes=minutes):
            assert signed_in.get("/staff/confirmed/").status_code == 200
    with at(hours=12):
        assert_ended(signed_in, signed_in.get(PAGE), sessions.TOO_LONG)


def test_what_was_being_typed_was_not_saved_and_it_says_so(signed_in):
    with at(minutes=16):
        response = signed_in.post(
            "/accounts/password/change/", {}, headers={"referer": f"http://testserver{PAGE}"}
        )
        assert_ended(signed_in, response, sessions.UNSAVED.strip(), f"http://testserver{PAGE}")


def test_another_site_is_no_page_to_go_back_to(signed_in):
    with at(minutes=16):
        response = signed_in.post("/staff/me/", {}, headers={"referer": "https://elsewhere.example/"})
    assert response["Location"] == "/accounts/login/?next=/"


def test_the_time_is_written_at_most_once_a_minute(signed_in, django_assert_max_num_queries):
    def writes(**passed):
        with at(**passed), django_assert_max_num_queries(30) as queries:
            signed_in.get("/staff/confirmed/")
        return [one["sql"] for one in queries if one["sql"].startswith(("UPDATE", "INSERT"))]

    assert writes(seconds=59) == []
    (written,) = writes(seconds=60)
    assert '"staff_session"' in written
    assert writes(seconds=119) == []


def test_somebody_who_is_disabled_is_out_at_once(signed_in, clinician):
    clinician.is_active = False
    clinician.save()
    with at(minutes=1):
        assert_ended(signed_in, signed_in.get(PAGE), sessions.INACTIVE)


def test_a_session_whose_row_is_gone_says_that_it_is_over(signed_in):
    Session.objects.all().delete()
    with at(minutes=1):
        assert_ended(signed_in, signed_in.get(PAGE), sessions.OVER)


def test_whoever_was_never_signed_in_is_told_nothing_of_the_kind(client, db):
    page = client.get(client.get(PAGE)["Location"]).content.decode()
    assert "You were signed out" not in page


def test_each_row_says_whose_it_is(signed_in, clinician):
    assert Session.objects.get().person == clinician


def test_sign_out_takes_a_button_and_leaves_nothing(signed_in):
    with at(minutes=1):
        assert signed_in.get("/accounts/logout/").status_code == 200
        assert is_signed_in(signed_in)
        response = signed_in.post("/accounts/logout/")
    assert response["Location"] == "/accounts/login/"
    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not Session.objects.exists()
    assert signed_in.cookies["sessionid"].value == ""


def test_a_key_from_before_the_sign_out_opens_nothing(signed_in):
    key = signed_in.cookies["sessionid"].value
    with at(minutes=1):
        signed_in.post("/accounts/logout/")
        thief = Client()
        thief.cookies["sessionid"] = key
        assert thief.get(PAGE).status_code == 302


def test_signed_in_pages_stay_in_no_cache(signed_in):
    with at(minutes=1):
        for path in ("/", "/staff/me/", "/accounts/password/change/", "/accounts/second-factor/"):
            assert signed_in.get(path)["Cache-Control"] == "no-store", path


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/second-factor/give/"])
def test_nor_do_the_pages_on_the_way_in(client, db, path):
    assert "no-store" in client.get(path)["Cache-Control"]


def test_the_sign_in_still_works_with_a_stale_cookie(client, signs_in):
    client.cookies["sessionid"] = "0" * 32
    assert signs_in(password=PASSWORD).status_code == 302
    assert client.get("/staff/me/").status_code == 200
