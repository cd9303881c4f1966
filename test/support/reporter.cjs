"use strict";
// mocha's own spec reporter; in addition the totals are appended to the file that TEST_TOTALS names, so that
// test/run.sh can add up several runs.
const { appendFileSync } = require("node:fs");
const Mocha = require("mocha");

module.exports = class TotalsReporter extends Mocha.reporters.Spec {
  done(failures, finish) {
    const { passes, failures: failed, pending } = this.stats;
    const file = process.env.TEST_TOTALS;
    if (file) appendFileSync(file, `${passes} ${failed} ${pending}\n`);
    finish(failures);
  }
};
