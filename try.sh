#!/bin/sh
# Sets up and runs the main job on a store of its own: made-up leads go in, the Leadometer and My Day come out.
set -e
cd "$(dirname "$0")"
[ -x .venv/bin/crm-tui ] || { python3 -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check -e .; }
store="$(mktemp -d)/try.db"
crm="env CRM_STORE=$store CRM_HOME=$(dirname "$store") .venv/bin/crm-tui --as noa"
$crm import samples/leads.csv || [ $? -eq 3 ]
$crm do < samples/morning.jsonl > "$store.answers"
echo; $crm show inbox --limit 12
echo; $crm show day
echo; echo "This was a throwaway store: $store"
