#!/bin/sh
# Sets up and opens the screens on a made-up company, in a throwaway store.
set -e
cd "$(dirname "$0")"
[ -x .venv/bin/crm-tui ] || { python3 -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check -e .; }
exec .venv/bin/crm-tui "$@" demo
