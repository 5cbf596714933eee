#!/bin/sh
# Runs the uv beside it in .venv with the package sources that pip is set up with: uv does not read pip's settings.
set -eu
bin="$(dirname "$0")/../.venv/bin"
settings="$("$bin/python" -m pip config list 2>/dev/null || true)"

# The value of one pip setting, the environment's first; several values come apart by single spaces.
setting() {
    printf '%s\n' "$settings" | sed -n "s/^[^=]*\.$1='\(.*\)'\$/\1/p" | head -n 1 |
        sed 's/\\n/ /g; s/^ *//; s/ *$//; s/  */ /g'
}

# Exports variable $1 with value $2, unless it is set already or there is nothing to say.
offer() {
    eval "have=\${$1:-}"
    [ -n "$have" ] || [ -z "$2" ] || export "$1=$2"
}

offer UV_DEFAULT_INDEX "$(setting index-url)"
offer UV_INDEX "$(setting extra-index-url)"
offer UV_FIND_LINKS "$(setting find-links | tr ' ' ',')"
offer SSL_CERT_FILE "$(setting cert)"
# pip looks at all its indexes and takes the best version; without this uv would stop at the first that has the name.
offer UV_INDEX_STRATEGY unsafe-best-match
exec "$bin/uv" "$@"
