/** A run of bytes of a file; what lies between runs is a hole and reads as zeros. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/**
 * Returns why these segments cannot be the data of a file of this size, or undefined when they can:
 * they must be in order, must not overlap, and must lie inside the file.
 */
export function findSegmentFault(
  segments: readonly Segment[],
  sizeBytes: number,
): string | undefined {
  let end = 0;
  for (const [index, { offset, length }] of segments.entries()) {
    if (offset < end) return `segment ${index} begins at ${offset}, inside or before the last one`;
    end = offset + length;
    if (end > sizeBytes) return `segment ${index} ends at ${end}, beyond the file's ${sizeBytes}`;
  }
  return undefined;
}

/** Bytes of data in a map. */
export function countSegmentBytes(segments: readonly Segment[]): number {
  let total = 0;
  for (const { length } of segments) total += length;
  return total;
}
