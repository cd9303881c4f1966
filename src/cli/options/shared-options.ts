/** Arguments and options that mean the same in several commands. Each definition is data in the words of yargs. */

/** Options of every command. */
export const globalOptions = {
  json: { type: "boolean", default: false, describe: "print one JSON document on standard output" },
  quiet: {
    type: "boolean",
    default: false,
    describe: "print only warnings and errors on standard error",
  },
  verbose: { type: "boolean", default: false, describe: "print more details on standard error" },
} as const;

/** `<vm>` of commands that work on an existing VM. */
export const vmArgument = {
  type: "string",
  demandOption: true,
  describe: "name of the VM",
} as const;

/** `<name>` of an installed appliance or recipe. */
export const installedArgument = {
  type: "string",
  demandOption: true,
  describe: "NAME, NAME-VERSION or NAME-VERSION-RELEASE (default: the newest)",
} as const;

/** `<rpm..>` of commands that read or change packages. */
export const packagesArgument = {
  type: "string",
  array: true,
  demandOption: true,
  describe: "packages",
} as const;

/** `<dir>` of commands that work on an existing repository. */
export const repositoryArgument = {
  type: "string",
  demandOption: true,
  describe: "the repository",
} as const;

/** `--dry-run` of commands that print a plan. */
export const dryRunOption = {
  type: "boolean",
  default: false,
  describe: "print the plan; change nothing",
} as const;

/** `--connect` of commands that work on the host. */
export const connectOption = {
  type: "string",
  describe: "libvirt connection URI (default: LIBVIRT_URI of host.conf, else qemu:///system)",
} as const;

/** `--connect` of commands that only query libvirt and do not open the host. */
export const libvirtOption = {
  type: "string",
  describe: "libvirt connection URI (default: virsh's)",
} as const;

/** `--set` of commands that give values to parameters. */
export const setOption = {
  type: "string",
  array: true,
  // One value each time: without this, yargs would take the arguments after it as more values.
  nargs: 1,
  describe: "NAME=VALUE: value of a parameter; NAME=@FILE from a file, NAME=- from standard input",
} as const;

/** `--release` and `--appliance-version` of commands that name a new version of an appliance. */
export const versionOptions = {
  release: {
    type: "string",
    describe: "release of this version (default: the descriptor's, else 1)",
  },
  "appliance-version": {
    type: "string",
    describe: "version of the appliance (default: the descriptor's)",
  },
} as const;

/** `--keep-raw` of commands that convert disks. */
export const keepRawOption = {
  type: "boolean",
  default: false,
  describe: "keep raw disks as they are; do not convert them to qcow2",
} as const;

/** `--allow-unsigned` of commands that check the signatures of packages. */
export const allowUnsignedOption = {
  type: "boolean",
  default: false,
  describe: "accept packages without a signature",
} as const;
