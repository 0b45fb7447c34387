#!/bin/sh
# Healthy is a worker that reached the queue and the database within the last ten seconds: it then touched this file.
test -n "$(find /tmp/worker.heartbeat -newermt '10 seconds ago' 2>/dev/null)"
