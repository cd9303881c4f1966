import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { RunResult } from "../../src/lib/exec.ts";
import { testContext } from "../support/context.ts";

/** The script under test, as it is in the source tree. */
export const RECONCILE: string = fileURLToPath(
  new URL("../../spec-templates/host/reconcile", import.meta.url),
);

/** Returns SHA-256 in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** One installed appliance package, as its files are on a host. */
export interface InstalledAppliance {
  /** Name of the package, `web-appliance`. */
  readonly package: string;
  readonly versionRelease: string;
  /** Content of the files in the payload directory by name. */
  readonly payload: Readonly<Record<string, string | Uint8Array>>;
  /** Lines of unpack.list. Default: a link for each file of the payload. */
  readonly lines?: readonly string[];
  /** Text of the osinfo entry; undefined: a good one. */
  readonly osinfo?: string | null;
}

const IMAGES = "var/lib/libvirt/images/appliances";

/** A folder that is laid out as a host's root, for `reconcile --root`. */
export class HostTree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  at(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }

  base(name: string): string {
    return this.at(IMAGES, "base", name);
  }

  payload(appliance: InstalledAppliance, name: string): string {
    return this.at(IMAGES, "payload", appliance.package, appliance.versionRelease, name);
  }

  async write(file: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    await mkdir(path.dirname(this.at(file)), { recursive: true });
    await writeFile(this.at(file), content, { mode });
  }

  read(file: string): Promise<string> {
    return readFile(this.at(file), "utf8");
  }

  outcome(appliance: InstalledAppliance): Promise<string> {
    return this.read(
      `var/lib/virt-appliance/registered/${appliance.package}-${appliance.versionRelease}`,
    );
  }

  /** Writes what rpm would have written. */
  async install(appliance: InstalledAppliance): Promise<void> {
    const entry = `${appliance.package}-${appliance.versionRelease}`;
    const payloadDir = `${IMAGES}/payload/${appliance.package}/${appliance.versionRelease}`;
    const links = Object.entries(appliance.payload).map(([name, content]) =>
      ["link", name, `${entry}-${name}`, Buffer.from(content).length, sha256(content)].join("\t"),
    );
    for (const [name, content] of Object.entries(appliance.payload)) {
      await this.write(`${payloadDir}/${name}`, content, 0o444);
    }
    await this.write(`${payloadDir}/unpack.list`, [...(appliance.lines ?? links), ""].join("\n"));
    await this.write(`usr/share/virt-appliance/catalog.d/${entry}/payload`, `/${payloadDir}\n`);
    if (appliance.osinfo === null) return;
    const name = appliance.package.replace(/-appliance$/, "");
    const id = `http://virt-appliance/${name}/${appliance.versionRelease}`;
    await this.write(
      `usr/share/osinfo/os/virt-appliance/${name}-${appliance.versionRelease}.xml`,
      appliance.osinfo ?? `<libosinfo>\n  <os id="${id}">\n  </os>\n</libosinfo>\n`,
    );
  }

  /** Runs reconcile on this tree; 0 and 1 are answers. */
  reconcile(...options: string[]): Promise<RunResult> {
    return testContext().run("sh", [RECONCILE, "--root", this.root, ...options], {
      acceptExitCodes: [1, 2],
    });
  }

  /** The same, with programs of a folder in place of those of the system. */
  reconcileWith(programs: string): Promise<RunResult> {
    return testContext().run("sh", [RECONCILE, "--root", this.root], {
      acceptExitCodes: [1, 2],
      env: { PATH: `${programs}:${process.env["PATH"] ?? ""}` },
    });
  }
}
