#!/bin/sh
# shellcheck disable=SC2034,SC2154 # the parts that install.sh sources share their variables
# What the parts of the installer have in common. Sourced.

# Between fields of a line: no text of a kickstart has it.
FS=$(printf '\037')
NEWLINE='
'
KS=/run/ks
SYSTEM=/mnt/sysimage

say() { echo "installer: $*"; }
warn() { echo "installer: warning: $*"; }

# Only ever called where exit ends the installation: never in a pipe or in a subshell.
fail() {
  echo "installer: FAILED: $*"
  exit 1
}

# Whether a list of words has one.
has_word() {
  case " $1 " in
    *" $2 "*) return 0 ;;
    *) return 1 ;;
  esac
}

# parse_options "NAMES WITH VALUE" "NAMES WITHOUT" WORD...: sets opt_NAME for each name ("yes" for those without a
# value; empty when it is not there), args to the words that are no options (one a line), unknown to other options.
parse_options() {
  with_value=$1 without=$2
  shift 2
  for name in $with_value $without; do
    eval "opt_$(echo "$name" | tr - _)="
  done
  args='' unknown=''
  while [ $# -gt 0 ]; do
    word=$1
    shift
    case $word in
      --*) name=${word%%=*} name=${name#--} ;;
      *)
        args=$args${args:+$NEWLINE}$word
        continue
        ;;
    esac
    # Only names from the lists above reach eval.
    if has_word "$with_value" "$name"; then
      case $word in
        *=*) value=${word#*=} ;;
        *)
          [ $# -gt 0 ] || fail "$origin: --$name has no value"
          value=$1
          shift
          ;;
      esac
      eval "opt_$(echo "$name" | tr - _)=\$value"
    elif has_word "$without" "$name"; then
      eval "opt_$(echo "$name" | tr - _)=yes"
    else
      unknown="$unknown --$name"
    fi
  done
}

# Unknown options that could do harm when ignored are errors; others are warnings.
refuse_unknown() { [ -z "$unknown" ] || fail "$origin: options not known here:$unknown"; }
tell_unknown() { [ -z "$unknown" ] || warn "$origin: options without effect here:$unknown"; }

is_number() {
  case $1 in
    '' | *[!0-9]*) return 1 ;;
    *) return 0 ;;
  esac
}
