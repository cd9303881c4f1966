import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages } from "../../tools/cached-packages/install-packages.ts";
import { gpgSigning, RPMSIGN } from "../inputs/bench-keys.ts";
import { findProgram } from "../inputs/find-program.ts";
import { cacheFolder, type Shop } from "../inputs/shop.ts";
import type { Contender } from "../model.ts";

/** Unpacks the tarball, and calls what makes the package. */
const unpacked = 'mkdir in && tar -C in -xzSf "$1" && ';

/** A spec that packages the disk of the tarball as it is. */
const spec = `Name: bench
Version: 1
Release: 1
Summary: Bench
License: MIT
BuildArch: noarch
%description
Bench.
%install
mkdir -p %{buildroot}/var/lib/bench
tar -C %{buildroot}/var/lib/bench -xzSf %{tarball}
%files
/var/lib/bench
`;

const tuning = [
  "_binary_payload w1T0.zstdio",
  "__os_install_post %{nil}",
  "debug_package %{nil}",
  "_build_id_links none",
  "__find_provides %{nil}",
  "__find_requires %{nil}",
  "_missing_build_ids_terminate_build 0",
];

const defines = (macros: readonly string[]): readonly string[] =>
  macros.flatMap((macro) => ["--define", macro]);

/** Runs a line of shell in a new folder, which is removed afterwards; then signs the package in `out`. */
async function shellContender(
  shop: Shop,
  name: string,
  job: { readonly rounds: number; readonly script: string; readonly args: readonly string[] },
): Promise<Contender> {
  const { env } = await gpgSigning(shop);
  const folder = path.join(shop.folder, "peer");
  const script = `set -eu\n${job.script}\n${RPMSIGN} --addsign out/*.rpm\n`;
  return {
    name,
    rounds: job.rounds,
    prepare: async () => void (await mkdir(path.join(folder, "out"), { recursive: true })),
    command: () => ({ argv: ["sh", "-c", script, "sh", ...job.args], cwd: folder, env }),
    finish: () => rm(folder, { recursive: true }),
  };
}

/** rpmbuild, with Debian's own macros or with fast ones. */
export async function rpmbuildContender(
  shop: Shop,
  options: { readonly name: string; readonly tarball: string; readonly isTuned: boolean },
): Promise<Contender> {
  const file = path.join(shop.folder, "bench.spec");
  await writeFile(file, spec);
  const top = path.join(shop.folder, "peer");
  const macros = [`tarball ${options.tarball}`, `_topdir ${top}`, `_rpmdir ${top}/out`];
  const names = ["_build_name_fmt %%{NAME}.rpm", `_tmppath ${top}`];
  const all = defines([...macros, ...names, ...(options.isTuned ? tuning : [])]);
  return shellContender(shop, options.name, {
    rounds: options.isTuned ? 3 : 1,
    script: 'rpmbuild -bb --quiet "$@"',
    args: [...all, file],
  });
}

const PEER = fileURLToPath(new URL("../peers/rpm-builder/", import.meta.url));

/** npm's rpm-builder, which runs rpmbuild. */
export async function rpmBuilderContender(shop: Shop, tarball: string): Promise<Contender> {
  const modules = await installPackages(PEER, {
    cache: path.join(cacheFolder(), "rpm-builder"),
    what: "rpm-builder, less than 10 MB",
  });
  return shellContender(shop, "rpm-builder (npm)", {
    rounds: 1,
    script: `${unpacked}"$2" "$3" "$4"`,
    args: [tarball, process.execPath, path.join(PEER, "build.cjs"), modules],
  });
}

/** nfpm, where it is installed. */
export async function nfpmContender(shop: Shop, tarball: string): Promise<readonly Contender[]> {
  if ((await findProgram("nfpm")) === undefined) return [];
  const settings = path.join(shop.folder, "nfpm.yaml");
  const contents = "contents:\n  - {src: in/root.raw, dst: /var/lib/bench/root.raw}\n";
  await writeFile(
    settings,
    `name: bench\narch: all\nversion: 1.0.0\nmaintainer: b\ndescription: b\n${contents}`,
  );
  const one = await shellContender(shop, "nfpm", {
    rounds: 1,
    script: `${unpacked}nfpm package -f "$2" -p rpm -t out`,
    args: [tarball, settings],
  });
  return [one];
}
