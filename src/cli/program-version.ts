import { readInstalled } from "../lib/installation.ts";

/** Which program this is. */
export interface ProgramVersion {
  readonly version: string;
  /** Day of the version at midnight UTC, Unix seconds: build time of the packages that are part of the program. */
  readonly dateSeconds: number;
}

/** Returns what the package.json says that the program came with. */
export async function programVersion(): Promise<ProgramVersion> {
  const manifest: unknown = JSON.parse(await readInstalled("package.json"));
  if (typeof manifest !== "object" || manifest === null) throw new TypeError("package.json");
  const { version, date } = { version: "", date: "", ...manifest };
  return { version, dateSeconds: Date.parse(`${date}T00:00:00Z`) / 1000 };
}
