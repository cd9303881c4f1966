import { readInstalled } from "../../lib/installation.ts";

/** Version of this program. */
export interface ProgramVersion {
  readonly version: string;
  /** Date of the version at midnight UTC, in Unix seconds: the build time of virt-appliance's own packages. */
  readonly dateSeconds: number;
}

/** Returns the version and date in the program's package.json. */
export async function programVersion(): Promise<ProgramVersion> {
  const manifest: unknown = JSON.parse(await readInstalled("package.json"));
  if (typeof manifest !== "object" || manifest === null) throw new TypeError("package.json");
  const { version, date } = { version: "", date: "", ...manifest };
  return { version, dateSeconds: Date.parse(`${date}T00:00:00Z`) / 1000 };
}
