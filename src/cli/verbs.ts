import type { VerbEntry } from "./verb.ts";
import { descriptions } from "./verb-descriptions.ts";

/** Every command, in the order of the overview. */
export const verbs: readonly VerbEntry[] = [
  {
    name: "init",
    describe: descriptions.init,
    load: () => import("./verbs/init.ts"),
  },
  {
    name: "inspect",
    describe: descriptions.inspect,
    load: () => import("./verbs/inspect.ts"),
  },
  {
    name: "pack",
    describe: descriptions.pack,
    load: () => import("./verbs/pack.ts"),
  },
  {
    name: "unpack",
    describe: descriptions.unpack,
    load: () => import("./verbs/unpack.ts"),
  },
  {
    name: "check",
    describe: descriptions.check,
    load: () => import("./verbs/check.ts"),
  },
  {
    name: "build",
    describe: descriptions.build,
    load: () => import("./verbs/build.ts"),
  },
  {
    name: "recipe",
    describe: descriptions.recipe,
    load: () => import("./verbs/recipe.ts"),
  },
  {
    name: "keys",
    describe: descriptions.keys,
    load: () => import("./verbs/keys.ts"),
  },
  { name: "sign", describe: descriptions.sign, load: () => import("./verbs/sign.ts") },
  {
    name: "verify",
    describe: descriptions.verify,
    load: () => import("./verbs/verify.ts"),
  },
  {
    name: "repo",
    describe: descriptions.repo,
    load: () => import("./verbs/repo.ts"),
  },
  {
    name: "host-package",
    describe: descriptions["host-package"],
    load: () => import("./verbs/host-package.ts"),
  },
  {
    name: "tool-package",
    describe: descriptions["tool-package"],
    load: () => import("./verbs/tool-package.ts"),
  },
  {
    name: "install",
    describe: descriptions.install,
    load: () => import("./verbs/install.ts"),
  },
  {
    name: "uninstall",
    describe: descriptions.uninstall,
    load: () => import("./verbs/uninstall.ts"),
  },
  {
    name: "list",
    describe: descriptions.list,
    load: () => import("./verbs/list.ts"),
  },
  {
    name: "show",
    describe: descriptions.show,
    load: () => import("./verbs/show.ts"),
  },
  {
    name: "create",
    describe: descriptions.create,
    load: () => import("./verbs/create.ts"),
  },
  {
    name: "vms",
    describe: descriptions.vms,
    load: () => import("./verbs/vms.ts"),
  },
  {
    name: "show-vm",
    describe: descriptions["show-vm"],
    load: () => import("./verbs/show-vm.ts"),
  },
  {
    name: "update",
    describe: descriptions.update,
    load: () => import("./verbs/update.ts"),
  },
  {
    name: "rollback",
    describe: descriptions.rollback,
    load: () => import("./verbs/rollback.ts"),
  },
  {
    name: "accept",
    describe: descriptions.accept,
    load: () => import("./verbs/accept.ts"),
  },
  {
    name: "grow",
    describe: descriptions.grow,
    load: () => import("./verbs/grow.ts"),
  },
  {
    name: "destroy",
    describe: descriptions.destroy,
    load: () => import("./verbs/destroy.ts"),
  },
  {
    name: "reconcile",
    describe: descriptions.reconcile,
    load: () => import("./verbs/reconcile.ts"),
  },
  {
    name: "adopt",
    describe: descriptions.adopt,
    load: () => import("./verbs/adopt.ts"),
  },
  {
    name: "export",
    describe: descriptions.export,
    load: () => import("./verbs/export.ts"),
  },
  {
    name: "gc",
    describe: descriptions.gc,
    load: () => import("./verbs/gc.ts"),
  },
  {
    name: "doctor",
    describe: descriptions.doctor,
    load: () => import("./verbs/doctor.ts"),
  },
  {
    name: "recover",
    describe: descriptions.recover,
    load: () => import("./verbs/recover.ts"),
  },
];
