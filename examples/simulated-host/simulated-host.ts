import { cp } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApplianceError } from "../../src/errors.ts";
import type { Context } from "../../src/lib/context.ts";
import type { RunResult } from "../../src/lib/exec.ts";
import { type HostRunOptions, openCommandLine } from "./command-line.ts";
import { openNamespace } from "./namespace.ts";
import { renderStandInSpec } from "./stand-in.ts";

export type { HostRunOptions } from "./command-line.ts";

/** How a simulated host is made. */
export interface SimulatedHostOptions {
  /** Size limit of the files that the host writes, which are in memory; a size of tmpfs. Default: `4g`. */
  readonly size?: string;
  /** Folders outside by their path in the host, read-only and live: a repository. */
  readonly shares?: Readonly<Record<string, string>>;
  /** Package capabilities that the real root has beyond the usual ones of a KVM host. */
  readonly provides?: readonly string[];
}

/**
 * A KVM host for tests: a throw-away copy of the real root with separate processes, mounts, /run and /dev,
 * an rpm database in which one package represents the real root, and the real network.
 */
export interface SimulatedHost extends AsyncDisposable {
  /** The host's root as a path outside. Absolute symbolic links below it lead outside: see `readText`. */
  readonly root: string;
  /** Runs a program in the host as root, with the C locale. */
  run(argv: readonly string[], options?: HostRunOptions): Promise<RunResult>;
  /** Runs a line of POSIX shell; its arguments are `$1`, `$2`, ... */
  sh(script: string, ...args: string[]): Promise<RunResult>;
  readText(file: string): Promise<string>;
  writeText(file: string, text: string): Promise<void>;
  /** Copies a file or folder from outside into the host. */
  copyIn(outside: string, inside: string): Promise<void>;
  /** Starts virtlogd and libvirtd, and waits until they answer. */
  startLibvirt(): Promise<void>;
  /** Stops both; VMs keep running, as on a real host. */
  stopLibvirt(): Promise<void>;
  /** Ends all processes of the host and removes it, as `Symbol.asyncDispose` does. */
  dispose(): Promise<void>;
}

/** Settings of a fresh host, and parts of the real root that it must not have. */
const prepare = `
set -eu
mkdir -p /etc/rpm /etc/dnf /etc/yum.repos.d /var/lib/rpm /etc/libvirt
rm -rf /root/.rpmdb /var/lib/rpm/* /var/cache/dnf /var/lib/dnf /etc/yum.repos.d/* /etc/libvirt/storage
rm -f /etc/libvirt/qemu/networks/autostart/* /etc/libvirt/qemu/*.xml
rm -rf /usr/share/virt-appliance /usr/share/osinfo/os/virt-appliance /var/lib/virt-appliance /var/lib/libvirt/images/*
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.simulated-host
printf '%s\\n' '[main]' gpgcheck=True installonly_limit=3 clean_requirements_on_remove=True best=False \\
  skip_if_unavailable=False keepcache=False >/etc/dnf/dnf.conf
printf '%s\\n' 'namespaces = []' 'security_driver = "none"' >/etc/libvirt/qemu.conf
[ -e /usr/bin/yum ] || ln -s dnf /usr/bin/yum
rm -f /var/log/messages*
rpm --initdb
if command -v busybox >/dev/null; then busybox syslogd -O /var/log/messages; fi
mkdir -p /tmp/stand-in
cat >/tmp/stand-in/stand-in.spec
rpmbuild -bb --quiet --define '_topdir /tmp/stand-in' --define '_rpmdir /tmp/stand-in' /tmp/stand-in/stand-in.spec
rpm -i /tmp/stand-in/noarch/*.rpm
rm -rf /tmp/stand-in
`;

const startDaemons = "virtlogd -d && libvirtd -d";
const stopDaemons = `
for name in libvirtd virtlogd; do
  [ -s "/run/$name.pid" ] || continue
  pid=$(cat "/run/$name.pid")
  kill "$pid" 2>/dev/null || continue
  timeout 20 tail -s 0.05 --pid="$pid" -f /dev/null
done`;

/** Opens a simulated host; `README.md` beside this file lists what it needs. */
export async function openSimulatedHost(
  context: Context,
  options: SimulatedHostOptions = {},
): Promise<SimulatedHost> {
  const namespace = await openNamespace({
    parent: context.temporaryFolder,
    size: options.size ?? "4g",
    shares: options.shares ?? {},
  });
  const root = `/proc/${namespace.pid}/root`;

  const run = openCommandLine(namespace.pid, context);
  const sh = (script: string, ...args: string[]): Promise<RunResult> =>
    run(["sh", "-c", script, "sh", ...args]);

  const host: SimulatedHost = {
    root,
    run,
    sh,
    readText: async (file) => (await run(["cat", "--", file])).stdout,
    writeText: async (file, text) => {
      await run(["sh", "-c", 'mkdir -p "${1%/*}" && cat >"$1"', "sh", file], { input: text });
    },
    copyIn: (outside, inside) => cp(outside, path.join(root, inside), { recursive: true }),
    startLibvirt: async () => {
      await sh(startDaemons);
      for (let tries = 0; ; tries++) {
        const answer = await run(["virsh", "-c", "qemu:///system", "version"], { accept: "any" });
        if (answer.exitCode === 0) return;
        if (tries === 100) {
          throw new ApplianceError("LIB_EXEC_FAILED", "libvirtd: no answer after 100 tries", {
            details: answer.stderr.trim().split("\n"),
          });
        }
        await sleep(100);
      }
    },
    stopLibvirt: async () => {
      await sh(stopDaemons);
    },
    dispose: namespace.end,
    [Symbol.asyncDispose]: namespace.end,
  };
  try {
    await run(["sh", "-c", prepare], { input: renderStandInSpec(options.provides ?? []) });
    return host;
  } catch (error) {
    await host.dispose();
    throw error;
  }
}
