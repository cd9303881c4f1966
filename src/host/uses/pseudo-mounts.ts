import { readPlainText } from "../../lib/plain-file.ts";

/** File systems of the kernel and its devices, which contain no images. */
const pseudoTypes: ReadonlySet<string> = new Set(
  [
    "binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue nfsd nsfs",
    "proc pstore rpc_pipefs securityfs selinuxfs sysfs tracefs",
  ]
    .join(" ")
    .split(" "),
);

/** Returns the mount points of such file systems; empty if they cannot be read. */
export async function findPseudoMounts(): Promise<ReadonlySet<string>> {
  const text = await readPlainText("/proc/self/mountinfo").catch(() => "");
  const types = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [about = "", source = ""] = line.split(" - ", 2);
    const place = about.split(" ")[4] ?? "";
    const folder = place.replaceAll(/\\([0-7]{3})/g, (_all, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    );
    // The last mount is the visible one.
    types.set(folder, source.split(" ")[0] ?? "");
  }
  return new Set([...types].flatMap(([folder, type]) => (pseudoTypes.has(type) ? [folder] : [])));
}
