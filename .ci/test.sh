#!/bin/sh
# Everything that must hold before a commit, cheapest first; each step says how long it took. Stops at the first failure.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin
began=$(date +%s)

step() {
    title=$1
    shift
    step_began=$(date +%s)
    if ! "$@"; then
        echo "FAILED: $title after $(($(date +%s) - step_began)) s" >&2
        exit 1
    fi
    echo "ok: $title in $(($(date +%s) - step_began)) s" >&2
}

step "ruff check" "$bin/ruff" check --quiet .
step "ruff format" "$bin/ruff" format --check --quiet .
step "templates (djlint)" "$bin/djlint" templates --lint --quiet
step "types (mypy)" "$bin/mypy" --no-error-summary .
step "import contracts" "$bin/lint-imports" --no-logo
step "migrations" env DJANGO_SETTINGS_MODULE=config.test_settings "$bin/python" -m django makemigrations --check --dry-run
step "tests" "$bin/python" -m pytest -q -n "${WORKERS:-2}" --dist loadgroup
echo "Everything holds, in $(($(date +%s) - began)) s." >&2
