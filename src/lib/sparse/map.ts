/** A range of data in a file. The ranges between segments are holes, which read as zeros. */
export interface Segment {
  readonly offset: number;
  readonly length: number;
}

/**
 * Returns the reason why these segments are not valid for a file of this size, or undefined if they are valid.
 * Segments must be in order, must not overlap, and must be inside the file.
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

/** Returns the total number of data bytes in the segments. */
export function countSegmentBytes(segments: readonly Segment[]): number {
  let total = 0;
  for (const { length } of segments) total += length;
  return total;
}
