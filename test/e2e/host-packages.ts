import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import {
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import { buildAppliance, buildHostPackage } from "../../src/pipeline/index.ts";
import type { PackagePlan } from "../../src/package/index.ts";
import { buildRpm } from "../../src/rpm/index.ts";
import { descriptorOf, noise, writeAppliance } from "../support/appliance-fixture.ts";
import { testContext } from "../support/context.ts";
import { openFolder } from "../support/temporary.ts";

/** Everything below the pool and the records: what must be the same, or gone, after a step. */
export const BASE_DIR = "/var/lib/libvirt/images/appliances/base";
const DATE_SECONDS = 1_767_225_600;
const MIB = 1024 * 1024;

/** How an appliance for a host test is built. */
export interface TestAppliance {
  readonly name: string;
  readonly version: string;
  readonly keepRaw?: boolean;
  /** Bytes of the system disk with content (default: 64 KiB). The disk is 16 MiB. */
  readonly noiseBytes?: number;
}

/** A repository for host tests, and a host that sees it. */
export interface HostLaboratory {
  readonly host: SimulatedHost;
  /** Folder of the repository outside; the host sees it at /srv/repo. */
  readonly repository: string;
  dispose(): Promise<void>;
}

async function buildOne(request: TestAppliance, folder: string): Promise<void> {
  const source = path.join(folder, `${request.name}-${request.version}`);
  const disk = Buffer.alloc(16 * MIB);
  noise(request.noiseBytes ?? 65536, `${request.name} ${request.version}`).copy(disk, MIB);
  await writeAppliance(
    source,
    descriptorOf([{ file: "system.raw", sizeMib: 16 }], {
      name: request.name,
      version: request.version,
    }),
    { "system.raw": disk },
  );
  await buildAppliance(
    source,
    {
      outputFolder: path.join(folder, "repo"),
      package: { buildTimeSeconds: DATE_SECONDS },
      images: { keepRaw: request.keepRaw ?? false, compression: "zstd" },
    },
    testContext(),
  );
  await rm(source, { recursive: true });
}

/**
 * Opens a host with a repository of these appliances, these other packages, and two versions of virt-appliance-host.
 *
 * @param shares  further folders of the outside, by the path where the host sees them
 */
export async function openLaboratory(
  appliances: readonly TestAppliance[],
  others: readonly PackagePlan[] = [],
  shares: Readonly<Record<string, string>> = {},
): Promise<HostLaboratory> {
  const temporary = await openFolder();
  const folder = temporary.path;
  const repository = path.join(folder, "repo");
  const context = testContext();
  try {
    await mkdir(repository);
    for (const version of ["0.1.0", "0.2.0"]) {
      const options = {
        outputFolder: repository,
        version,
        release: "1",
        dateSeconds: DATE_SECONDS,
      };
      await buildHostPackage(options, context);
    }
    for (const plan of others) {
      await buildRpm(plan, { stagingFolder: folder, outputFolder: repository }, context);
    }
    for (const request of appliances) await buildOne(request, folder);
    await context.run("createrepo_c", ["-q", repository]);
    const host = await openSimulatedHost(context, {
      shares: { ...shares, "/srv/repo": repository },
    });
    await host.writeText(
      "/etc/yum.repos.d/test.repo",
      "[test]\nname=test\nbaseurl=file:///srv/repo\ngpgcheck=0\n",
    );
    return {
      host,
      repository,
      dispose: async () => {
        await host.dispose();
        await temporary[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await temporary[Symbol.asyncDispose]();
    throw error;
  }
}

/** Takes a host back to before any appliance, without the help of what is being tested. */
export async function resetHost(host: SimulatedHost): Promise<void> {
  await host.sh(`
    names=$(rpm -qa --qf '%{nevra}\\n' | grep -v ^debian-stand-in || :)
    [ -z "$names" ] || rpm -e --nodeps --noscripts --notriggers $names
    rm -rf /var/lib/libvirt/images/appliances/* /var/lib/virt-appliance /etc/libvirt/storage
    rm -rf /var/lib/dnf/history* /usr/share/virt-appliance /usr/share/osinfo/os/virt-appliance
    : >/var/log/messages`);
}

/** What is there of appliances: packages, bases, outcomes. Each list is sorted. */
export interface HostState {
  readonly packages: readonly string[];
  readonly bases: readonly string[];
  /** `web-appliance-1.0-1: complete`. */
  readonly registered: readonly string[];
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

/** Looks at a host. */
export async function stateOf(host: SimulatedHost): Promise<HostState> {
  const { stdout } = await host.sh(`
    rpm -qa --qf '%{name}-%{version}-%{release}\\n' | grep -v ^debian-stand-in || :
    echo --
    ls -A ${BASE_DIR} 2>/dev/null || :
    echo --
    cd /var/lib/virt-appliance/registered 2>/dev/null || exit 0
    for record in *; do
      [ -f "$record" ] && echo "$record: $(sed -n 's/^status: //p' "$record")"
    done
    exit 0`);
  const [packages = "", bases = "", registered = ""] = stdout.split(/^--$/m);
  return { packages: lines(packages), bases: lines(bases), registered: lines(registered) };
}
