# Reads a kickstart, and what it includes. usage: awk -v folder=OUT -v phase=pre|all -f kickstart.awk FILE
# Writes OUT/commands, a line for each: origin and words, separated by the byte 037; and for each section, in their
# order, OUT/NNN.head (origin, name, words; separated too) and OUT/NNN.body.
# In the phase "pre" only %pre sections are looked at: what a %pre script is going to write is not there yet.
BEGIN {
  separator = "\037"
  commands = folder "/commands"
  printf "" >commands
  read_file(ARGV[1], 0)
  if (section != "") stop(section_origin ": " section " has no %end")
}

function stop(text) {
  print "installer: FAILED: " text
  exit 1
}

function read_file(path, depth,    line, number, got) {
  if (depth > 8) stop(path ": included too deep")
  number = 0
  while ((got = (getline line <path)) > 0) {
    number++
    sub(/\r$/, "", line)
    read_line(line, path ":" number, depth)
  }
  if (got < 0) stop(path ": cannot be read")
  close(path)
}

function read_line(line, origin, depth,    words, list) {
  if (section != "") {
    if (line ~ /^[ \t]*%end[ \t]*$/) { end_section(); return }
    if (section == "%packages" && line ~ /^[ \t]*%include[ \t]/) {
      include(line, origin, depth)
      return
    }
    if (is_wanted) print line >body
    return
  }
  if (line ~ /^[ \t]*(#|$)/) return
  if (line ~ /^[ \t]*%(include|ksappend)[ \t]/) { include(line, origin, depth); return }
  words = split_words(line, origin)
  if (line !~ /^[ \t]*%/) {
    if (phase == "all") print origin separator words >commands
    return
  }
  split(words, list, separator)
  begin_section(list[1], words, origin)
}

function include(line, origin, depth,    list) {
  if (phase == "pre") return
  split(split_words(line, origin), list, separator)
  read_file(list[2], depth + 1)
}

function begin_section(name, words, origin,    number) {
  section = name
  section_origin = origin
  is_wanted = (phase == "pre") == (name == "%pre")
  if (!is_wanted) return
  number = sprintf("%s/%03d", folder, ++sections)
  body = number ".body"
  printf "" >body
  print origin separator words >(number ".head")
  close(number ".head")
}

function end_section() {
  if (is_wanted) close(body)
  section = ""
}

# As installers split: quotes of both kinds, backslashes, and "#" for the rest of the line.
function split_words(text, origin,    i, c, state, word, has_word, words, next_character) {
  words = word = state = ""
  has_word = 0
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    next_character = substr(text, i + 1, 1)
    if (state == "'") {
      if (c == "'") state = ""
      else word = word c
    } else if (state == "\"") {
      if (c == "\"") state = ""
      else if (c == "\\" && (next_character == "\"" || next_character == "\\")) {
        word = word next_character
        i++
      } else word = word c
    } else if (c == "'" || c == "\"") {
      state = c
      has_word = 1
    } else if (c == "\\") {
      if (next_character == "") stop(origin ": a backslash ends the line")
      word = word next_character
      has_word = 1
      i++
    } else if (c == "#") {
      break
    } else if (c == " " || c == "\t") {
      if (has_word) words = words (words == "" ? "" : separator) word
      word = ""
      has_word = 0
    } else {
      word = word c
      has_word = 1
    }
  }
  if (state != "") stop(origin ": a quote is not closed")
  if (has_word) words = words (words == "" ? "" : separator) word
  return words
}
