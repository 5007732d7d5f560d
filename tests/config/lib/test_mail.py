import email
from email import policy

from django.core.mail import EmailMultiAlternatives

from config.lib.mail import EmlFileBackend


def test_each_email_becomes_a_file_that_a_mail_program_can_open(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    message = EmailMultiAlternatives("Größe ändern", "Guten Tag", "desk@example.com", ["ada@example.com"])
    message.attach_alternative("<p>Guten Tag</p>", "text/html")

    sent = EmlFileBackend().send_messages([message, message])

    files = sorted(settings.EMAIL_FILE_PATH.iterdir())
    parsed = email.message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert (sent, len(files), {file.suffix for file in files}) == (2, 2, {".eml"})
    assert (parsed["Subject"], parsed["To"]) == ("Größe ändern", "ada@example.com")
