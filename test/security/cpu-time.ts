import assert from "node:assert/strict";

/** Most that a piece of work may take at a stretch: Ctrl-C is heard after it. */
const LIMIT_MS = 1000;

/** A busy machine slows down a run now and then, but not each of them. */
const ATTEMPTS = 3;

/** Runs work that nothing can interrupt, and asserts that it takes less than a second of the processor's time. */
export function assertShort(work: () => unknown): void {
  const times: number[] = [];
  while (times.length < ATTEMPTS) {
    const start = process.cpuUsage();
    try {
      work();
    } finally {
      const { user, system } = process.cpuUsage(start);
      times.push(Math.round((user + system) / 1000));
    }
    if (Math.min(...times) < LIMIT_MS) return;
  }
  assert.fail(`took ${times.join(", ")} ms of the processor's time`);
}
