import pytest
from django.core.cache import cache

PASSWORD = "the heron waits by the weir"


@pytest.fixture
def signs_in(clinician, client):
    clinician.set_password(PASSWORD)
    clinician.save()
    cache.clear()

    def sign_in(password=PASSWORD, username="clinician", **more):
        return client.post("/accounts/login/", {"login": username, "password": password} | more)

    return sign_in


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_a_page_without_sign_in_leads_there_and_back(client, signs_in):
    response = client.get("/cases/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/cases/"
    assert signs_in(next="/cases/")["Location"] == "/cases/"
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("username", "password"), [("clinician", "the heron waits by the wier"), ("nobody", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_name_are_told_alike(client, signs_in, username, password):
    response = signs_in(username=username, password=password)
    assert response.status_code == 200
    assert "The username and/or password you specified are not correct." in response.content.decode()
    assert not is_signed_in(client)


def test_a_person_who_was_disabled_cannot_sign_in(client, signs_in, clinician):
    clinician.is_active = False
    clinician.save()
    signs_in()
    assert not is_signed_in(client)


def test_guessing_is_throttled_per_account_and_the_right_password_too(client, signs_in):
    for number in range(10):
        signs_in(password=f"a guess, and not the first: {number}")
    assert "Too many failed login attempts" in signs_in().content.decode()
    assert not is_signed_in(client)


def test_the_next_page_is_never_another_site(client, signs_in):
    assert signs_in(next="https://elsewhere.example/")["Location"] == "/"


def test_nobody_signs_up_alone(client, signs_in, django_user_model):
    page = client.get("/accounts/signup/")
    assert "You cannot sign up here." in page.content.decode()
    fields = {"username": "newcomer", "email": "", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", fields)
    assert not django_user_model.objects.filter(username="newcomer").exists()


def test_signed_in_pages_stay_in_no_cache(client, signs_in):
    signs_in()
    assert client.get("/accounts/password/change/")["Cache-Control"] == "no-store"


def test_sign_out_takes_a_button_and_ends_the_session(client, signs_in):
    signs_in()
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)
