import { errorCodes } from "../../errors.ts";
import type { CommandDescription } from "./describe-command.ts";
import type { ProgramVersion } from "../process/program-version.ts";
import { EXIT_STATUS, GLOBAL_OPTIONS } from "./shared-texts.ts";
import { renderCommand } from "./render-command.ts";
import { bold, italic, lines, prose, section, terms } from "./roff.ts";

const DESCRIPTION = `A virtual appliance consists of disk images and a description of their virtual machine. virt-appliance turns appliances into
signed RPM packages and publishes them in yum repositories. On a KVM host it creates virtual machines from the installed
appliances, updates them and rolls them back.`;

const OUTPUT = `Results are printed on standard output: paths, tables, or one JSON document. All messages are printed on standard error.`;

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["XDG_DATA_HOME", "Parent of the folder of keys, virt-appliance/keys. Default: ~/.local/share."],
  [
    "VIRT_APPLIANCE_PASSPHRASE",
    "Passphrase of the signing key, when --passphrase-fd is not given. Without either, the program asks on the terminal.",
  ],
  [
    "SOURCE_DATE_EPOCH",
    "Date of packages and repositories in seconds since 1970, so that the same input gives the same files.",
  ],
  ["TMPDIR", "Folder for small temporary files. Default: /tmp."],
];

const FILES: readonly (readonly [string, string])[] = [
  ["/etc/virt-appliance/host.conf", "Settings of the host."],
  ["/usr/share/virt-appliance/catalog.d", "One folder for each installed version of an appliance."],
  [
    "/var/lib/libvirt/images/appliances/base",
    "The bases: images that virtual machines share, in a libvirt pool. A base is written once. Only gc deletes it.",
  ],
  ["/var/lib/libvirt/images", "Disks of virtual machines, unless --pool chooses another pool."],
  ["/var/lib/virt-appliance", "Outcome of registrations, digests of bases, journal, locks."],
  ["~/.local/share/virt-appliance/keys", "Signing keys of the user."],
];

const UNITS: readonly (readonly [string, string])[] = [
  [
    "virt-appliance-recover.service",
    "At boot, finishes or undoes interrupted operations. Enabled, unless the site's presets disable it.",
  ],
  [
    "virt-appliance-gc.timer",
    "Once a week, deletes unused bases. Disabled by default: systemctl enable --now virt-appliance-gc.timer",
  ],
  [
    "virt-appliance-reconcile.service",
    "Part of virt-appliance-host. At boot, unpacks and registers appliances that were installed without scriptlets.",
  ],
];

function table(rows: readonly (readonly [string, string])[]): string {
  return terms(rows.map(([term, text]) => [bold(term), text]));
}

function renderErrors(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { exit, meaning }]) => [code, `${meaning} (exit status ${exit})`] as const,
  );
  return section(
    "ERRORS",
    prose(
      "Each failure is reported with one of these codes, which do not change between versions.",
    ),
    table(rows),
  );
}

function renderExamples(): string {
  return section(
    "EXAMPLES",
    prose("From a tarball to a repository, on a builder's machine:"),
    lines(
      "virt-appliance keys generate --name release --email builders@example.com",
      "virt-appliance build web-1.2.tar.gz -o out --sign release",
      "virt-appliance repo init out/repo --name appliances \\",
      "    --base-url https://example.com/appliances --key release",
      "virt-appliance repo add out/repo out/web-appliance-1.2-1.x86_64.rpm",
    ),
    ".PP",
    prose("From the repository to a virtual machine, on a KVM host:"),
    lines("dnf install virt-appliance web-appliance", "virt-appliance create web vm1"),
  );
}

/** Renders the manual page virt-appliance(1): the description of each command, and what applies to all of them. */
export function renderManual(
  commands: readonly CommandDescription[],
  program: ProgramVersion,
): string {
  const date = new Date(program.dateSeconds * 1000).toISOString().slice(0, 10);
  const parts = [
    `.TH VIRT-APPLIANCE 1 ${date} "virt-appliance ${prose(program.version)}" "User Commands"`,
    section("NAME", "virt-appliance \\- build, publish and run virtual appliances"),
    section("SYNOPSIS", `${bold("virt-appliance")} ${italic("COMMAND")} ${italic("ARGUMENT")} ...`),
    section("DESCRIPTION", prose(DESCRIPTION), ".PP", prose(OUTPUT)),
    section("OPTIONS", prose("Every command has these options."), table(GLOBAL_OPTIONS)),
    section("COMMANDS", ...commands.map(renderCommand)),
    section("EXIT STATUS", table(EXIT_STATUS)),
    section("ENVIRONMENT", table(ENVIRONMENT)),
    section("FILES", table(FILES)),
    section("UNITS", table(UNITS)),
    renderExamples(),
    renderErrors(),
    section(
      "SEE ALSO",
      ["dnf(8)", "qemu-img(1)", "rpm(8)", "virsh(1)", "virt-install(1)"]
        .map((page) =>
          page.replace(
            /^(.*)(\(\d\))$/,
            (_, name: string, chapter: string) => bold(name) + chapter,
          ),
        )
        .join(", "),
    ),
  ];
  return `${parts.join("\n")}\n`;
}
