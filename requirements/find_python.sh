#!/bin/sh
# Creates the virtual environment given as $1 with a Python this project supports,
# or says plainly what to install. `make` passes a preferred interpreter in $PYTHON.
set -eu
venv="$1"

supported() {
    "$1" -c 'import sys; raise SystemExit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null
}

for candidate in "${PYTHON:-python3}" python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && supported "$candidate"; then
        python="$candidate"
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "This project needs Python 3.11 or 3.12, and neither was found on the path." >&2
    echo "Install one (Debian and Ubuntu: apt install python3.11 python3.11-venv)," >&2
    echo "or name it: make setup PYTHON=/path/to/python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "Python was found ($python), but its venv module is missing." >&2
    echo "Install it (Debian and Ubuntu: apt install python3-venv), then run the command again." >&2
    exit 1
fi
echo "Setting up $venv with $("$python" --version) (a minute or two the first time) ..."
"$python" -m venv --clear "$venv"
