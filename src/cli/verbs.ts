import type { Verb } from "./verb.ts";

/** A verb as the overview lists it; its module is loaded only when it is asked for. */
export interface VerbEntry {
  readonly name: string;
  readonly describe: string;
  readonly load: () => Promise<{ readonly verb: Verb }>;
}

/** Every verb, in the order of the overview. */
export const verbs: readonly VerbEntry[] = [
  {
    name: "init",
    describe: "write a first descriptor from a libvirt domain or a disk image",
    load: () => import("./verbs/init.ts"),
  },
  {
    name: "inspect",
    describe: "show what is in a source or a package, with every problem",
    load: () => import("./verbs/inspect.ts"),
  },
  {
    name: "pack",
    describe: "make a tarball of an appliance directory",
    load: () => import("./verbs/pack.ts"),
  },
  {
    name: "unpack",
    describe: "make a directory of an appliance tarball",
    load: () => import("./verbs/unpack.ts"),
  },
  {
    name: "check",
    describe: "can it run here? every reason why not",
    load: () => import("./verbs/check.ts"),
  },
  {
    name: "build",
    describe: "make signed RPMs of an appliance tarball or directory, or of a recipe",
    load: () => import("./verbs/build.ts"),
  },
  {
    name: "recipe",
    describe: "show what a recipe comes to at this site",
    load: () => import("./verbs/recipe.ts"),
  },
  {
    name: "keys",
    describe: "make, list and export signing keys",
    load: () => import("./verbs/keys.ts"),
  },
  { name: "sign", describe: "sign packages in place", load: () => import("./verbs/sign.ts") },
  {
    name: "verify",
    describe: "check every digest and signature of packages",
    load: () => import("./verbs/verify.ts"),
  },
  {
    name: "repo",
    describe: "make, change and serve a yum repository",
    load: () => import("./verbs/repo.ts"),
  },
  {
    name: "host-package",
    describe: "build virt-appliance-host, which every appliance requires",
    load: () => import("./verbs/host-package.ts"),
  },
  {
    name: "tool-package",
    describe: "build virt-appliance, this command line as a package",
    load: () => import("./verbs/tool-package.ts"),
  },
  {
    name: "install",
    describe: "put a tarball or directory into pool and catalogue, without a package",
    load: () => import("./verbs/install.ts"),
  },
  {
    name: "uninstall",
    describe: "remove an appliance that came without a package; its bases and VMs stay",
    load: () => import("./verbs/uninstall.ts"),
  },
  {
    name: "list",
    describe: "list the appliances installed on this host",
    load: () => import("./verbs/list.ts"),
  },
  {
    name: "show",
    describe: "show an installed appliance: disks, parameters, what it runs on",
    load: () => import("./verbs/show.ts"),
  },
  {
    name: "create",
    describe: "make a VM from an installed appliance, and start it",
    load: () => import("./verbs/create.ts"),
  },
  {
    name: "vms",
    describe: "list the VMs made from appliances: version, state, newer version, space",
    load: () => import("./verbs/vms.ts"),
  },
  {
    name: "show-vm",
    describe: "show a VM made from an appliance: version, disks, what it came from",
    load: () => import("./verbs/show-vm.ts"),
  },
  {
    name: "update",
    describe: "give a VM the newest version of its appliance; its data stays",
    load: () => import("./verbs/update.ts"),
  },
  {
    name: "rollback",
    describe: "take a VM back to the version before its update",
    load: () => import("./verbs/rollback.ts"),
  },
  {
    name: "accept",
    describe: "keep an update: what the VM could be rolled back to goes",
    load: () => import("./verbs/accept.ts"),
  },
  {
    name: "grow",
    describe: "make a disk of a VM larger, running or not",
    load: () => import("./verbs/grow.ts"),
  },
  {
    name: "destroy",
    describe: "remove a VM made from an appliance, and its disks",
    load: () => import("./verbs/destroy.ts"),
  },
  {
    name: "reconcile",
    describe: "unpack and register what installed packages left undone",
    load: () => import("./verbs/reconcile.ts"),
  },
  {
    name: "adopt",
    describe: "make a VM that plain virt-install made on a base known as one of its appliance",
    load: () => import("./verbs/adopt.ts"),
  },
  {
    name: "export",
    describe: "write a VM into an appliance directory, which build takes again",
    load: () => import("./verbs/export.ts"),
  },
  {
    name: "gc",
    describe: "remove bases that no package, no domain and no image in a pool needs",
    load: () => import("./verbs/gc.ts"),
  },
  {
    name: "doctor",
    describe: "find what is wrong with bases, VMs, pool and programs, and repair what is safe",
    load: () => import("./verbs/doctor.ts"),
  },
  {
    name: "recover",
    describe: "finish or undo operations that a crash interrupted; done at boot",
    load: () => import("./verbs/recover.ts"),
  },
];
