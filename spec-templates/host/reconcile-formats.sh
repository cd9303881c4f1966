# shellcheck shell=sh
# The part of reconcile that finds the format of a base by its content; sourced by it.
#
# libvirt's pool guesses the format of each file in it, and plain virt-install uses that format. A file that
# looks like an image on top of another file would expose that file of the host to a guest. So a base is a qcow2 image
# that is complete in itself, an ISO image, or bytes that no program recognises as an image, such as a kernel.
# The magic numbers are those of src/image/headers/magic.ts.
sixteen='????????????????'
hundred_and_twenty_eight=$sixteen$sixteen$sixteen$sixteen$sixteen$sixteen$sixteen$sixteen

piece() { # FILE OFFSET: 512 bytes, read without a trace; a file of somebody else's is read all the same
  dd "if=$1" iflag=noatime,skip_bytes bs=512 "skip=$2" count=1 2>/dev/null ||
    dd "if=$1" iflag=skip_bytes bs=512 "skip=$2" count=1 2>/dev/null
}

hex() { od -A n -v -t x1 | tr -d ' \n'; }

judge_qcow2() { # HEX of the first bytes
  case $1 in
    # The name of a backing file: its place in bytes 8 to 15, its length in 16 to 19.
    ????????????????000000000000000000000000*) ;;
    *) guessed='qcow2 that rests on another file' ;;
  esac
  # From version 3 on: bit 2 of the incompatible features, which end with byte 79, is a data file.
  # shellcheck disable=SC2254 # a pattern
  case $1 in
    514649fb00000002*) ;;
    ${hundred_and_twenty_eight}???????????????????????????????[012389ab]*) ;;
    *) guessed='qcow2 with its data in another file' ;;
  esac
}

guess_text() { # FILE: QEMU opens the files that a VMDK's text lists, wherever comments and blank lines end
  first=$(piece "$1" 0 | tr '\000\r' '\001 ' | LC_ALL=C sed -e '/^#/d' -e '/^ *$/d' -e q)
  case $first in version=[123]*) guessed=vmdk ;; esac
}

guess() { # FILE -> $guessed: what others take it for; empty for what a base may be
  guessed=''
  size=$(stat -c %s -- "$1") && [ -r "$1" ] || return 1
  head=$(piece "$1" 0 | hex)
  # shellcheck disable=SC2254 # a pattern
  case $head in
    514649fb0000000[23]*) judge_qcow2 "$head"; return ;;
    514649fb*) guessed=qcow ;;
    51454400*) guessed=qed ;;
    4b444d56* | 434f5744* | 23204469736b2044657363726970746f7246696c65*) guessed=vmdk ;;
    7668647866696c65*) guessed=vhdx ;;
    636f6e6563746978*) guessed=vhd ;;
    4c554b53babe*) guessed=luks ;;
    576974686f75744672656553706163* | 576974686f75467265537061634578*) guessed=parallels ;;
    426f636873205669727475616c20484420496d616765*) guessed=bochs ;;
    23212f62696e2f73680a2356322e3020466f726d61740a*) guessed=cloop ;;
    4f4f4f4d*) guessed=cow ;;
    ${hundred_and_twenty_eight}7f10dabe*) guessed=vdi ;;
    23* | 20* | 76657273696f6e3d*) guess_text "$1" ;;
  esac
  [ -z "$guessed" ] || return 0
  [ "$size" -ge 512 ] || return 0
  case $(piece "$1" $((size - 512)) | hex) in
    636f6e6563746978*) guessed=vhd ;;
    6b6f6c79*) guessed=dmg ;;
  esac
}
