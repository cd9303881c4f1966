/** Makes tar archives byte by byte, as nobody's tar would write them: for tests of hostile and damaged ones. */

/** A header block and the data behind it. */
export interface RawMember {
  readonly name: string;
  /** Default: "0". */
  readonly type?: string;
  readonly linkName?: string;
  readonly data?: Buffer | string;
  /** Says another size than the data has. */
  readonly sizeField?: string | Buffer;
  /** Default: "posix". */
  readonly magic?: "posix" | "gnu" | "none";
  /** Changes the block before its checksum is computed. */
  readonly patch?: (block: Buffer) => void;
  /** Changes the block after its checksum was computed. */
  readonly damage?: (block: Buffer) => void;
}

const magics = { posix: "ustar\u000000", gnu: "ustar  \0", none: "\0\0\0\0\0\0\0\0" } as const;

/** One member: header, data, padding. */
export function tarMember(member: RawMember): Buffer {
  const data = Buffer.from(member.data ?? "");
  const block = Buffer.alloc(512);
  block.write(member.name, 0, 100, "utf8");
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  const size = member.sizeField ?? `${data.length.toString(8).padStart(11, "0")}\0`;
  (typeof size === "string" ? Buffer.from(size) : size).copy(block, 124);
  block.write("00000000000\0", 136);
  block.write(member.type ?? "0", 156);
  block.write(member.linkName ?? "", 157, 100, "utf8");
  block.write(magics[member.magic ?? "posix"], 257, "latin1");
  member.patch?.(block);
  block.write("        ", 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  member.damage?.(block);
  return Buffer.concat([block, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** An archive with its end marker. */
export function tarBytes(...members: readonly (RawMember | Buffer)[]): Buffer {
  const blocks = members.map((member) => (Buffer.isBuffer(member) ? member : tarMember(member)));
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The body of a pax header. */
export function paxRecords(records: readonly (readonly [string, string])[]): string {
  return records
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest + 1;
      while (rest + String(length).length !== length) length++;
      return `${length} ${key}=${value}\n`;
    })
    .join("");
}

/** A pax header for the member that follows. */
export function paxHeader(records: readonly (readonly [string, string])[]): Buffer {
  return tarMember({ name: "PaxHeader", type: "x", data: paxRecords(records) });
}
