# shellcheck shell=bash
# Completion of virt-appliance for bash. The data of the commands is inserted when the package is built.

# Sets what a command takes: its subcommands (or all commands), its options, those that take a value, and the kind of
# each argument; the last may be repeated.
_virt_appliance_command() { # COMMAND
  commands='' options='' values='' arguments=''
  case $1 in
@COMMANDS@
  esac
  options+=' --json --quiet --verbose --help'
}

# Sets the possible values of an option: words, or a kind of value.
_virt_appliance_option() { # COMMAND OPTION
  kind=file words=''
  case "$1 $2" in
@VALUES@
  esac
}

# Prints the names of installed appliances, alone and with version and release.
_virt_appliance_appliances() {
  local folder line name release
  for folder in /usr/share/virt-appliance/catalog.d/*/; do
    [[ -r ${folder}catalogue.json ]] || continue
    while IFS= read -r line; do
      [[ $line =~ ^\ *\"name\":\ *\"([^\"]+)\" ]] || continue
      name=${BASH_REMATCH[1]}
      folder=${folder%/}
      release=${folder##*-}
      folder=${folder%-*}
      printf '%s\n' "$name" "$name-${folder##*-}-$release"
      break
    done <"${folder}catalogue.json"
  done
}

# Prints the VMs made from appliances whose definitions can be read; root can read those of the system.
_virt_appliance_vms() {
  local file
  while IFS= read -r file; do
    file=${file##*/}
    printf '%s\n' "${file%.xml}"
  done < <(grep -l -s -F http://virt-appliance/instance/ /etc/libvirt/qemu/*.xml)
}

_virt_appliance_keys() {
  local file
  for file in "${XDG_DATA_HOME:-$HOME/.local/share}"/virt-appliance/keys/*.secret.asc; do
    [[ -e $file ]] || continue
    file=${file##*/}
    printf '%s\n' "${file%.secret.asc}"
  done
}

_virt_appliance() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' commands options values arguments kind words before='' word i
  local -a kinds choices
  local -i argument=0
  COMPREPLY=()
  # bash splits --option=value into three words.
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  _virt_appliance_command ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    # The words after -- belong to another program.
    [[ $word != -- ]] || return 0
    [[ $word != = ]] || continue
    if [[ $word != -* && $values != *" $before "* ]]; then
      if [[ -n $commands ]]; then
        command=${command:+$command }$word
        _virt_appliance_command "$command"
      else
        argument+=1
      fi
    fi
    before=$word
  done

  kind=words
  if [[ $values == *" $previous "* ]]; then
    _virt_appliance_option "$command" "$previous"
  elif [[ $current == -* ]]; then
    words=$options
  elif [[ -n $commands ]]; then
    words=$commands
  else
    read -ra kinds <<<"$arguments"
    ((argument < ${#kinds[@]})) || argument=${#kinds[@]}-1
    ((argument >= 0)) || return 0
    kind=${kinds[argument]}
  fi
  case $kind in
    appliance) mapfile -t choices < <(_virt_appliance_appliances) ;;
    key) mapfile -t choices < <(_virt_appliance_keys) ;;
    vm) mapfile -t choices < <(_virt_appliance_vms) ;;
    words) read -ra choices <<<"$words" ;;
    file) compopt -o default 2>/dev/null || : ;;
  esac
  # Not compgen -W, which would execute a name.
  for word in "${choices[@]}"; do
    [[ $word != "$current"* ]] || COMPREPLY+=("$(printf '%q' "$word")")
  done
}

complete -F _virt_appliance virt-appliance
