import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../dist/bundle/main.js", import.meta.url));

/** Returns the command line of our program, as its RPM installs it. */
export function virtAppliance(...args: readonly string[]): readonly string[] {
  return [process.execPath, PROGRAM, ...args];
}
