import assert from "node:assert/strict";
import { ApplianceError } from "../../src/errors.ts";
import type { EffectHook } from "../../src/lib/journal/effects.ts";
import { countingHook, Killed, killingHook, killPoints } from "../support/kill-points.ts";

/** State of the host after a command was killed and `recover` has run: as without the command, or as after it. */
export type Outcome = "as before" | "as after";

/** A command on a host whose libvirt is in memory. */
export interface KilledCommand<H extends AsyncDisposable> {
  /** Makes the host as it is before the command. */
  readonly open: () => Promise<H>;
  readonly run: (host: H, hook: EffectHook) => Promise<unknown>;
  /** Code of the error with which the command ends if it is not killed. Default: it succeeds. */
  readonly fails?: string;
  /** What happens to the host between the kill and `recover`. Default: nothing. */
  readonly betweenKillAndRecover?: (host: H) => Promise<void>;
  /** Runs `recover`, and returns the commands that it could not undo or finish. */
  readonly recover: (host: H) => Promise<readonly unknown[]>;
  /**
   * Returns everything that matters as text. After `recover` it must be as before on this host, or as after a whole run
   * on another one, which has another root.
   */
  readonly look: (host: H) => Promise<string>;
  /** The outcomes that occur, over all points. */
  readonly outcomes: readonly Outcome[];
  /** Fewest changes that the command makes: the test has not killed it too rarely. */
  readonly leastChanges: number;
  /** Checks the changes of a run that is not killed, and the host after it. */
  readonly checkWhole?: (host: H, changes: readonly string[]) => Promise<void>;
  /** Checks what must hold in addition after each kill and `recover`. */
  readonly check?: (host: H, outcome: Outcome, point: string) => Promise<void>;
  /** Makes a host that is as before usable for the next kill, if that is faster than a new one. */
  readonly reuse?: (host: H) => Promise<void>;
}

/** Runs the command without a kill; returns how the host looks after it, and its changes. */
async function runWhole<H extends AsyncDisposable>(
  command: KilledCommand<H>,
): Promise<{ after: string; changes: readonly string[] }> {
  await using host = await command.open();
  const counting = countingHook();
  const failed = await command.run(host, counting).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (command.fails === undefined) assert.ifError(failed);
  else assert.ok(failed instanceof ApplianceError && failed.code === command.fails, String(failed));
  const changes = counting.labels;
  assert.ok(changes.length >= command.leastChanges, changes.join("\n"));
  await command.checkWhole?.(host, changes);
  return { after: await command.look(host), changes };
}

/** Kills the command before and after each of its changes, runs `recover`, and checks the host. */
export async function killAtEveryChange<H extends AsyncDisposable>(
  command: KilledCommand<H>,
): Promise<void> {
  const { after, changes } = await runWhole(command);
  const outcomes = new Set<Outcome>();
  let host = await command.open();
  let before = await command.look(host);
  try {
    for (const { index, side } of killPoints(changes.length)) {
      const point = `killed ${side} change ${index}: ${changes[index]}`;
      await command.run(host, killingHook(index, side)).catch((error: unknown) => {
        assert.ok(error instanceof Killed || error instanceof ApplianceError, point);
      });
      await command.betweenKillAndRecover?.(host);
      assert.deepEqual(await command.recover(host), [], point);
      const found = await command.look(host);
      const outcome = found === after && found !== before ? "as after" : "as before";
      if (outcome === "as before") assert.equal(found, before, point);
      await command.check?.(host, outcome, point);
      outcomes.add(outcome);
      if (outcome === "as before" && command.reuse !== undefined) await command.reuse(host);
      else {
        await host[Symbol.asyncDispose]();
        host = await command.open();
        before = await command.look(host);
      }
    }
  } finally {
    await host[Symbol.asyncDispose]();
  }
  assert.deepEqual([...outcomes].sort(), [...command.outcomes].sort());
}

/** Kills a command before and after each of its changes, each time on a new host, and checks that host. */
export async function forEveryKill<H extends AsyncDisposable>({
  open,
  run,
  check,
}: Pick<KilledCommand<H>, "open" | "run"> & {
  readonly check: (host: H, point: string) => Promise<void>;
}): Promise<void> {
  const counting = countingHook();
  {
    await using host = await open();
    await run(host, counting);
  }
  for (const { index, side } of killPoints(counting.labels.length)) {
    await using host = await open();
    await run(host, killingHook(index, side)).catch(() => undefined);
    await check(host, `killed ${side} change ${index}: ${counting.labels[index]}`);
  }
}
