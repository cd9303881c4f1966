#!/bin/sh
# Makes what the installed version of Horde needs in the database on the data disk: the role, the database, its tables,
# and the first account if there is none. It can run any number of times, and never replaces what exists.
#   kronolith-first-run --cluster  makes PostgreSQL's own files, or uses those that an earlier system left on the disk
#   kronolith-first-run NAME       makes the rest; the password of NAME is in /var/lib/kronolith/first-password
#   kronolith-first-run --check    exits with 0 when nothing is left to do
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin

state=/var/lib/kronolith
# A site cannot choose it: peer authentication maps the user www-data to this role.
role=www-data
database=horde

sql() { runuser -u postgres -- psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }

# shellcheck disable=SC2016 # dpkg-query's own
installed() {
  dpkg-query --show --showformat='${Package} ${Version}\n' 'php-horde*' | grep ' [0-9]' | sha256sum | cut -d ' ' -f 1
}

make_cluster() {
  version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -n 1)
  data=/var/lib/postgresql/$version/main
  if [ -s "$data/PG_VERSION" ]; then
    # From an earlier system. pg_createcluster adopts it when its settings exist, and moves them to /etc.
    cp "/usr/share/postgresql/$version/postgresql.conf.sample" "$data/postgresql.conf"
    echo 'local all all peer' >"$data/pg_hba.conf"
    : >"$data/pg_ident.conf"
    chown -R postgres:postgres "/var/lib/postgresql/$version"
  fi
  # Started here, because the service of all clusters counts as running when it started without any cluster.
  pg_createcluster --start --locale=C.UTF-8 "$version" main
}

# The comment of the database records the packages that it was prepared for, so the record moves with the data disk.
ready_for() {
  sql --command="SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$database'" postgres
}

if [ "${1:-}" = --check ]; then
  [ -s "$state/secret-key" ] && [ "$(ready_for)" = "packages $(installed)" ]
  exit
fi
if [ "${1:-}" = --cluster ]; then
  make_cluster
  exit
fi
name=${1:?name of the first account}

if [ ! -s "$state/secret-key" ]; then
  (umask 077 && od -An -N 24 -tx1 /dev/urandom | tr -d ' \n' >"$state/secret-key.new")
  chown "root:$role" "$state/secret-key.new"
  chmod 0640 "$state/secret-key.new"
  mv "$state/secret-key.new" "$state/secret-key"
fi

tries=0
until sql --command='SELECT 1' postgres >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -gt 120 ]; then
    echo "kronolith-first-run: PostgreSQL has not answered $tries times:" >&2
    sql --command='SELECT 1' postgres >&2
    exit 1
  fi
  sleep 1
done

if [ -z "$(sql --command="SELECT 1 FROM pg_roles WHERE rolname = '$role'" postgres)" ]; then
  runuser -u postgres -- createuser "$role"
fi
if [ -z "$(sql --command="SELECT 1 FROM pg_database WHERE datname = '$database'" postgres)" ]; then
  runuser -u postgres -- createdb --owner="$role" --encoding=UTF8 --template=template0 "$database"
fi

# The tables of tags first: the calendar's tables need them, but come first in the order of names.
cd /
runuser -u "$role" -- horde-db-migrate --halt-on-error content
runuser -u "$role" -- horde-db-migrate --halt-on-error
# shellcheck disable=SC2016 # PHP's own
runuser -u "$role" -- php -r '
  require_once "/usr/share/horde/lib/Application.php";
  Horde_Registry::appInit("horde", array("authentication" => "none", "cli" => true));
  $auth = $injector->getInstance("Horde_Core_Factory_Auth")->create();
  if (!$auth->listUsers()) {
    $auth->addUser($argv[1], array("password" => trim(stream_get_contents(STDIN))));
  }
' "$name" <"$state/first-password"

sql --command="COMMENT ON DATABASE $database IS 'packages $(installed)'" postgres
