#!/bin/sh
# shellcheck disable=SC2034,SC2154 # the parts that install.sh sources share their variables
# Reads the kickstart with kickstart.awk, and keeps its settings for the other parts. Sourced.

# read_kickstart pre|all: sections and commands into $KS, see kickstart.awk.
read_kickstart() {
  rm -f "$KS"/[0-9]* "$KS/commands"
  awk -v "folder=$KS" -v "phase=$1" -f /installer/kickstart.awk "$kickstart" || exit 1
}

# Storage and sources are checked now; settings are kept until there is a system to apply them to.
read_commands() {
  ending=halt tree_url='' image_url='' append='' boot_drive='' boot_timeout=0
  clear_mode=none clear_drives='' only_use='' not_use='' init_label='' zero_mbr=''
  : >"$KS/parts"
  : >"$KS/repos"
  : >"$KS/settings"
  : >"$KS/networks"
  each_command "$KS/commands" read_command
}

# each_command FILE FUNCTION: calls it with the words of each line; $origin and $command are where and what it is.
each_command() {
  what_to_do=$2
  while IFS= read -r line; do
    IFS=$FS
    set -f
    # shellcheck disable=SC2086 # split here
    set -- $line
    set +f
    unset IFS
    origin=$1 command=$2
    shift 2
    "$what_to_do" "$@"
  done <"$1"
}

read_command() {
  case $command in
    text | cmdline | graphical | skipx | eula | firstboot | vnc | rdp | logging) ;;
    selinux | firewall | timesource | authselect | auth | authconfig | xconfig | rhsm | syspurpose)
      say "$origin: $command has no effect here"
      ;;
    reboot | poweroff | halt | shutdown) ending=$command ;;
    url | liveimg | repo) read_source "$@" ;;
    zerombr) zero_mbr=yes ;;
    clearpart | ignoredisk | part | partition | bootloader) read_storage "$@" ;;
    autopart | logvol | volgroup | raid | btrfs | mount | reqpart | snapshot | zipl)
      fail "$origin: $command is not known to this installer; nothing was changed"
      ;;
    network) echo "$line" >>"$KS/networks" ;;
    lang | keyboard | timezone | rootpw | user | group | sshkey | services)
      echo "$line" >>"$KS/settings"
      ;;
    *) warn "$origin: $command: unknown command, passed over" ;;
  esac
}

read_source() {
  parse_options 'url name baseurl proxy checksum cost includepkgs excludepkgs' \
    'install noverifyssl' "$@"
  tell_unknown
  case $command in
    url) tree_url=$opt_url ;;
    liveimg) image_url=$opt_url ;;
    repo) echo "${opt_baseurl}" >>"$KS/repos" ;;
  esac
}

read_storage() {
  case $command in
    clearpart)
      parse_options 'drives disklabel' 'all none linux initlabel' "$@"
      refuse_unknown
      [ "$opt_all$opt_linux" = '' ] || clear_mode=all
      clear_drives=$(echo "$opt_drives" | tr ',' ' ')
      init_label=$opt_initlabel
      ;;
    ignoredisk)
      parse_options 'only-use drives' interactive "$@"
      refuse_unknown
      only_use=$(echo "$opt_only_use" | tr ',' ' ')
      not_use=$(echo "$opt_drives" | tr ',' ' ')
      ;;
    bootloader)
      parse_options 'append boot-drive timeout location driveorder' 'disabled' "$@"
      tell_unknown
      append=$opt_append boot_drive=${opt_boot_drive#/dev/}
      is_number "${opt_timeout:-0}" || fail "$origin: --timeout=$opt_timeout: not a number"
      boot_timeout=${opt_timeout:-0}
      ;;
    *) read_part "$@" ;;
  esac
}

# A line for each partition: mount point, disk, size, grow, maximum, type, existing partition, keep, label, options.
read_part() {
  parse_options 'size maxsize fstype ondisk ondrive onpart usepart label fsoptions mkfsoptions' \
    'grow asprimary noformat recommended' "$@"
  refuse_unknown
  case $args in
    '' | *"$NEWLINE"*) fail "$origin: $command wants one mount point" ;;
    swap) opt_fstype=swap ;;
    /*) ;;
    biosboot) opt_fstype=biosboot ;;
    *) fail "$origin: $args: neither a mount point nor swap" ;;
  esac
  [ -z "$opt_recommended" ] || opt_size=${opt_size:-256}
  existing=$opt_onpart$opt_usepart
  [ -n "$existing" ] || is_number "$opt_size" || fail "$origin: --size=$opt_size: not a number"
  [ -z "$opt_maxsize" ] || is_number "$opt_maxsize" || fail "$origin: --maxsize=$opt_maxsize: not a number"
  [ -z "$opt_noformat" ] || [ -n "$existing" ] || fail "$origin: --noformat needs --onpart"
  case ${opt_fstype:=ext4} in
    ext2 | ext3 | ext4 | swap | biosboot) ;;
    *) fail "$origin: --fstype=$opt_fstype is not known to this installer; nothing was changed" ;;
  esac
  disk=$opt_ondisk$opt_ondrive
  printf '%s\037' "$args" "${disk#/dev/}" "${opt_size:-0}" "$opt_grow" "$opt_maxsize" "$opt_fstype" \
    "${existing#/dev/}" "$opt_noformat" "$opt_label" "$opt_fsoptions" >>"$KS/parts"
  echo "$origin" >>"$KS/parts"
}

# Writes wanted names to $packages, and unwanted ones to $excluded.
read_packages() {
  packages='' excluded='' ignore_missing=''
  for head in "$KS"/*.head; do
    [ -e "$head" ] || continue
    case $(cut -d "$FS" -f 2 <"$head") in
      %packages) ;;
      *) continue ;;
    esac
    if grep -q -e --ignoremissing "$head"; then ignore_missing=yes; fi
    while read -r name _; do
      case $name in
        '' | '#'*) ;;
        @core | @^* | -@*) ;;
        @*) say "%packages: $name: there are no groups here" ;;
        -*) excluded="$excluded ${name#-}" ;;
        *[!A-Za-z0-9+.:_-]*) fail "%packages: $name is no name of a package" ;;
        *) packages="$packages $name" ;;
      esac
    done <"${head%.head}.body"
  done
}
