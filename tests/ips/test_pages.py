"""Home and one's own page, for every role: they open, and say what is theirs. Help: tests/guidance."""

import pytest

from staff.models import User


@pytest.fixture
def superuser(db):
    return User.objects.create_superuser("root", password="a password for tests", name="Rory Root")


ROLES = ["clinician", "supervisor", "coordinator", "administrator", "superuser"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("url", ["/", "/staff/me/"])
def test_open_to_everybody_who_is_signed_in(client, request, role, url, submitted):
    client.force_login(request.getfixturevalue(role))
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", ["/"])
def test_anonymous_is_asked_to_sign_in(client, db, url):
    assert client.get(url).status_code == 302


def test_the_superuser_is_told_that_no_case_is_open_to_them(client, superuser, submitted):
    client.force_login(superuser)
    page = client.get("/").content.decode()
    assert "no role, so no case" in page
    assert submitted.child.name not in page


def test_what_cannot_be_read_is_answered_with_a_page(client, db):
    cut_off = client.post("/accounts/login/", b"no parts", content_type="multipart/form-data")
    assert cut_off.status_code == 400
    assert "What was sent could not be read" in cut_off.content.decode()
