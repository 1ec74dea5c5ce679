#!/bin/sh
# Make the virtual environment: requirements/venv.sh FOLDER
# Takes $PYTHON, or else the first Python 3.11 or newer on PATH that can make one.
set -eu

folder=$1
fits='import sys; sys.exit(not (3, 11) <= sys.version_info < (4,))'
young=""

for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    python=$(command -v "$name" 2>/dev/null) || continue
    "$python" -c "$fits" 2>/dev/null || continue
    young=${young:-$python}
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        exec "$python" -m venv --clear "$folder"
    fi
done

if [ -z "$young" ]; then
    echo "Yizhan needs Python 3.11 or newer; none of: ${PYTHON:-python3 python3.13 python3.12 python3.11}. Set PYTHON=/path/to/python." >&2
    exit 1
fi

# Debian and Ubuntu keep venv in a package of its own.
version=$("$young" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "$young cannot make virtual environments. On Debian or Ubuntu: sudo apt install python$version-venv" >&2
    exit 1
fi
echo "Installing python$version-venv"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "python$version-venv" >/dev/null
exec "$young" -m venv --clear "$folder"
