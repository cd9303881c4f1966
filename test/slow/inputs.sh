#!/bin/bash
# Prints the digest of everything that the slow chapters exercise, as committed or staged.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
git ls-files --stage -- src spec-templates repo tools examples test package-lock.json Makefile ':!test/slow/passed.sha256' |
  sha256sum | cut -d ' ' -f 1
