#!/bin/sh
# A Chromium for the browser tests: the one on PATH, else Debian's (as root), else Playwright's own download.
set -eu
cd "$(dirname "$0")/.."

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium* >/dev/null 2>&1; then exit 0; fi

echo "No Chromium here: installing one for the browser tests …" >&2
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    if DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core' >&2
    then exit 0; fi
fi
if .venv/bin/playwright install chromium >&2; then exit 0; fi
echo "No Chromium could be installed: put chromium or google-chrome on PATH, then run make test again." >&2
exit 1
