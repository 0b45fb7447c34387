#!/bin/bash
# Starts every server, each in several states, in one container; what listens where is the table in test_real_servers.py.
# User and password are those of the tests. Of two ports in a row the second is open on loopback only.
set -eu
password=s3cret
cd /tmp

as() { # user, program, arguments
  setpriv --reuid="$1" --regid="$1" --clear-groups "${@:2}"
}

rabbitmq() {
  cat >/etc/rabbitmq/rabbitmq.conf <<END
listeners.tcp.all = 0.0.0.0:5672
listeners.tcp.own = 127.0.0.1:5673
loopback_users = none
default_user = app
default_pass = $password
END
  rabbitmq-server
}

redis() {
  redis-server --port 6379 --requirepass $password --save '' &
  redis-server --port 6380 --bind 127.0.0.1 --save '' &
  redis-server --port 6381 --protected-mode no --save '' --replicaof 127.0.0.1 1 --replica-serve-stale-data no &
  loading
}

# A data set that takes minutes to load, because the server waits for each key.
loading() {
  redis-server --port 6382 --dbfilename slow.rdb --rdbcompression no --save '' --enable-debug-command local \
    --daemonize yes --unixsocket /tmp/slow.sock
  until redis-cli -s /tmp/slow.sock ping; do sleep 0.1; done
  redis-cli -s /tmp/slow.sock debug populate 9000 key 1100
  redis-cli -s /tmp/slow.sock save
  redis-cli -s /tmp/slow.sock shutdown nosave
  redis-server --port 6382 --protected-mode no --dbfilename slow.rdb --save '' --key-load-delay 20000 \
    --loading-process-events-interval-bytes 1024
}

postgresql() {
  install -d -o postgres postgres
  echo $password >pwfile
  as postgres initdb -D postgres/all -U app -A scram-sha-256 --pwfile=pwfile
  echo host all all all scram-sha-256 >>postgres/all/pg_hba.conf
  cp -a postgres/all postgres/own
  cp -a postgres/all postgres/standby
  touch postgres/standby/standby.signal
  as postgres postgres -D postgres/all -k /tmp -c listen_addresses='*' &
  as postgres postgres -D postgres/own -k /tmp -c port=5433 -c listen_addresses=127.0.0.1 &
  as postgres postgres -D postgres/standby -k /tmp -c port=5434 -c listen_addresses='*' -c hot_standby=off
}

# The port of its own for administrators (3308) takes one connection and one more for them; hold.py takes both.
mariadb() {
  install -d -o mysql mysql mysql-own
  mariadb-install-db --user=mysql --datadir=/tmp/mysql --skip-test-db
  printf '%s;\n' >init.sql "INSTALL SONAME 'auth_ed25519'" "CREATE USER app IDENTIFIED BY '$password'" \
    'GRANT ALL ON *.* TO app' "CREATE USER ed IDENTIFIED VIA ed25519 USING PASSWORD('$password')" \
    "CREATE USER odd IDENTIFIED BY 'p@ss/w:rd%1'" 'GRANT ALL ON *.* TO odd'
  mariadbd --no-defaults --user=mysql --datadir=/tmp/mysql --socket=/tmp/my.sock --pid-file=/tmp/my.pid --port=3306 \
    --bind-address=0.0.0.0 --init-file=/tmp/init.sql --extra-port=3308 --extra-max-connections=1 --connect-timeout=3600 &
  mariadbd --no-defaults --user=mysql --datadir=/tmp/mysql-own --socket=/tmp/my-own.sock --pid-file=/tmp/my-own.pid \
    --port=3307 --bind-address=127.0.0.1 --skip-grant-tables --skip-innodb --default-storage-engine=MyISAM
}

memcached_and_nats() {
  memcached -u memcache -l 0.0.0.0:11211,127.0.0.1:11212 &
  memcached -u memcache -l 0.0.0.0:11213 -c 50 &
  nats-server -p 4222 --user app --pass $password &
  nats-server -p 4223 -a 127.0.0.1 &
  echo 'port: 4224, max_connections: 1' >nats.conf
  nats-server -c nats.conf
}

mosquitto_() {
  mosquitto_passwd -b -c users app $password
  chown mosquitto users
  cat >mosquitto.conf <<END
password_file /tmp/users
listener 1883 0.0.0.0
listener 1884 127.0.0.1
listener 1885 0.0.0.0
max_connections 1
END
  mosquitto -c mosquitto.conf
}

nginx_() {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=servers \
    -addext subjectAltName=DNS:servers
  nginx -c /servers/nginx.conf
}

exim_() {
  install -d -o Debian-exim exim
  exim -bdf -C /servers/exim.conf
}

for server in rabbitmq redis postgresql mariadb memcached_and_nats mosquitto_ nginx_ exim_; do
  $server >"$server.log" 2>&1 &
done
for program in grpc_health kafka mongodb hold; do
  python3 "/servers/$program.py" >"$program.log" 2>&1 &
done
wait
