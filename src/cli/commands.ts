import type { CommandEntry } from "./command.ts";

/** Every command, in the order of the overview. Modules are loaded only when they are needed. */
export const commands: readonly CommandEntry[] = [
  {
    name: "init",
    summary: "write a first descriptor from a libvirt domain or a disk image",
    load: () => import("./commands/init.ts"),
  },
  {
    name: "inspect",
    summary: "show the content of a source or a package, and every problem",
    load: () => import("./commands/inspect.ts"),
  },
  {
    name: "pack",
    summary: "pack the directory of an appliance or a recipe into a tarball",
    load: () => import("./commands/pack.ts"),
  },
  {
    name: "unpack",
    summary: "unpack the tarball of an appliance or a recipe into a directory",
    load: () => import("./commands/unpack.ts"),
  },
  {
    name: "check",
    summary: "check whether an appliance can run on this host; list every reason why not",
    load: () => import("./commands/check.ts"),
  },
  {
    name: "build",
    summary: "build RPMs from appliances and recipes; --sign signs them",
    load: () => import("./commands/build.ts"),
  },
  {
    name: "recipe",
    summary:
      "show the kickstart and the Puppet node definition of a recipe, with this site's answers",
    commands: [
      {
        name: "ks",
        summary: "print the kickstart of a recipe with this site's answers",
        load: () => import("./commands/recipe/ks.ts"),
      },
      {
        name: "node",
        summary: "print the Puppet node definition of a VM, or its Hiera data",
        load: () => import("./commands/recipe/node.ts"),
      },
    ],
  },
  {
    name: "keys",
    summary: "generate, list and export signing keys",
    commands: [
      {
        name: "generate",
        summary: "generate a key for signing packages and repositories",
        load: () => import("./commands/keys/generate.ts"),
      },
      {
        name: "list",
        summary: "list the keys in a folder",
        load: () => import("./commands/keys/list.ts"),
      },
      {
        name: "export",
        summary: "write the public half of a key",
        load: () => import("./commands/keys/export.ts"),
      },
    ],
  },
  { name: "sign", summary: "sign packages in place", load: () => import("./commands/sign.ts") },
  {
    name: "verify",
    summary: "check every digest and signature of packages",
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "repo",
    summary: "create, change, check and serve a yum repository",
    commands: [
      {
        name: "init",
        summary: "create a repository in an empty or new folder",
        load: () => import("./commands/repo/init.ts"),
      },
      {
        name: "add",
        summary: "add packages; clients see all of them at once",
        load: () => import("./commands/repo/add.ts"),
      },
      {
        name: "remove",
        summary: "remove packages; keep their files for the grace time",
        load: () => import("./commands/repo/remove.ts"),
      },
      {
        name: "list",
        summary: "list the packages that clients see",
        load: () => import("./commands/repo/list.ts"),
      },
      {
        name: "check",
        summary: "check the signature, the metadata and every package",
        load: () => import("./commands/repo/check.ts"),
      },
      {
        name: "serve",
        summary: "serve a repository over HTTP until it is interrupted",
        load: () => import("./commands/repo/serve.ts"),
      },
    ],
  },
  {
    name: "host-package",
    summary: "build virt-appliance-host, which every appliance requires",
    load: () => import("./commands/host-package.ts"),
  },
  {
    name: "tool-package",
    summary: "build virt-appliance, the package of this program",
    load: () => import("./commands/tool-package.ts"),
  },
  {
    name: "install",
    summary: "install an appliance from a tarball or directory, without a package",
    load: () => import("./commands/install.ts"),
  },
  {
    name: "uninstall",
    summary: "remove an appliance installed without a package; keep its bases and VMs",
    load: () => import("./commands/uninstall.ts"),
  },
  {
    name: "list",
    summary: "list the appliances and recipes installed on this host",
    load: () => import("./commands/list.ts"),
  },
  {
    name: "show",
    summary: "show an installed appliance or recipe: machine, disks, parameters",
    load: () => import("./commands/show.ts"),
  },
  {
    name: "create",
    summary: "create a VM from an installed appliance or recipe, and start it",
    load: () => import("./commands/create.ts"),
  },
  {
    name: "vms",
    summary: "list the VMs created from appliances: version, state, newer version, disk space",
    load: () => import("./commands/vms.ts"),
  },
  {
    name: "show-vm",
    summary: "show a VM created from an appliance: version, disks, origin",
    load: () => import("./commands/show-vm.ts"),
  },
  {
    name: "update",
    summary: "update a VM to the newest version of its appliance; keep its data",
    load: () => import("./commands/update.ts"),
  },
  {
    name: "rollback",
    summary: "return a VM to the version before its update; keep its present data",
    load: () => import("./commands/rollback.ts"),
  },
  {
    name: "accept",
    summary: "keep an update; delete the rollback disks",
    load: () => import("./commands/accept.ts"),
  },
  {
    name: "grow",
    summary: "enlarge a disk of a VM, running or not",
    load: () => import("./commands/grow.ts"),
  },
  {
    name: "destroy",
    summary: "remove a VM created from an appliance, and its disks",
    load: () => import("./commands/destroy.ts"),
  },
  {
    name: "reconcile",
    summary: "complete the unpacking and registration of installed packages",
    load: () => import("./commands/reconcile.ts"),
  },
  {
    name: "adopt",
    summary: "take over a VM that virt-install created from a base of an appliance",
    load: () => import("./commands/adopt.ts"),
  },
  {
    name: "export",
    summary: "write a VM as an appliance directory, which build can package",
    load: () => import("./commands/export.ts"),
  },
  {
    name: "gc",
    summary: "remove bases that no package, domain or image in a pool uses",
    load: () => import("./commands/gc.ts"),
  },
  {
    name: "doctor",
    summary: "find problems with bases, VMs, pool and programs; --fix repairs what is safe",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "recover",
    summary: "finish or undo interrupted operations; runs at boot",
    load: () => import("./commands/recover.ts"),
  },
];
