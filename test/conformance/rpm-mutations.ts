import { withDigestsOf } from "../fixtures/rpm-parts.ts";

/** A package that was changed, and how. */
export interface Mutation {
  readonly what: string;
  readonly bytes: Buffer;
}

/** A small generator of numbers that are the same for the same seed (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = (seed + 1) * 0x9e3779b1;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

interface Places {
  readonly header: number;
  readonly payload: number;
}

function placesOf(bytes: Buffer): Places {
  const size = (at: number): number =>
    16 + bytes.readUInt32BE(at + 8) * 16 + bytes.readUInt32BE(at + 12);
  const header = 96 + Math.ceil(size(96) / 8) * 8;
  return { header, payload: header + size(header) };
}

function flip(bytes: Buffer, from: number, to: number, random: (below: number) => number): string {
  const at = from + random(Math.max(1, to - from));
  const change = random(4) === 0 ? 0xff : 1 << random(8);
  bytes.writeUInt8((bytes[at] ?? 0) ^ change, at);
  return `byte ${at} ^ ${change}`;
}

/** Exchanges two entries of an index, or one word of them. */
function swap(bytes: Buffer, start: number, random: (below: number) => number): string {
  const count = bytes.readUInt32BE(start + 8);
  const [i, j, word] = [random(count), random(count), random(5)];
  const length = word === 4 ? 16 : 4;
  const at = (entry: number): number => start + 16 + entry * 16 + (word === 4 ? 0 : word * 4);
  const first = Buffer.from(bytes.subarray(at(i), at(i) + length));
  bytes.copy(bytes, at(i), at(j), at(j) + length);
  first.copy(bytes, at(j));
  return `header at ${start}: entries ${i} and ${j}, word ${word}`;
}

/** Computes the digests of a package again, so that its main header is looked at for itself. */
function withDigests(bytes: Buffer, { header, payload }: Places): Buffer {
  return withDigestsOf(bytes, bytes.subarray(header, payload), bytes.subarray(payload));
}

/** Changes a package in the way that a seed decides. */
export function mutate(base: Buffer, seed: number): Mutation {
  const random = generator(seed);
  const bytes = Buffer.from(base);
  const places = placesOf(base);
  const { header, payload } = places;
  const index = (start: number): number => start + 16 + base.readUInt32BE(start + 8) * 16;
  switch (random(10)) {
    case 0:
      return { what: flip(bytes, 0, 96, random), bytes };
    case 1:
      return { what: flip(bytes, 96, index(96), random), bytes };
    case 2:
      return { what: flip(bytes, index(96), header, random), bytes };
    case 3:
      return { what: swap(bytes, 96, random), bytes };
    case 4:
      return { what: flip(bytes, header, payload, random), bytes };
    case 5:
      return { what: flip(bytes, payload, bytes.length, random), bytes };
    case 6: {
      const length = random(bytes.length);
      return { what: `cut to ${length} bytes`, bytes: bytes.subarray(0, length) };
    }
    case 7: {
      const what = swap(bytes, header, random);
      return { what: `${what}, digests anew`, bytes: withDigests(bytes, places) };
    }
    case 8: {
      const what = flip(bytes, header + 8, index(header), random);
      return { what: `${what}, digests anew`, bytes: withDigests(bytes, places) };
    }
    default: {
      const what = flip(bytes, index(header), payload, random);
      return { what: `${what}, digests anew`, bytes: withDigests(bytes, places) };
    }
  }
}
