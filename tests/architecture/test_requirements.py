"""What runs imports only what requirements.txt installs: a production has none of the tools of development."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

from config.embedded import BASE_DIR

OWN = ("config", "backorders", "inventory", "customers", "notifications")


def pinned(file_name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+)(?:\[.+\])?==", (BASE_DIR / file_name).read_text(), re.MULTILINE))


def imported() -> dict[str, str]:
    """Every package that a module of ours imports, and one such module."""
    found: dict[str, str] = {}
    for file in [BASE_DIR / "manage.py", *(path for app in OWN for path in (BASE_DIR / app).rglob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            found |= {name.split(".")[0]: str(file.relative_to(BASE_DIR)) for name in names}
    return {name: file for name, file in found.items() if name not in sys.stdlib_module_names and name not in OWN}


def test_what_runs_imports_only_what_production_installs():
    installs, known = pinned("requirements.txt"), packages_distributions()

    missing = {
        name: file
        for name, file in imported().items()
        if not installs & {re.sub(r"[-_.]+", "-", found).lower() for found in known.get(name, [])}
    }

    assert missing == {}
    assert "django" in installs
    assert "pytest" not in installs
    assert {"pytest", "mypy", "ruff"} <= pinned("requirements-dev.txt")
