"""What the documents name exists, and what exists is named: a document that lies is worse than none."""

import json
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

from backorders.engine.allocation.pool import Strategy
from backorders.engine.policy.definition import FilterField, Operator, as_json
from backorders.engine.policy.ranking import SortField
from backorders.engine.policy.reader import parse_definition
from config.lib.glossary import GLOSSARY
from config.schedule import DAY, HOUR, MINUTE, SCHEDULE, Entry
from inventory.models import StockEntry

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
RECORDS = sorted(path for path in ROOT.glob("docs/decisions/*.md") if path.name != "README.md")
FOLDERS = ("", "backorders", "inventory")  # in whose words a document names a folder
OURS = ("config", "backorders", "inventory", "customers", "notifications")


def _text(name: str) -> str:
    return (ROOT / name).read_text()


def _part(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of the same rank."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _in_code(text: str) -> set[str]:
    """Words in backticks, outside of blocks of code."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_readme_is_read_to_its_end():
    assert len(_text("README.md").splitlines()) <= 300


@pytest.mark.parametrize("document", DOCUMENTS, ids=_names)
def test_every_link_leads_somewhere(document):
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
    inside = [link.partition("#") for link in links if "://" not in link]

    missing = [path for path, _, _ in inside if not (document.parent / path).exists()]
    unknown = [
        anchor
        for path, _, anchor in inside
        if anchor and anchor not in _anchors(document.parent / path if path else document)
    ]

    assert (missing, unknown) == ([], [])


@pytest.mark.parametrize("document", DOCUMENTS, ids=_names)
def test_every_file_and_folder_that_is_named_exists(document):
    named = _in_code(document.read_text())
    files = {word for word in named if re.fullmatch(r"[\w/.-]+/[\w.-]+\.(py|sql|html|md|toml|txt|sh|json)", word)}
    folders = {word for word in named if re.fullmatch(r"\w[\w/-]*/", word)}

    missing = {name for name in files if not (ROOT / name).is_file()}
    missing |= {name for name in folders if not any((ROOT / start / name).is_dir() for start in FOLDERS)}

    assert missing == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_names)
def test_the_documents_tell_nothing_of_the_workplace(document):
    found = re.findall(r"(?i)\bissue #?\d+|\.\./shared|/work/|/home/|\bsession of\b", document.read_text())

    assert found == []


def test_the_words_of_the_readme_are_those_of_the_glossary():
    words = re.findall(r"^- \*\*(.+?)\*\*: (.+)$", _part(_text("README.md"), "Words"), re.MULTILINE)

    assert tuple(words) == GLOSSARY


def test_the_readme_names_every_chapter():
    named = _in_code(_part(_text("README.md"), "The house"))
    chapters = {
        f"{path.parent.name}/" for app in ("backorders", "inventory") for path in ROOT.glob(f"{app}/*/__init__.py")
    }

    assert chapters - named == {"migrations/"}


def test_the_readme_names_every_command_and_no_other():
    named = set(
        re.findall(
            r"`([a-z_]+)", "\n".join(re.findall(r"^\| (.+?) \|", _part(_text("README.md"), "Commands"), re.MULTILINE))
        )
    )
    # `demo` is the launcher, which manage.py starts before anything of Django is loaded.
    ours = {name for name, app in get_commands().items() if app in OURS} - {"migrate"} | {"demo"}

    assert named == ours


def test_every_variable_is_explained():
    settings = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", _text("config/settings.py")))
    example = set(re.findall(r"^(?:# )?([A-Z_]+)=", _text(".env.example"), re.MULTILINE))
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", _text("docs/configuration.md"), re.MULTILINE))
    chosen = re.findall(r"^\| `([A-Z_]+)` \|", _part(_text("README.md"), "Ten variables"), re.MULTILINE)

    assert (settings - explained, example - explained, explained - settings) == (set(), set(), set())
    assert (len(chosen), set(chosen) - explained) == (10, set())


def test_the_operators_know_the_schedule():
    rows = re.findall(r"^\| (.+?) \| (.+?) \|", _part(_text("docs/operations.md"), "The schedule"), re.MULTILINE)

    assert rows[1:] == [(entry.name, _how_often(entry)) for entry in SCHEDULE]


def _how_often(entry: Entry) -> str:
    for seconds, unit in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "min"), (1, "s")):
        if entry.seconds and not entry.seconds % seconds:
            times = entry.seconds // seconds
            return unit if times == 1 else f"{times} {unit}"
    return entry.at


def test_the_data_model_names_triggers_that_are_there():
    table = _part(_text("docs/data-model.md"), "Which counter follows which ledger")
    named = {name for row in re.findall(r"^\|.+$", table, re.MULTILINE) for name in _in_code(row.split("|")[3])}
    there = {trigger.name for model in apps.get_models() for trigger in getattr(model._meta, "triggers", [])}

    assert StockEntry._meta.triggers[-1].name in named
    assert named - there == set()


def test_the_data_model_names_every_table():
    named = _in_code(_text("docs/data-model.md"))
    tables = {model.__name__ for model in apps.get_models() if model._meta.app_label in OURS}
    histories = {name for name in tables if name.endswith("Event") and name.removesuffix("Event") in tables}

    assert tables - histories - named == set()


def test_all_that_a_policy_can_say_is_told():
    text = _text("docs/policies.md")
    example = parse_definition(json.loads(re.findall(r"```json\n(.*?)```", text, re.DOTALL)[0]))
    classes = set(re.findall(r"^\| \*\*(\w+)\*\* \|", text, re.MULTILINE))

    assert {*FilterField, *SortField, *Operator, *as_json(example)} - {"segments", "rest"} - _in_code(text) == set()
    assert {name.upper() for name in classes} == {*Strategy}


@pytest.mark.parametrize("record", RECORDS, ids=_names)
def test_a_decision_has_three_parts_and_fits_on_a_screen(record):
    text = record.read_text()

    assert re.fullmatch(r"# \d{4} .+", text.splitlines()[0])
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequence"]
    assert len(text.splitlines()) <= 45


def test_the_index_of_decisions_is_complete():
    listed = re.findall(r"^- \[(\d{4})\]\((.+?)\) (.+)$", _text("docs/decisions/README.md"), re.MULTILINE)
    titles = [(path.name[:4], path.name, path.read_text().splitlines()[0][7:]) for path in RECORDS]

    assert listed == titles
