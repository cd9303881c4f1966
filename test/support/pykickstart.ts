import path from "node:path";
import { testContext } from "./context.ts";

/** Checkout of pykickstart, for those who have one: Debian has no package of it. What it said is recorded. */
export const pykickstart: string | undefined = process.env["VIRT_APPLIANCE_PYKICKSTART"];

/** What pykickstart says of a kickstart. */
export interface Verdict {
  /** Where it stopped. */
  readonly error: { readonly line: number | null; readonly message: string } | null;
  /** Lines that hold something deprecated; 0 when it does not say where. */
  readonly deprecated: readonly number[];
}

/** Runs ask-pykickstart.py with the checkout and returns what it prints. */
export async function askPykickstart(words: readonly string[], input = ""): Promise<string> {
  const script = path.join(import.meta.dirname, "ask-pykickstart.py");
  const { stdout } = await testContext().run("python3", [script, ...words], {
    input,
    env: { PYTHONPATH: pykickstart ?? "" },
  });
  return stdout;
}
