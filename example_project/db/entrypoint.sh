#!/bin/sh
# Initialise the cluster when the volume is new, then become PostgreSQL.
set -eu

volume=/var/lib/platform/db
cluster=$volume/cluster

initialise() {
    echo "platform-db: initialising the cluster"
    rm -rf "$cluster.new"
    initdb --pgdata "$cluster.new" --username postgres --encoding UTF8 --locale C.UTF-8 --no-sync \
        --auth-local trust --auth-host scram-sha-256 >/dev/null
    echo "host all all all scram-sha-256" >>"$cluster.new/pg_hba.conf"
    password=$(cat "$DATABASE_PASSWORD_FILE")
    postgres --single -D "$cluster.new" postgres >/dev/null <<SQL
CREATE ROLE "$PGUSER" LOGIN PASSWORD '$password'
CREATE DATABASE "$PGDATABASE" OWNER "$PGUSER"
SQL
    # Only a finished cluster gets the name that the next start looks for.
    mv "$cluster.new" "$cluster"
}

[ -d "$cluster" ] || initialise
exec postgres -D "$cluster" -c listen_addresses='*' -c unix_socket_directories="$PGHOST" \
    -c shared_buffers=32MB -c max_connections=40
