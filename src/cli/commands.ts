import type { CommandEntry } from "./command.ts";
import { descriptions } from "./command-descriptions.ts";

/** Every command, in the order of the overview. */
export const commands: readonly CommandEntry[] = [
  {
    name: "init",
    describe: descriptions.init,
    load: () => import("./commands/init.ts"),
  },
  {
    name: "inspect",
    describe: descriptions.inspect,
    load: () => import("./commands/inspect.ts"),
  },
  {
    name: "pack",
    describe: descriptions.pack,
    load: () => import("./commands/pack.ts"),
  },
  {
    name: "unpack",
    describe: descriptions.unpack,
    load: () => import("./commands/unpack.ts"),
  },
  {
    name: "check",
    describe: descriptions.check,
    load: () => import("./commands/check.ts"),
  },
  {
    name: "build",
    describe: descriptions.build,
    load: () => import("./commands/build.ts"),
  },
  {
    name: "recipe",
    describe: descriptions.recipe,
    load: () => import("./commands/recipe.ts"),
  },
  {
    name: "keys",
    describe: descriptions.keys,
    load: () => import("./commands/keys.ts"),
  },
  { name: "sign", describe: descriptions.sign, load: () => import("./commands/sign.ts") },
  {
    name: "verify",
    describe: descriptions.verify,
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "repo",
    describe: descriptions.repo,
    load: () => import("./commands/repo.ts"),
  },
  {
    name: "host-package",
    describe: descriptions["host-package"],
    load: () => import("./commands/host-package.ts"),
  },
  {
    name: "tool-package",
    describe: descriptions["tool-package"],
    load: () => import("./commands/tool-package.ts"),
  },
  {
    name: "install",
    describe: descriptions.install,
    load: () => import("./commands/install.ts"),
  },
  {
    name: "uninstall",
    describe: descriptions.uninstall,
    load: () => import("./commands/uninstall.ts"),
  },
  {
    name: "list",
    describe: descriptions.list,
    load: () => import("./commands/list.ts"),
  },
  {
    name: "show",
    describe: descriptions.show,
    load: () => import("./commands/show.ts"),
  },
  {
    name: "create",
    describe: descriptions.create,
    load: () => import("./commands/create.ts"),
  },
  {
    name: "vms",
    describe: descriptions.vms,
    load: () => import("./commands/vms.ts"),
  },
  {
    name: "show-vm",
    describe: descriptions["show-vm"],
    load: () => import("./commands/show-vm.ts"),
  },
  {
    name: "update",
    describe: descriptions.update,
    load: () => import("./commands/update.ts"),
  },
  {
    name: "rollback",
    describe: descriptions.rollback,
    load: () => import("./commands/rollback.ts"),
  },
  {
    name: "accept",
    describe: descriptions.accept,
    load: () => import("./commands/accept.ts"),
  },
  {
    name: "grow",
    describe: descriptions.grow,
    load: () => import("./commands/grow.ts"),
  },
  {
    name: "destroy",
    describe: descriptions.destroy,
    load: () => import("./commands/destroy.ts"),
  },
  {
    name: "reconcile",
    describe: descriptions.reconcile,
    load: () => import("./commands/reconcile.ts"),
  },
  {
    name: "adopt",
    describe: descriptions.adopt,
    load: () => import("./commands/adopt.ts"),
  },
  {
    name: "export",
    describe: descriptions.export,
    load: () => import("./commands/export.ts"),
  },
  {
    name: "gc",
    describe: descriptions.gc,
    load: () => import("./commands/gc.ts"),
  },
  {
    name: "doctor",
    describe: descriptions.doctor,
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "recover",
    describe: descriptions.recover,
    load: () => import("./commands/recover.ts"),
  },
];
