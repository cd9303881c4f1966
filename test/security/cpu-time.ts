import assert from "node:assert/strict";

/** Most that a piece of work may take at a stretch: Ctrl-C is heard after it. */
const LIMIT_MS = 1000;

/** Runs work that nothing can interrupt, and asserts that it takes less than a second of the processor's time. */
export function assertShort(work: () => unknown): void {
  const start = process.cpuUsage();
  try {
    work();
  } finally {
    const { user, system } = process.cpuUsage(start);
    const tookMs = (user + system) / 1000;
    assert.ok(tookMs < LIMIT_MS, `took ${Math.round(tookMs)} ms of the processor's time`);
  }
}
