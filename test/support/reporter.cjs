"use strict";
// mocha's own spec reporter; in addition the totals are appended to the file that TEST_TOTALS names, so that
// test/run.sh can add up several runs, and the failures to TEST_FAILURES, so that it can repeat them at its end.
const { appendFileSync } = require("node:fs");
const Mocha = require("mocha");

const MAX_MESSAGE_CHARACTERS = 2000;

module.exports = class TotalsReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const file = process.env.TEST_FAILURES;
    if (!file) return;
    const note = (test, reason) =>
      appendFileSync(file, `${test.fullTitle()}\n  ${reason.replaceAll("\n", "\n  ")}\n`);
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error) =>
      note(test, String(error?.message ?? error).slice(0, MAX_MESSAGE_CHARACTERS)),
    );
    runner.on(Mocha.Runner.constants.EVENT_TEST_PENDING, (test) => note(test, "skipped"));
  }

  done(failures, finish) {
    const { passes, failures: failed, pending } = this.stats;
    const file = process.env.TEST_TOTALS;
    if (file) appendFileSync(file, `${passes} ${failed} ${pending}\n`);
    finish(failures);
  }
};
