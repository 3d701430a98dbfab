#!/bin/sh
# Sets up and passes the tests, on SQLite and on a real PostgreSQL that comes by pip.
set -e
cd "$(dirname "$0")"
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -e '.[dev]'
exec .venv/bin/python -m pytest "$@"
