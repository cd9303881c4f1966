import { lstat } from "node:fs/promises";
import path from "node:path";
import { childOf, childText } from "../../lib/xml-tree.ts";
import { parseXml } from "../../lib/xml-parse.ts";
import { parseDomain } from "../../libvirt/index.ts";
import type { HostPaths } from "../paths.ts";

/** What libvirt keeps for a VM besides its definition and its disks, as far as it is there. */
export interface GuestState {
  /** Files with the variables of its firmware. */
  readonly firmware: readonly string[];
  /** Folder of its emulated TPM; none: it has no TPM, or never ran. */
  readonly tpm: readonly string[];
}

/** Returns where the variables can be: a definition names the file only when somebody chose it. */
function firmwareFiles(vm: string, xml: string, paths: HostPaths): readonly string[] {
  if (parseDomain(xml, vm).os.firmware !== "uefi") return [];
  const limits = { maxBytes: 16 * 1024 * 1024, maxNodes: 1_000_000 };
  const os = childOf(parseXml(xml, "domain", limits), "os");
  const chosen = os === undefined ? undefined : childText(os, "nvram");
  // A file of another name is the administrator's own.
  if (chosen !== undefined) return path.basename(chosen).startsWith(`${vm}_VARS`) ? [chosen] : [];
  return ["fd", "qcow2"].map((extension) => path.join(paths.nvramDir, `${vm}_VARS.${extension}`));
}

function tpmFolders(vm: string, xml: string, paths: HostPaths): readonly string[] {
  const { uuid } = parseDomain(xml, vm);
  const isSure = xml.includes("<tpm ") && /^[0-9a-f-]{36}$/i.test(uuid ?? "");
  return isSure ? [path.join(paths.tpmDir, uuid ?? "")] : [];
}

async function present(files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map((file) =>
      lstat(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** Looks at what libvirt keeps for a VM of this definition. */
export async function readGuestState(
  vm: string,
  xml: string,
  paths: HostPaths,
): Promise<GuestState> {
  return {
    firmware: await present(firmwareFiles(vm, xml, paths)),
    tpm: await present(tpmFolders(vm, xml, paths)),
  };
}
