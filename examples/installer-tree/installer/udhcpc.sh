#!/bin/sh
# shellcheck disable=SC2154 # udhcpc sets these
# udhcpc calls this when it has an address.
case $1 in
  bound | renew)
    ip address flush dev "$interface"
    ip address add "$ip/${mask:-24}" dev "$interface"
    for address in ${router:-}; do ip route add default via "$address" dev "$interface"; done
    for address in ${dns:-}; do echo "nameserver $address"; done >/etc/resolv.conf
    ;;
esac
