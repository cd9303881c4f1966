import { createReadStream, fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";

/** Opens a file descriptor so that a read can be interrupted; a blocking read of a pipe or terminal cannot be. */
export function openDescriptor(fd: number): Readable {
  if (isatty(fd)) return new ReadStream(fd);
  const stats = fstatSync(fd);
  return stats.isFIFO() || stats.isSocket()
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream("", { fd, autoClose: false });
}
