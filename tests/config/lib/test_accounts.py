import pytest
from django.utils.http import url_has_allowed_host_and_scheme


@pytest.mark.django_db
def test_nobody_signs_up(client, django_user_model):
    client.post(
        "/accounts/signup/",
        {"username": "mallory", "password1": "a-long-password-1", "password2": "a-long-password-1"},
    )

    assert not django_user_model.objects.filter(username="mallory").exists()


ELSEWHERE = [
    *("https://evil.example/", "http://evil.example", "//evil.example/", "///evil.example", "////evil.example/%2e%2e"),
    *("/\\evil.example", "\\\\evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example"),
    *("https:evil.example", "https:/evil.example", "https:///evil.example", "http:\\\\evil.example"),
    *("javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:alert(1)", "ftp://evil.example/"),
    *("https://testserver@evil.example/", "https://testserver.evil.example/", "//evil.example#testserver"),
    *("/\r\n//evil.example", "https://evil.example\\@testserver/", "\x00//evil.example"),
    *("http://[::1]@evil.example/", "/%09/evil.example/..;//evil.example"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ELSEWHERE)
def test_a_login_never_leads_off_the_site(client, django_user_model, address):
    django_user_model.objects.create_user("hannah", password="a-long-enough-word")

    answer = client.post("/accounts/login/", {"login": "hannah", "password": "a-long-enough-word", "next": address})

    assert answer.status_code == 302
    assert url_has_allowed_host_and_scheme(answer["Location"], {"testserver"})
    assert answer["Location"].startswith("/")
    assert not answer["Location"].startswith(("//", "/\\"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "127.0.0.1:80:80"]
)
def test_a_foreign_host_is_refused_and_a_forwarded_one_not_looked_at(client, host):
    assert client.get("/accounts/login/", headers={"Host": host}).status_code == 400

    page = client.get("/accounts/login/", headers={"X-Forwarded-Host": host})

    assert (page.status_code, "evil.example" in page.content.decode()) == (200, False)
