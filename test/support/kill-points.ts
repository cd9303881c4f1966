import type { EffectHook } from "../../src/lib/journal/effects.ts";

/** Stands for the death of the process: nothing changes the world after it. */
export class Killed extends Error {
  constructor(place: string) {
    super(`killed ${place}`);
    this.name = "Killed";
  }
}

/** A hook that lets everything pass and keeps the labels of the changes, in order. */
export function countingHook(): EffectHook & { readonly labels: readonly string[] } {
  const labels: string[] = [];
  return { labels, before: (label) => void labels.push(label) };
}

/**
 * A hook that kills the process, as far as the world can see, at one change.
 *
 * @param index  of the change, from 0
 */
export function killingHook(index: number, side: "before" | "after"): EffectHook {
  let count = -1;
  let dead = false;
  const die = (label: string): never => {
    dead = true;
    throw new Killed(`${side} change ${index} (${label})`);
  };
  return {
    before: (label) => {
      if (dead) throw new Killed("already");
      count += 1;
      if (side === "before" && count === index) die(label);
    },
    after: (label) => {
      if (side === "after" && count === index) die(label);
    },
  };
}

/** Every place at which a clean run of so many changes can be killed. */
export function killPoints(
  changes: number,
): readonly { readonly index: number; readonly side: "before" | "after" }[] {
  return Array.from({ length: changes }, (_, index) => index).flatMap((index) => [
    { index, side: "before" as const },
    { index, side: "after" as const },
  ]);
}
