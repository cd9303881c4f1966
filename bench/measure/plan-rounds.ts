/** One run: which contender, and its how many-eth run, counted from 0. */
export interface Turn {
  readonly index: number;
  readonly round: number;
}

/**
 * Returns the order of the runs. Contenders with few runs take part in the first rounds; every second round begins
 * with the last contender, so that none always runs after the same one.
 *
 * @param wanted  number of runs of each contender
 */
export function planRounds(wanted: readonly number[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (let round = 0; round < Math.max(0, ...wanted); round += 1) {
    const some = wanted.flatMap((runs, index) => (round < runs ? [{ index, round }] : []));
    turns.push(...(round % 2 === 0 ? some : some.toReversed()));
  }
  return turns;
}
