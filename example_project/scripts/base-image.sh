#!/bin/sh
# Print the image that the services are built from: the caller's choice, else the one that .env names when the engine
# has it, else a plain Debian (the Dockerfiles install what it lacks).
set -eu
cd "$(dirname "$0")/.."

if [ -n "${INFRAGATE_BASE_IMAGE:-}" ]; then
    echo "$INFRAGATE_BASE_IMAGE"
    exit
fi
prepared=$(sed -n 's/^INFRAGATE_BASE_IMAGE=//p' .env)
if docker image inspect "$prepared" >/dev/null 2>&1; then
    echo "$prepared"
else
    sed -n 's/^INFRAGATE_BASE_IMAGE=//p' .env.example
fi
