import { globalOptions } from "../options/shared-options.ts";
import { sentence } from "./description-text.ts";

/** Options of every command, for the manual page and the reference. */
export const GLOBAL_OPTIONS: readonly (readonly [string, string])[] = [
  ...Object.entries(globalOptions).map(
    ([name, { describe }]) => [`--${name}`, sentence(describe)] as const,
  ),
  ["--help", "Show the options of the program, or of a command."],
  ["--version", "Show the version."],
];

/** Exit statuses of every command. */
export const EXIT_STATUS: readonly (readonly [string, string])[] = [
  ["0", "Done."],
  ["1", "Failed; the reason is on standard error."],
  ["2", "The command line is not valid."],
  ["3", "Verification failed: a digest, a signature or a checksum does not match."],
  ["4", "The machine lacks something: a program, a running libvirt, root privileges."],
  ["130", "Interrupted; nothing incomplete was left."],
];
