import path from "node:path";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { installStaged } from "../../src/host/install/install.ts";
import { withStagedAppliance } from "../../src/pipeline/index.ts";
import { descriptorOf, noise, writeAppliance } from "../support/appliance-fixture.ts";
import { testContext } from "../support/context.ts";
import { openFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

/** The appliance `web` 1.0 as a folder, and ways to install it. */
export interface InstallFixture {
  readonly folder: string;
  /** The appliance's own folder, below `folder`. */
  readonly source: string;
  readonly options: (keepRaw: boolean) => Parameters<typeof withStagedAppliance>[1];
  readonly install: (host: LocalHost, keepRaw?: boolean) => ReturnType<typeof installStaged>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Writes the appliance into a new folder; the caller disposes of it. */
export async function openInstallFixture(): Promise<InstallFixture> {
  const temporary = await openFolder();
  const folder = temporary.path;
  const source = path.join(folder, "web-1.0");
  const disk = Buffer.alloc(4 * MIB);
  noise(65536, "web").copy(disk, MIB);
  const descriptor = descriptorOf([{ file: "system.raw", sizeMib: 4 }], {
    name: "web",
    version: "1.0",
  });
  await writeAppliance(source, descriptor, { "system.raw": disk, "README.md": "read me\n" });
  const options = (keepRaw: boolean) =>
    ({
      outputFolder: path.join(folder, "work"),
      package: { buildTimeSeconds: 1_767_225_600 },
      images: { keepRaw, compression: "zstd" },
    }) as const;
  return {
    folder,
    source,
    options,
    install: (host, keepRaw = false) =>
      withStagedAppliance(source, options(keepRaw), {
        context: testContext(),
        use: (staged) => installStaged(host, staged),
      }),
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}
