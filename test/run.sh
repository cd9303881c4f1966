#!/bin/bash
# Runs the test chapters one after the other and ends with one line: N passed, N failed.
# A skipped test counts as failed: a missing tool must be seen. What failed is repeated just before that line.
#   test/run.sh             units and conformance with coverage, then end to end
#   test/run.sh --changed   the slow chapters too (test/slow) whose inputs have changed, while there is time
#   test/run.sh --all       all slow chapters too
set -u
cd "$(dirname "$0")/.." || exit 1
totals=$(mktemp) && failures=$(mktemp) || exit 1
trap 'rm -f "$totals" "$failures"' EXIT
export TEST_TOTALS=$totals TEST_FAILURES=$failures
status=0

chapter() {
  echo
  local title=$1
  echo "== $title"
  shift
  "$@" && return
  status=1
  echo "$title failed" >>"$failures"
}

# What git sees of the tree; what slow chapters note in passed.txt is theirs to change.
tree() { git status --porcelain -- . ':!test/slow/passed.txt'; }
# .ci/run says what it was before make installed and built anything.
tree_before=${TEST_TREE-$(tree)}

same_tree() {
  local now
  now=$(tree)
  [ "$now" = "$tree_before" ] && return
  diff <(echo "$tree_before") <(echo "$now")
  return 1
}

reporter=(--reporter test/support/reporter.cjs)
chapter "static checks" make --no-print-directory check
chapter "units and conformance" npx c8 --all --exclude-after-remap --src src --include 'src/**' --reporter=text-summary \
  npx mocha --config test/support/mocharc-unit.json "${reporter[@]}"
chapter "end to end" npx mocha "${reporter[@]}" --timeout 600000 \
  --config test/support/mocharc-e2e.json
case "${1:-}" in
  --all | --changed) chapter "slow" node --import tsx tools/choose-tests/run-slow.ts "$1" ;;
esac

chapter "the tree is as it was" same_tree

passed=0 failed=0 runs=0
while read -r p f s; do
  passed=$((passed + p)) failed=$((failed + f + s)) runs=$((runs + 1))
done <"$totals"
# A chapter that died before it could count is one more failure.
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
[ "$passed" -gt 0 ] || failed=$((failed + 1))
[ -s "$failures" ] && printf '\n== what failed\n' && cat "$failures"
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
