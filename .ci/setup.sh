#!/bin/sh
# The virtual environment .venv with everything that runs and tests, or with what the file named first lists.
# uv when pip can fetch it, else pip itself.
set -eu
cd "$(dirname "$0")/.."

if ! command -v "$PYTHON" >/dev/null 2>&1; then
    echo "There is no $PYTHON here: install Python 3.11 or newer, or name one: make setup PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$PYTHON is $("$PYTHON" -V 2>&1); Backorder Desk needs 3.11 or newer: make setup PYTHON=/path/to/python3.11" >&2
    exit 1
fi

seconds() { date +%s; }
began=$(seconds)
bin=.venv/bin
packages=${1:-requirements-dev.txt}
if ! [ -x "$bin/python" ] || ! "$bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Making .venv with $("$PYTHON" -V 2>&1) …" >&2
    if ! "$PYTHON" -m venv --clear .venv; then
        echo "The virtual environment could not be made; on Debian and Ubuntu: apt install python3-venv" >&2
        exit 1
    fi
fi

export UV_SYSTEM_CERTS=1 PIP_DISABLE_PIP_VERSION_CHECK=1
if ! "$bin/uv" --version 2>/dev/null | grep -q "^uv $UV_VERSION\b"; then
    "$bin/python" -m pip install --quiet "uv==$UV_VERSION" || echo "uv could not be installed: using pip." >&2
fi
echo "Installing the packages …" >&2
if ! { [ -x "$bin/uv" ] && "$bin/uv" pip install --quiet --python "$bin/python" --require-hashes -r "$packages"; }; then
    "$bin/python" -m pip install --quiet --require-hashes -r "$packages"
fi
# Imports everything once: a broken installation shows here, and the byte code is there when the desk starts.
DEBUG=true DATABASE_URL=postgresql://127.0.0.1/desk REDIS_URL=redis://127.0.0.1 "$bin/python" manage.py check >/dev/null
if [ "$packages" = requirements-dev.txt ]; then touch .venv/.ready; fi
echo "Set up in $(($(seconds) - began)) s" >&2
