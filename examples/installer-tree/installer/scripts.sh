#!/bin/sh
# shellcheck disable=SC2034,SC2154 # the parts that install.sh sources share their variables
# Runs the scripts of a kickstart, in their order. Sourced.

# run_sections NAME: all sections of this name.
run_sections() {
  for head in "$KS"/*.head; do
    [ -e "$head" ] || continue
    IFS=$FS
    set -f
    # shellcheck disable=SC2046 # split here
    set -- "$1" $(cat "$head")
    set +f
    unset IFS
    origin=$2 section=$3
    if [ "$section" = "$1" ]; then
      wanted_section=$1
      shift 3
      run_script "${head%.head}.body" "$@"
      set -- "$wanted_section"
    fi
  done
}

# run_script BODY OPTION...: in the installed system when it is a %post, unless --nochroot.
run_script() {
  body=$1
  shift
  parse_options 'interpreter log logfile' 'nochroot erroronfail' "$@"
  tell_unknown
  interpreter=${opt_interpreter:-/bin/sh} log=$opt_log$opt_logfile
  say "$section ($origin)"
  name=/run/installer-script
  prefix=''
  if [ "$section" = %post ] && [ -z "$opt_nochroot" ]; then
    name=/tmp/installer-script
    prefix=$SYSTEM
  fi
  cp "$body" "$prefix$name"
  chmod 700 "$prefix$name"
  [ -z "$log" ] || mkdir -p "$prefix$(dirname "$log")"
  status=0
  if [ -n "$prefix" ]; then
    inside ANA_INSTALL_PATH=/ "$interpreter" "$name" >"$prefix${log:-/run/script.log}" 2>&1 </dev/null || status=$?
  else
    ANA_INSTALL_PATH=$SYSTEM "$interpreter" "$name" >"${log:-/run/script.log}" 2>&1 </dev/null || status=$?
  fi
  # The console shows its output too, with or without --log.
  sed 's/^/  | /' "$prefix${log:-/run/script.log}"
  rm -f "$prefix$name"
  [ "$status" -ne 0 ] || return 0
  [ -n "$opt_erroronfail" ] || {
    warn "$origin: $section ended with status $status"
    return 0
  }
  fail "$origin: $section ended with status $status"
}
