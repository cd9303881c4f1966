import { quoteShell } from "../parameters/quote.ts";
import type { ResolvedParameter } from "../parameters/model.ts";
import { renderNode } from "../puppet/node-definition.ts";
import {
  FIRST_BOOT_FOLDER,
  FIRST_BOOT_SCRIPT,
  type PuppetRun,
  renderFirstBootScript,
  renderFirstBootUnit,
} from "./puppet-run.ts";

/** A file of a Puppet module, with its content. */
export interface ModuleContent {
  /** Relative to the module's folder. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly isExecutable: boolean;
}

/** Input for the first boot of a VM. */
export interface FirstBootInput {
  readonly vm: string;
  /** Name, version and release of the recipe. */
  readonly recipe: string;
  readonly module: string;
  readonly values: readonly ResolvedParameter[];
  readonly run: PuppetRun;
  /** All files of the module; none for a VM that uses a Puppet server. */
  readonly files: readonly ModuleContent[];
}

/** Line that is printed on the console after a successful installation. The VM stops after a failed one too. */
export const INSTALLED_MARK = "virt-appliance: the installation is complete";

const UNIT = "virt-appliance-first-boot.service";
const UNIT_FOLDER = "/etc/systemd/system";

/** Returns shell lines that write a file. Its content is in base64, which neither installer nor shell interprets. */
function writeLines(path: string, mode: string, content: Uint8Array | string): string {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : Buffer.from(content);
  const lines = bytes.toString("base64").replaceAll(/.{76}/g, "$&\n").replace(/\n$/, "");
  return `va_write ${quoteShell(path)} ${mode} <<'VA_END'\n${lines}${lines === "" ? "" : "\n"}VA_END\n`;
}

const HIERA = `---
version: 5
hierarchy:
  - name: this machine
    path: node.yaml
    datadir: ${FIRST_BOOT_FOLDER}/data
    data_hash: yaml_data
`;

/** Returns lines that write the files of a VM without a Puppet server: a manifest, Hiera data and the module. */
function localFiles(input: FirstBootInput, masked: boolean): string {
  const { module, values, vm } = input;
  const { data } = renderNode({ certname: vm, module, values }, { masked });
  const at = `${FIRST_BOOT_FOLDER}/modules/${module}`;
  return [
    writeLines(`${FIRST_BOOT_FOLDER}/site.pp`, "0600", `include ${module}\n`),
    writeLines(`${FIRST_BOOT_FOLDER}/hiera.yaml`, "0600", HIERA),
    writeLines(`${FIRST_BOOT_FOLDER}/data/node.yaml`, "0600", data),
    ...input.files.map(({ path, content, isExecutable }) =>
      writeLines(`${at}/${path}`, isExecutable ? "0755" : "0644", content),
    ),
  ].join("");
}

/**
 * Renders the last `%post` section of a VM's kickstart. It prepares the first boot and prints `INSTALLED_MARK`. Values
 * of parameters and files of the module are in it as base64.
 *
 * @param options.masked  whether secrets are hidden
 */
export function renderFirstBoot(
  input: FirstBootInput,
  options: { readonly masked: boolean },
): string {
  const script = renderFirstBootScript({ recipe: input.recipe, run: input.run });
  return `# -- virt-appliance
%post --erroronfail
set -eu
umask 022
va_write() {
  mkdir -p "\${1%/*}"
  base64 -d >"$1"
  chmod "$2" "$1"
}
mkdir -p ${FIRST_BOOT_FOLDER}
chmod 0700 ${FIRST_BOOT_FOLDER}
${input.run.kind === "apply" ? localFiles(input, options.masked) : ""}${writeLines(FIRST_BOOT_SCRIPT, "0755", script)}if [ -d /usr/lib/systemd/system ] || [ -d /lib/systemd/system ]; then
${writeLines(`${UNIT_FOLDER}/${UNIT}`, "0644", renderFirstBootUnit())}mkdir -p ${UNIT_FOLDER}/multi-user.target.wants
ln -sf ../${UNIT} ${UNIT_FOLDER}/multi-user.target.wants/${UNIT}
fi
if command -v restorecon >/dev/null; then
  restorecon -R /etc/virt-appliance ${UNIT_FOLDER} ${FIRST_BOOT_SCRIPT.replace(/\/[^/]*$/, "")} || :
fi
{ printf '%s: %s\\n' virt-appliance ${quoteShell(INSTALLED_MARK.replace(/^.*?: /, ""))} >/dev/console; } 2>/dev/null || :
%end
`;
}
