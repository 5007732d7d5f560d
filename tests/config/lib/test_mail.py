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


def test_nobody_else_reads_the_emails_of_a_development_machine(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_FILE_PATH.mkdir(mode=0o755)

    EmlFileBackend().send_messages(
        [EmailMultiAlternatives("Hello", "Good day", "desk@example.com", ["ada@example.com"])]
    )

    [file] = settings.EMAIL_FILE_PATH.iterdir()
    assert [path.stat().st_mode & 0o777 for path in (settings.EMAIL_FILE_PATH, file)] == [0o700, 0o600]
