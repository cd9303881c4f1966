import { quoteShell } from "../parameters/quote.ts";

/** How Puppet configures a VM at its first boot. */
export type PuppetRun =
  /** From the site's Puppet server. Default of `server`: the one in the VM's own Puppet configuration. */
  | { readonly kind: "agent"; readonly server: string | undefined }
  /** From the files that the installation wrote to the VM. */
  | { readonly kind: "apply" };

/** Folder in a VM with the files that its first boot needs. Only root can read it. */
export const FIRST_BOOT_FOLDER = "/etc/virt-appliance/first-boot";

/** Script that the first boot runs. */
export const FIRST_BOOT_SCRIPT = "/usr/libexec/virt-appliance/first-boot";

/** File that exists once the VM is configured. */
const DONE_FILE = "/var/lib/virt-appliance/first-boot-done";

function commandOf(run: PuppetRun): string {
  if (run.kind === "agent") {
    const server = run.server === undefined ? "" : ` --server=${quoteShell(run.server)}`;
    // The options of --test, except --show_diff: the differences may contain secrets.
    return `puppet agent --onetime --no-daemonize --verbose --no-usecacheonfailure --no-splay \\
    --detailed-exitcodes --color=false --waitforcert 60${server}`;
  }
  return `here=${FIRST_BOOT_FOLDER}
  puppet apply --detailed-exitcodes --color=false \\
    --modulepath "$here/modules:$(puppet config print basemodulepath)" \\
    --hiera_config "$here/hiera.yaml" "$here/site.pp"`;
}

/**
 * Renders the script of the first boot, for any POSIX shell. It runs Puppet and retries after half a minute if that
 * fails. It exits with 0 when the machine is configured. On a configured machine it exits with 0 at once.
 */
export function renderFirstBootScript(input: {
  readonly recipe: string;
  readonly run: PuppetRun;
}): string {
  const tries = input.run.kind === "agent" ? 20 : 3;
  return `#!/bin/sh
# Configures this machine as its recipe says, once. What fails is tried again at the next boot.
set -u
PATH="\${PATH:-/usr/sbin:/usr/bin:/sbin:/bin}:/usr/local/bin:/opt/puppetlabs/bin"
HOME="\${HOME:-/root}"
LC_ALL="\${LC_ALL:-C.UTF-8}"
export PATH HOME LC_ALL
recipe=${quoteShell(input.recipe)}
done_file=${DONE_FILE}

say() { printf 'virt-appliance: %s\\n' "$*"; }

run_puppet() {
  ${commandOf(input.run)}
}

[ ! -e "$done_file" ] || exit 0
if ! command -v puppet >/dev/null; then
  say "first boot: $recipe: puppet is not installed"
  exit 1
fi
tries=1
while :; do
  status=0
  run_puppet || status=$?
  # 2: something was changed.
  case "$status" in 0 | 2) break ;; esac
  say "first boot: $recipe: puppet ended with status $status, try $tries of ${tries}"
  [ "$tries" -lt ${tries} ] || exit 1
  tries=$((tries + 1))
  sleep "\${FIRST_BOOT_PAUSE:-30}"
done
mkdir -p "\${done_file%/*}"
: >"$done_file"
say "first boot: $recipe is configured"
`;
}

/** Renders the systemd unit that runs the script. */
export function renderFirstBootUnit(): string {
  return `[Unit]
Description=Configure this machine as its recipe says
ConditionPathExists=!${DONE_FILE}
Wants=network-online.target
After=network-online.target
Before=puppet.service

[Service]
Type=oneshot
ExecStart=${FIRST_BOOT_SCRIPT}
StandardOutput=journal+console
StandardError=journal+console
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
`;
}
