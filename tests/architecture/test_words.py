"""Readers meet the trade's words only: words of the engine room appear in no page, message, email or refusal."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import BASE_DIR

APPS = ("backorders", "config", "customers", "inventory", "notifications")
ENGINE_ROOM = re.compile(
    r"\b(pools?|shards?|served|pegs?|pegged|pegging|told|foretold|queue dates?|supply versions?)\b", re.IGNORECASE
)
SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|RAISE|BEGIN|FROM|WHERE|JOIN|NEW\.|OLD\.)")
# Sentences for developers and for the log; nobody else reads them.
FOR_DEVELOPERS = ("management/seeding/", "management/bench/", "engine/forecasting/rehearsal", "embedded/", "supervisor")


def sentences_of_code(path: Path) -> Iterator[str]:
    """The string constants of a module that read as words, without docstrings, log lines and SQL."""
    tree = ast.parse(path.read_text("utf-8"))
    hidden: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            hidden.add(id(node.body[0].value))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(
            ("logger.", "ValueError", "AssertionError")
        ):
            hidden |= {id(child) for child in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) not in hidden and isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if " " in text.strip() and not SQL.search(text) and not text.lstrip().startswith("<"):
                yield text


def text_of_template(path: Path) -> str:
    """What a reader sees of a template: its text and the words in its attributes, without tags, code and comments."""
    text = re.sub(r"\{#.*?#\}|<!--.*?-->|\{% comment.*?endcomment %\}", " ", path.read_text("utf-8"), flags=re.DOTALL)
    literals = re.findall(r'"([^"{}<>=]* [^"{}<>=]*)"', " ".join(re.findall(r"\{%.*?%\}", text, flags=re.DOTALL)))
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    spoken = re.findall(r'(?:title|aria-label|placeholder|alt|data-confirm[a-z-]*|data-label)="([^"]*)"', text)
    return " ".join([re.sub(r"<[^>]*>", " ", text, flags=re.DOTALL), *spoken, *literals])


@pytest.mark.parametrize("app", APPS)
def test_no_sentence_of_the_code_has_a_word_of_the_engine_room(app):
    paths = [path for path in sorted((BASE_DIR / app).rglob("*.py")) if "migrations" not in path.parts]

    wrong = [
        f"{path.relative_to(BASE_DIR)}: {sentence}"
        for path in paths
        if not any(part in str(path) for part in FOR_DEVELOPERS)
        for sentence in sentences_of_code(path)
        if ENGINE_ROOM.search(sentence)
    ]

    assert wrong == []


def test_no_template_has_a_word_of_the_engine_room():
    paths = [path for path in sorted((BASE_DIR / "templates").rglob("*")) if path.suffix in {".html", ".txt"}]

    wrong = [
        f"{path.relative_to(BASE_DIR)}: {word}"
        for path in paths
        for word in ENGINE_ROOM.findall(text_of_template(path))
    ]

    assert wrong == []
