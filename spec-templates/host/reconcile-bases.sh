# shellcheck shell=sh
# The part of reconcile that unpacks payloads into bases; sourced by it.
#
# A base is written once: under its own name it is complete and checked, or absent. An existing base is
# never replaced. Its digest is kept in /var/lib/virt-appliance/bases/TARGET with size, inode and modification time,
# so that an unchanged base is never read again, except the few bytes that show its format.
: "${root?}" "${base?}" "${state?}" "${catalogue?}"

same_file() {
  one=$(stat -L -c %d:%i -- "$1" 2>/dev/null) && [ "$one" = "$(stat -L -c %d:%i -- "$2" 2>/dev/null)" ]
}

facts_of() { stat -c '%s %i %.9Y' -- "$1" 2>/dev/null; }

digest_of() {
  sum=$(sha256sum <"$1") || return 1
  printf '%s' "${sum%% *}"
}

read_record() { # TARGET -> recorded_sha256, recorded_facts
  recorded_sha256='' recorded_bytes='' recorded_inode='' recorded_mtime=''
  if [ -f "$state/bases/$1" ]; then
    while IFS='=' read -r key value <&4; do
      case $key in
        sha256) recorded_sha256=$value ;;
        bytes) recorded_bytes=$value ;;
        inode) recorded_inode=$value ;;
        mtime) recorded_mtime=$value ;;
      esac
    done 4<"$state/bases/$1"
  fi
  recorded_facts="$recorded_bytes $recorded_inode $recorded_mtime"
}

write_record() { # TARGET SHA256
  facts=$(facts_of "$base/$1") || return 1
  # shellcheck disable=SC2086 # three numbers
  printf 'sha256=%s\nbytes=%s\ninode=%s\nmtime=%s\n' "$2" $facts >"$state/bases/.new" 2>/dev/null &&
    mv -f -- "$state/bases/.new" "$state/bases/$1" && return 0
  rm -f -- "$state/bases/.new"
  problem "$entry: $state/bases/$1: the record of the base could not be written"
  return 1
}

is_plain() { # FILE NAME: no guess leads to another file
  guess "$1" && [ -z "$guessed" ] && return 0
  problem "$entry: $2: the content is ${guessed:-unreadable}, expected a qcow2 image that is complete, an ISO image or" \
    "plain bytes: whoever guesses the format would follow what it names; remove the package"
  return 1
}

check_base() { # SOURCE TARGET BYTES SHA256: the base is there; is it the right one?
  if [ -L "$base/$2" ] || [ ! -f "$base/$2" ]; then
    problem "$entry: $base/$2 is not a regular file; it was not changed; move it away and run reconcile"
    return 1
  fi
  is_plain "$base/$2" "$base/$2" || return 1
  read_record "$2"
  if [ -n "$recorded_sha256" ] && [ "$recorded_facts" = "$(facts_of "$base/$2")" ]; then
    found=$recorded_sha256
  elif [ -z "$recorded_sha256" ] && same_file "$base/$2" "$1"; then
    # The payload itself, whose digest rpm checked when it wrote it.
    found=$4
    write_record "$2" "$found"
  else
    found=$(digest_of "$base/$2") || found=unreadable
    write_record "$2" "$found"
  fi
  [ "$found" = "$4" ] && return 0
  problem "$entry: $base/$2 has SHA-256 $found, expected $4: it is not overwritten, because VMs may use it;" \
    "when none does, move it away and run reconcile"
  return 1
}

drop_temporary() {
  [ -z "$temporary" ] || rm -f -- "$temporary"
  temporary=''
}

size_of() { # BYTES: in the largest unit that they fill, as virt-appliance writes sizes
  value=$1 rest=0
  for unit in B KiB MiB GiB TiB PiB; do
    if [ "$value" -lt 1024 ]; then
      whole=$(((value * 1024 + rest + 512) / 1024))
      # What rounds to 1024 belongs to the next unit.
      [ "$whole" -eq 1024 ] || break
    fi
    [ "$unit" != PiB ] || break
    rest=$((value % 1024)) value=$((value / 1024))
  done
  tenths=$((((value * 1024 + rest) * 10 + 512) / 1024))
  if [ "$unit" = B ] || [ "$tenths" -ge 1000 ]; then
    printf '%s %s' "$(((value * 1024 + rest + 512) / 1024))" "$unit"
  else
    printf '%s.%s %s' $((tenths / 10)) $((tenths % 10)) "$unit"
  fi
}

has_space() { # BYTES: the file system of the pool has room for them
  room=$(stat -f -c '%a %S' -- "$base") || return 0
  free=$((${room% *} * ${room#* }))
  [ "$free" -gt "$1" ] && return 0
  has=$(size_of "$free") needs=$(size_of "$1")
  # The exact numbers, when rounding would hide the difference.
  if [ "$has" = "$needs" ]; then has="$free bytes" needs="$1 bytes"; fi
  problem "$entry: $base has $has free, $target needs $needs: free some space, then run reconcile"
  return 1
}

copy() { # SOURCE: into $temporary, by reference if the file system can do that
  how=reflink
  cp --reflink=always -- "$1" "$temporary" 2>/dev/null && return 0
  rm -f -- "$temporary"
  how=copy
  used=$(stat -c '%b %B' -- "$1") || used='0 0'
  has_space $((${used% *} * ${used#* })) || return 1
  why=$(cp --sparse=always -- "$1" "$temporary" 2>&1) && return 0
  problem "$entry: $target: ${why:-copying it was interrupted}; free some space if that is what is missing, then run reconcile"
  return 1
}

expand() { # SOURCE: into $temporary, with holes
  how='expand'
  has_space "$(stat -c %s -- "$1" || echo 0)" || return 1
  why=$(zstd -d -q -f --sparse -o "$temporary" "$1" 2>&1) && return 0
  problem "$entry: $target: ${why:-zstd was interrupted}; free some space if that is what is missing, then run reconcile"
  return 1
}

publish() { # TARGET BYTES SHA256: $temporary becomes the base, if it is what it should be; 2: another came meanwhile
  size=$(stat -c %s -- "$temporary")
  if [ "$how" = reflink ]; then found=$3; else found=$(digest_of "$temporary"); fi
  if [ "$size" != "$2" ] || [ "$found" != "$3" ]; then
    problem "$entry: $1: unpacked to $size bytes with SHA-256 $found, expected $2 with $3:" \
      "the payload is damaged: $(remedy "$entry" "$payload")"
    return 1
  fi
  is_plain "$temporary" "$1" || return 1
  if why=$(chmod 0444 -- "$temporary" 2>&1 && { [ "$(id -u)" -ne 0 ] || chown 0:0 -- "$temporary" 2>&1; }); then
    sync -- "$temporary" 2>/dev/null || :
    # A link never replaces a file that was made meanwhile; renaming is for file systems without hard links.
    ln -T -- "$temporary" "$base/$1" 2>/dev/null && return
    # Up to coreutils 9.1, mv -n exits with 0 even when it moves nothing.
    why=$(mv -nT -- "$temporary" "$base/$1" 2>&1) && [ ! -e "$temporary" ] && return
    if [ -e "$base/$1" ] || [ -L "$base/$1" ]; then return 2; fi
  fi
  problem "$entry: $base/$1 could not be created: ${why:-it disappeared}; remove the cause, then run reconcile"
  return 1
}

make_base() { # ACTION SOURCE TARGET BYTES SHA256
  if [ -L "$2" ] || [ ! -f "$2" ]; then
    problem "$entry: $2 is missing: $(remedy "$entry" "$payload")"
    return 1
  fi
  how='link'
  if [ "$1" = link ]; then
    if [ "$(stat -c %s -- "$2")" != "$4" ]; then
      problem "$entry: $2 has $(stat -c %s -- "$2") bytes, expected $4: $(remedy "$entry" "$payload")"
      return 1
    fi
    is_plain "$2" "$2" || return 1
    # Fails between file systems, and between bind mounts of the same one.
    if ln -T -- "$2" "$base/$3" 2>/dev/null; then
      [ "$(stat -c %a -- "$base/$3")" = 444 ] || chmod 0444 -- "$base/$3"
      write_record "$3" "$5"
      return
    fi
  fi
  temporary=$base/.$3.unpacking
  if [ "$1" = link ]; then copy "$2"; else expand "$2"; fi &&
    publish "$3" "$4" "$5"
  made=$?
  drop_temporary
  case $made in
    0) write_record "$3" "$5" ;;
    2) check_base "$2" "$3" "$4" "$5" ;;
    *) return 1 ;;
  esac
}

unpack_line() { # ACTION SOURCE TARGET BYTES SHA256 REST
  case $1 in link | expand) ;; *) return 2 ;; esac
  is_name "$2" && is_name "$3" && is_number "$4" && is_sha256 "$5" && [ -z "$6" ] || return 2
  # A package may name only its own bases.
  case $3 in "$entry"-?*) ;; *) return 2 ;; esac
  if [ -e "$base/$3" ] || [ -L "$base/$3" ]; then
    check_base "$root$payload/$2" "$3" "$4" "$5" || return 1
  else
    make_base "$1" "$root$payload/$2" "$3" "$4" "$5" || return 1
    info "$entry: $base/$3 ($how)"
    to_log info "$entry: unpacked $base/$3 ($how)"
  fi
  outcome="${outcome}base: $3$NL"
}

unpack() { # ENTRY
  entry=$1 payload=''
  # A package without images (a recipe) has no payload.
  [ -e "$catalogue/$entry/payload" ] || return 0
  IFS= read -r payload <"$catalogue/$entry/payload" || :
  if ! is_path "$payload"; then
    problem "$entry: $catalogue/$entry/payload does not contain a usable absolute path"
    return
  fi
  list=$root$payload/unpack.list
  if [ ! -f "$list" ]; then
    problem "$entry: $list is missing: $(remedy "$entry" "$payload")"
    return
  fi
  while IFS=$TAB read -r action source target bytes sha256 rest <&3 || [ -n "$action" ]; do
    case $action in '' | '#'*) continue ;; esac
    unpack_line "$action" "$source" "$target" "$bytes" "$sha256" "$rest"
    [ $? -ne 2 ] ||
      problem "$entry: $list: refused a line: $action $source $target $bytes $sha256 $rest"
  done 3<"$list"
}
