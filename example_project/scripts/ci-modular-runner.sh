#!/bin/sh
# Run CI modules by name: ./scripts/ci-modular-runner.sh fast | full | MODULE...
# `fast` touches nothing of the engine; `full` also builds the images and wants the stack to be up and healthy.
set -u
cd "$(dirname "$0")/.." || exit 2

FAST="config lint unit"
FULL="$FAST images status"

module_config() { docker compose config --quiet; }
module_lint() { python3 scripts/lint.py; }
module_unit() { python3 -B -m unittest --quiet unit/test_*.py; }
module_images() { INFRAGATE_BASE_IMAGE=$(./scripts/base-image.sh) docker compose build --quiet; }
module_status() { python3 scripts/mcp_status.py; }

usage() {
    echo "usage: $0 fast | full | MODULE...   modules: $FULL" >&2
    exit 2
}

case "${1:-}" in
    "") usage ;;
    fast) modules=$FAST ;;
    full) modules=$FULL ;;
    *) modules=$* ;;
esac

failed=0
for module in $modules; do
    case " $FULL " in
        *" $module "*) ;;
        *) usage ;;
    esac
    if output=$("module_$module" 2>&1); then
        printf 'module %-8s ok\n' "$module"
    else
        printf 'module %-8s failed\n' "$module"
        printf '%s\n' "$output" | sed 's/^/    /'
        failed=$((failed + 1))
    fi
done
[ "$failed" -eq 0 ] || { echo "ci-modular-runner: $failed failed"; exit 1; }
