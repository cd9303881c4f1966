/** Places of a magic, in the order in which they are tried. */
export type MarkPlace =
  /** The first 512 bytes. */
  | "start"
  /** The first 512 bytes as text, for text formats. */
  | "text"
  /** The name in the first volume descriptor, at 0x8001. */
  | "volume"
  /** The last 512 bytes. */
  | "end";

/** The magic by which programs guess a format. */
export interface Mark {
  readonly place: MarkPlace;
  /** True if the bytes at that place match. */
  readonly isIn: (bytes: Buffer) => boolean;
}

function fixed(place: MarkPlace, text: string, offset: number): Mark {
  const magic = Buffer.from(text, "latin1");
  const isIn = (bytes: Buffer): boolean =>
    bytes.subarray(offset, offset + magic.length).equals(magic);
  return { place, isIn };
}

/** Returns the mark of files with these bytes at an offset of the first 512. */
export function atStart(magic: string, offset = 0): Mark {
  return fixed("start", magic, offset);
}

/** Returns the mark of files whose first 512 bytes are such a text. */
export function textAtStart(pattern: RegExp): Mark {
  return { place: "text", isIn: (bytes) => pattern.test(bytes.toString("latin1")) };
}

/** Returns the mark of a file system on a disc, by the five letters in its first volume descriptor. */
export function atVolume(name: string): Mark {
  return fixed("volume", name, 0);
}

/** Returns the mark of files whose last 512 bytes begin with these. */
export function atEnd(magic: string): Mark {
  return fixed("end", magic, 0);
}
