import pytest


@pytest.mark.django_db
def test_nobody_signs_up(client, django_user_model):
    client.post(
        "/accounts/signup/",
        {"username": "mallory", "password1": "a-long-password-1", "password2": "a-long-password-1"},
    )

    assert not django_user_model.objects.filter(username="mallory").exists()
