from datetime import date

import pytest

from notifications.services.speaker import Speaker

PHRASES = {"en": {"due": "{units} of {name} by {day}"}, "de": {"due": "{units} von {name} bis {day}"}}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "1,200 of Oak table by 3 October 2026"),
        ("fr", "1,200 of Oak table by 3 October 2026"),
        ("de-AT", "1.200 von Oak table bis 3. Oktober 2026"),
    ],
)
def test_days_and_numbers_are_written_as_the_reader_writes_them(language, sentence):
    speaker = Speaker(PHRASES, language)

    assert speaker.say("due", units=1200, name="Oak table", day=date(2026, 10, 3)) == sentence
