import { lstat } from "node:fs/promises";
import path from "node:path";
import { childOf, childText } from "../../lib/xml/tree.ts";
import { parseXml } from "../../lib/xml/parse.ts";
import { parseDomain } from "../../libvirt/index.ts";
import type { HostPaths } from "../access/paths.ts";

/** Existing state that libvirt keeps for a VM besides its definition and its disks. */
export interface GuestState {
  /** Files with its firmware variables. */
  readonly firmware: readonly string[];
  /** Folder of its emulated TPM; undefined if it has no TPM or never ran. */
  readonly tpm: readonly string[];
}

/** Returns the possible paths of the variables: a definition names the file only if it was chosen explicitly. */
function firmwareFiles(vm: string, xml: string, paths: HostPaths): readonly string[] {
  if (parseDomain(xml, vm).os.firmware !== "uefi") return [];
  const limits = { maxBytes: 16 * 1024 * 1024, maxNodes: 1_000_000 };
  const os = childOf(parseXml(xml, "domain", limits), "os");
  const chosen = os === undefined ? undefined : childText(os, "nvram");
  // A file with another name belongs to the administrator.
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

/** Finds the state that libvirt keeps for a VM with this definition. */
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
