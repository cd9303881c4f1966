#!/bin/sh
# shellcheck disable=SC2034,SC2154 # the parts that install.sh sources share their variables
# What the kickstart says of the installed system: language, accounts, services. Sourced.

apply_settings() {
  mkdir -p "$SYSTEM/etc/systemd/network"
  [ -e "$SYSTEM/etc/hostname" ] || echo localhost >"$SYSTEM/etc/hostname"
  # On an emulated machine, services start slowly; do not give up on them.
  mkdir -p "$SYSTEM/etc/systemd/system.conf.d"
  printf '[Manager]\nDefaultTimeoutStartSec=10min\n' >"$SYSTEM/etc/systemd/system.conf.d/installer.conf"
  apply_networks
  each_command "$KS/settings" apply_setting
}

apply_setting() { "apply_$command" "$@"; }

apply_lang() {
  parse_options 'addsupport' '' "$@"
  tell_unknown
  echo "LANG=$args" >"$SYSTEM/etc/default/locale"
}

apply_keyboard() {
  parse_options 'vckeymap xlayouts switch' '' "$@"
  tell_unknown
  keymap=${opt_vckeymap:-${args:-${opt_xlayouts:-us}}}
  printf 'XKBMODEL="pc105"\nXKBLAYOUT="%s"\n' "$keymap" >"$SYSTEM/etc/default/keyboard"
  echo "KEYMAP=$keymap" >"$SYSTEM/etc/vconsole.conf"
}

apply_timezone() {
  parse_options 'ntpservers' 'utc isUtc nontp' "$@"
  tell_unknown
  [ -f "$SYSTEM/usr/share/zoneinfo/$args" ] || fail "$origin: there is no time zone $args"
  ln -snf "/usr/share/zoneinfo/$args" "$SYSTEM/etc/localtime"
  echo "$args" >"$SYSTEM/etc/timezone"
}

# set_password ACCOUNT PASSWORD: by the options read last.
set_password() {
  if [ -n "$2" ]; then
    encrypted=''
    [ -z "$opt_iscrypted" ] || encrypted=-e
    # shellcheck disable=SC2086 # nothing when it is empty
    printf '%s:%s\n' "$1" "$2" | inside chpasswd $encrypted || fail "$origin: password of $1: refused"
  fi
  [ -z "$opt_lock" ] || inside usermod -L "$1" || fail "$origin: account $1 cannot be locked"
}

apply_rootpw() {
  parse_options '' 'iscrypted plaintext lock allow-ssh' "$@"
  tell_unknown
  set_password root "$args"
}

apply_group() {
  parse_options 'name gid' '' "$@"
  tell_unknown
  inside groupadd -f ${opt_gid:+-g "$opt_gid"} "$opt_name" || fail "$origin: group $opt_name cannot be made"
}

apply_user() {
  parse_options 'name groups homedir password shell uid gid gecos' 'iscrypted plaintext lock' "$@"
  tell_unknown
  inside useradd -m -s "${opt_shell:-/bin/bash}" ${opt_homedir:+-d "$opt_homedir"} ${opt_uid:+-u "$opt_uid"} \
    ${opt_gid:+-g "$opt_gid"} ${opt_gecos:+-c "$opt_gecos"} "$opt_name" || fail "$origin: user $opt_name cannot be made"
  for group in $(echo "$opt_groups" | tr ',' ' '); do
    [ "$group" != wheel ] || group=sudo
    inside groupadd -f "$group"
    inside usermod -aG "$group" "$opt_name"
  done
  set_password "$opt_name" "$opt_password"
}

apply_sshkey() {
  parse_options 'username' '' "$@"
  tell_unknown
  home=$(awk -F : -v "name=$opt_username" '$1 == name { print $6 }' "$SYSTEM/etc/passwd")
  [ -n "$home" ] || fail "$origin: there is no user $opt_username"
  mkdir -p "$SYSTEM$home/.ssh"
  echo "$args" >>"$SYSTEM$home/.ssh/authorized_keys"
  inside chown -R "$opt_username:" "$home/.ssh"
  inside chmod -R go-rwx "$home/.ssh"
}

apply_services() {
  parse_options 'enabled disabled' '' "$@"
  tell_unknown
  for service in $(echo "$opt_enabled" | tr ',' ' '); do
    inside systemctl -q enable "$service" || warn "$origin: service $service cannot be enabled"
  done
  for service in $(echo "$opt_disabled" | tr ',' ' '); do
    inside systemctl -q disable "$service" || warn "$origin: service $service cannot be disabled"
  done
}
