# shellcheck shell=sh
# The part of reconcile that defines the directory of the bases as a libvirt pool; sourced by it.
: "${root?}" "${base?}" "${pool_directory?}" "${state?}" "${pool?}" "${uri?}"

ask_libvirt() { timeout 10 virsh -q -c "$uri" "$@" 2>/dev/null 9>&-; }

pool_path() { ask_libvirt pool-dumpxml --pool "$1" | sed -n 's|^ *<path>\(.*\)</path> *$|\1|p'; }

pool_xml() { # UUID-LINE
  printf '<pool type="dir">\n  <name>%s</name>\n%s  <target>\n    <path>%s</path>\n  </target>\n</pool>\n' \
    "$pool" "$1" "$pool_directory"
}

find_pool() { # NAMES -> pool that has the directory, whatever its name
  found_pool=''
  while read -r name <&3; do
    [ -n "$name" ] || continue
    path=$(pool_path "$name")
    if [ "${path%/}" = "$pool_directory" ] || same_file "$path" "$base"; then
      found_pool=$name
      return 0
    fi
  done 3<<END
$1
END
  return 1
}

define_in_daemon() { # NAMES
  if printf '%s\n' "$1" | sed 's/ *$//' | grep -q -x -F -e "$pool"; then
    problem "pool $pool: exists with the directory $(pool_path "$pool"), expected $pool_directory: set POOL_NAME in /etc/virt-appliance/host.conf"
    return 1
  fi
  pool_xml '' >"$state/.pool.xml" && ask_libvirt pool-define "$state/.pool.xml" >/dev/null
  defined=$?
  rm -f -- "$state/.pool.xml"
  if [ "$defined" -ne 0 ]; then
    problem "pool $pool: libvirt did not define it"
    return 1
  fi
  # A link from an earlier run without a daemon, which this daemon has not read, would conflict with the definition.
  rm -f -- "$root/etc/libvirt/storage/autostart/$pool.xml"
  ask_libvirt pool-autostart "$pool" >/dev/null || problem "pool $pool: libvirt did not enable its autostart"
  found_pool=$pool
  to_log info "defined the libvirt pool $pool on $pool_directory"
}

# Without a daemon (an installer, an image build, a host whose libvirt is not started): write what libvirt reads
# at its start.
define_on_disk() {
  storage=$root/etc/libvirt/storage
  if [ ! -d "$root/etc/libvirt" ]; then
    pool_state='libvirt is not installed'
    return
  fi
  pool_state="$pool, active once libvirt is started"
  for file in "$storage"/*.xml; do
    [ -f "$file" ] && grep -q -F -e "<path>$pool_directory</path>" -e "<path>$pool_directory/</path>" "$file" && return
  done
  if [ -e "$storage/$pool.xml" ]; then
    problem "pool $pool: $storage/$pool.xml has another directory than $pool_directory: set POOL_NAME in /etc/virt-appliance/host.conf"
    return
  fi
  [ -d "$storage" ] || mkdir -m 0700 -- "$storage"
  [ -d "$storage/autostart" ] || mkdir -m 0700 -- "$storage/autostart"
  uuid=$(cat /proc/sys/kernel/random/uuid)
  if pool_xml "  <uuid>$uuid</uuid>$NL" >"$storage/.$pool.new" && chmod 0600 "$storage/.$pool.new" &&
    mv -f -- "$storage/.$pool.new" "$storage/$pool.xml" &&
    ln -sf -- "/etc/libvirt/storage/$pool.xml" "$storage/autostart/$pool.xml"; then
    to_log info "wrote the libvirt pool $pool on $pool_directory for libvirt's next start"
  else
    rm -f -- "$storage/.$pool.new"
    problem "pool $pool: $storage/$pool.xml could not be written"
  fi
}

# shellcheck disable=SC2034 # pool_state is reconcile's
ensure_pool() {
  pool_state=missing found_pool=''
  if [ -n "$root" ] || ! command -v virsh >/dev/null || ! names=$(ask_libvirt pool-list --all --name); then
    define_on_disk
    return
  fi
  # Usually it is the pool with the configured name; then the others need not be read.
  if ! find_pool "$pool" && ! find_pool "$names" && ! define_in_daemon "$names"; then return; fi
  pool_state="$found_pool, active"
  if ! ask_libvirt pool-list --name | sed 's/ *$//' | grep -q -x -F -e "$found_pool"; then
    ask_libvirt pool-start "$found_pool" >/dev/null && return
    pool_state="$found_pool, not active"
    problem "pool $found_pool: libvirt did not start it"
  fi
}
