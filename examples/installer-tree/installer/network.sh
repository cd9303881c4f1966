#!/bin/sh
# shellcheck disable=SC2034,SC2154 # the parts that install.sh sources share their variables
# The network, of the installer and of the system that it installs. Sourced.

# Brings the first interface up by DHCP, once, when there is one.
start_network() {
  [ ! -e "$KS/network-is-up" ] || return 0
  for interface in /sys/class/net/[!l]*; do
    [ -e "$interface" ] || continue
    interface=${interface##*/}
    ip link set "$interface" up
    if udhcpc -q -n -t 10 -T 1 -i "$interface" -s /installer/udhcpc.sh >/dev/null 2>&1; then
      say "network: $interface has $(ip -4 -o address show "$interface" | awk '{ print $4 }')"
      : >"$KS/network-is-up"
      return 0
    fi
    warn "network: $interface gets no address"
  done
}

# Settings of systemd-networkd, one file for each `network` line; the host name.
apply_networks() {
  number=10
  each_command "$KS/networks" apply_network
  # Without a `network` line, the system uses DHCP.
  set -- "$SYSTEM"/etc/systemd/network/*-installer.network
  if [ ! -e "$1" ]; then
    opt_device='' opt_bootproto=dhcp opt_nameserver=''
    write_network >"$SYSTEM/etc/systemd/network/10-installer.network"
  fi
}

apply_network() {
  parse_options 'bootproto device ip netmask gateway nameserver hostname onboot mtu' \
    'activate noipv6 noipv4 nodefroute no-activate' "$@"
  tell_unknown
  if [ -n "$opt_hostname" ]; then
    echo "$opt_hostname" >"$SYSTEM/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 %s %s\n' "$opt_hostname" "${opt_hostname%%.*}" >"$SYSTEM/etc/hosts"
    [ "$opt_bootproto$opt_device$opt_ip" != '' ] || return 0
  fi
  write_network >"$SYSTEM/etc/systemd/network/$number-installer.network"
  number=$((number + 1))
}

write_network() {
  case $opt_device in
    '' | link | bootif | ibft) echo "[Match]${NEWLINE}Name=en* eth*" ;;
    ??:??:??:??:??:??) echo "[Match]${NEWLINE}MACAddress=$opt_device" ;;
    *) echo "[Match]${NEWLINE}Name=$opt_device" ;;
  esac
  echo '[Network]'
  if [ "${opt_bootproto:-dhcp}" = static ]; then
    echo "Address=$opt_ip/$(prefix_of "$opt_netmask")"
    [ -z "$opt_gateway" ] || echo "Gateway=$opt_gateway"
  else
    echo 'DHCP=ipv4'
  fi
  for server in $(echo "$opt_nameserver" | tr ',' ' '); do
    echo "nameserver $server" >>"$SYSTEM/etc/resolv.conf"
  done
}

# 24, of 255.255.255.0
prefix_of() {
  bits=0
  for byte in $(echo "${1:-255.255.255.0}" | tr '.' ' '); do
    while [ "$byte" -gt 0 ]; do
      bits=$((bits + byte % 2))
      byte=$((byte / 2))
    done
  done
  echo "$bits"
}
