import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { testContext } from "./context.ts";
import { temporaryFolder } from "./temporary.ts";

const { run } = testContext();

/** A private rpm database with the given public keys. */
export class PrivateRpm {
  readonly #database: string;
  constructor(folder: string) {
    this.#database = path.join(folder, "rpmdb");
  }
  async import(file: string): Promise<void> {
    await mkdir(this.#database, { recursive: true });
    await run("rpmkeys", ["--dbpath", this.#database, "--import", file]);
  }
  async keys(): Promise<string> {
    return (await run("rpm", ["--dbpath", this.#database, "-qa", "gpg-pubkey*"])).stdout;
  }
  /** What rpm says of a package, and whether it is content. */
  async check(file: string, ...more: string[]): Promise<{ ok: boolean; text: string }> {
    const { exitCode, stdout } = await run(
      "rpmkeys",
      ["--dbpath", this.#database, ...more, "--checksig", file],
      { acceptExitCodes: [1] },
    );
    return { ok: exitCode === 0, text: stdout };
  }
}

/** `20250601T000000`, as gpg's --faked-system-time wants it. */
function gpgTime(at: string | Date): string {
  return new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
}

/** gpg with a private home. */
export class PrivateGpg {
  readonly home: string;
  /** Environment of programs that use this gpg. */
  readonly env: Readonly<Record<string, string>>;
  /** Every run believes that it is this time; undefined: the real one. */
  at: string | Date | undefined;

  constructor(folder: string, options: { readonly at?: string | Date } = {}) {
    this.home = path.join(folder, "gpg");
    this.env = { GNUPGHOME: this.home, HOME: folder };
    this.at = options.at;
  }

  async #exec(
    args: readonly string[],
    more: { readonly input?: string; readonly acceptExitCodes?: readonly number[] } = {},
  ): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    await mkdir(this.home, { recursive: true, mode: 0o700 });
    const time = this.at === undefined ? [] : ["--faked-system-time", `${gpgTime(this.at)}!`];
    const batch = more.input === undefined ? ["--batch"] : ["--command-fd", "0", "--no-tty"];
    return run("gpg", [...batch, "--yes", "--pinentry-mode=loopback", ...time, ...args], {
      env: this.env,
      ...more,
    });
  }

  async run(args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.#exec(args);
    return stdout + stderr;
  }

  /** Runs gpg without a passphrase; returns what it wrote to standard output. */
  async quiet(...args: string[]): Promise<string> {
    return (await this.#exec(["--quiet", "--passphrase", "", ...args])).stdout;
  }

  /** Returns gpg's questions, one line each. */
  async answer(input: readonly string[], ...args: string[]): Promise<string> {
    const text = `${input.join("\n")}\n`;
    return (await this.#exec(["--quiet", "--passphrase", "", ...args], { input: text })).stdout;
  }

  /** Fingerprints of a key and its subkeys, upper case, in the key's order. */
  async fingerprints(name: string): Promise<string[]> {
    const listed = await this.quiet("--with-colons", "--list-keys", `<${name}@example.com>`);
    return [...listed.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map((match) => match[1] ?? "");
  }

  /** Adds a subkey to a key. */
  async addSubkey(name: string, ...kind: string[]): Promise<void> {
    const [primary = ""] = await this.fingerprints(name);
    await this.quiet("--quick-add-key", primary, ...kind);
  }

  /** Removes the secret half of the primary key, as of one that is kept offline. */
  async takeOffline(name: string): Promise<void> {
    const [primary = ""] = await this.fingerprints(name);
    const file = path.join(this.home, `${name}.subkeys`);
    await this.quiet("--output", file, "--export-secret-subkeys", primary);
    await this.quiet("--delete-secret-keys", primary);
    await this.quiet("--import", file);
  }

  /** Makes a key and writes both halves; answers their paths. */
  async makeKey(name: string, ...kind: string[]): Promise<{ public: string; secret: string }> {
    await this.quiet("--quick-gen-key", `${name} <${name}@example.com>`, ...kind);
    return this.export(name);
  }

  /** Writes both halves of a key as it is now; answers their paths. */
  async export(name: string, as: string = name): Promise<{ public: string; secret: string }> {
    const files = {
      public: path.join(this.home, `${as}.asc`),
      secret: path.join(this.home, `${as}.secret.asc`),
    };
    await writeFile(files.public, await this.quiet("--armor", "--export", `<${name}@example.com>`));
    const secret = await this.quiet("--armor", "--export-secret-keys", `<${name}@example.com>`);
    await writeFile(files.secret, secret, { mode: 0o600 });
    return files;
  }

  /** Returns gpg's status lines about a detached signature, and its exit status. */
  async verify(signature: string, data: string): Promise<{ exitCode: number; status: string }> {
    const args = ["--status-fd", "1", "--verify", signature, data];
    const { exitCode, stdout } = await this.#exec(args, { acceptExitCodes: [1, 2] });
    return { exitCode, status: stdout };
  }

  /** Revokes one subkey, counted from 1, for the reason that gpg offers under this number. */
  async revokeSubkey(fingerprint: string, subkey: number, reason: number): Promise<void> {
    const answers = [`key ${subkey}`, "revkey", "y", String(reason), "", "y", "save"];
    await this.answer(answers, "--edit-key", fingerprint);
  }

  async rpmsign(args: readonly string[]): Promise<void> {
    await run("rpmsign", ["--define", "__gpg /usr/bin/gpg", ...args], { env: this.env });
  }

  /** Gives the agent the passphrase of a key, as if its user had typed it. Needs `allow-preset-passphrase`. */
  async presetPassphrase(name: string, passphrase: string): Promise<void> {
    const args = ["--with-colons", "--with-keygrip", "--list-secret-keys", `<${name}@example.com>`];
    const grip = /^grp:+([0-9A-F]{40}):/m.exec(await this.quiet(...args))?.[1] ?? "";
    const line = `PRESET_PASSPHRASE ${grip} -1 ${Buffer.from(passphrase).toString("hex")}`;
    const { stdout } = await run("gpg-connect-agent", [line, "/bye"], { env: this.env });
    if (!stdout.startsWith("OK")) throw new Error(`gpg-agent: ${stdout}`);
  }

  async stop(): Promise<void> {
    await run("gpgconf", ["--kill", "all"], { env: this.env });
  }
}

/** gpg in a temporary folder, which is there from before the tests of a suite until after them. */
export interface SuiteGpg {
  readonly folder: string;
  readonly gpg: PrivateGpg;
}

/** Opens gpg before the tests of the suite that calls this, and removes it after them. */
export function useSuiteGpg(at: string): SuiteGpg {
  const folder = temporaryFolder();
  let gpg: PrivateGpg | undefined;
  before(async () => {
    gpg = new PrivateGpg(folder, { at });
  });
  after(async () => {
    await gpg?.stop();
  });
  const opened = <T>(value: T | undefined): T => {
    if (value === undefined) throw new TypeError("used before the tests of the suite");
    return value;
  };
  return {
    folder,
    get gpg() {
      return opened(gpg);
    },
  };
}
