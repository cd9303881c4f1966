import path from "node:path";
import { countOf } from "../lib/count-of.ts";
import { ApplianceError } from "../errors.ts";
import { formatSize, formatSizes } from "../lib/format-size.ts";
import { safeRelativePath } from "../lib/safe-path.ts";
import { quotePath } from "../lib/tar/read-input.ts";
import type { TarEntry } from "../lib/tar/read.ts";
import type { SourceLimits } from "./model.ts";

/** Decision about a member of an archive. */
export type Admitted =
  | { readonly kind: "file" | "directory"; readonly path: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/** A member, or a folder above one. */
interface Seen {
  readonly name: string;
  readonly isDirectory: boolean;
  /** By folded name; created with the first one. */
  children: Map<string, Seen> | undefined;
}

/** Maximum depth of folders. */
const MAX_DEPTH = 32;

/** Maximum length of a path component on Linux. */
const MAX_COMPONENT_BYTES = 255;

/**
 * Decides which members of an archive are accepted: files and folders with plain relative paths, each once, no two that
 * differ only in case or normalisation, and links to files of the same archive, which become additional names of them.
 */
export class MemberGuard {
  readonly #origin: string;
  readonly #limits: SourceLimits;
  /** The members so far as a tree, which needs memory only for the names, at any depth. */
  readonly #root: Seen = { name: "", isDirectory: true, children: new Map() };
  #members = 0;
  #bytes = 0;

  constructor(origin: string, limits: SourceLimits) {
    this.#origin = origin;
    this.#limits = limits;
  }

  /**
   * Returns how to add a member, or undefined for the root folder itself.
   *
   * @throws ApplianceError `LIB_UNSAFE_PATH`, `SOURCE_MEMBER_REFUSED`, `LIB_LIMIT_EXCEEDED`, all naming archive and member
   */
  admit(entry: TarEntry): Admitted | undefined {
    if (entry.type === "directory" && isRoot(entry.path)) return undefined;
    const safe = safeRelativePath(entry.path, this.#origin);
    if (safe.split("/").some((part) => Buffer.byteLength(part) > MAX_COMPONENT_BYTES)) {
      throw this.#refuse(safe, `has a name longer than ${MAX_COMPONENT_BYTES} bytes`);
    }
    this.#count(safe, entry);
    const isDirectory = entry.type === "directory";
    this.#claim(safe, isDirectory);
    if (entry.type === "file" || entry.type === "directory") {
      return { kind: entry.type, path: safe };
    }
    if (entry.type === "hard link") {
      const target = safeRelativePath(
        entry.linkTarget,
        `${this.#origin}: target of link "${safe}"`,
      );
      return { kind: "link", path: safe, target };
    }
    if (entry.type === "symbolic link") {
      return { kind: "link", path: safe, target: this.#insideTarget(safe, entry.linkTarget) };
    }
    throw this.#refuse(safe, `is a ${entry.type}, expected a file or a folder`);
  }

  #count(safe: string, entry: TarEntry): void {
    this.#members++;
    if (this.#members > this.#limits.maxMembers) {
      throw new ApplianceError(
        "LIB_LIMIT_EXCEEDED",
        `${this.#origin}: archive has more than ${this.#limits.maxMembers} members`,
      );
    }
    this.#bytes += entry.sizeBytes;
    if (this.#bytes > this.#limits.maxExpandedBytes) {
      const [total, most] = formatSizes(this.#bytes, this.#limits.maxExpandedBytes);
      throw new ApplianceError(
        "LIB_LIMIT_EXCEEDED",
        `${this.#origin}: member ${quotePath(safe)} of ${formatSize(entry.sizeBytes)} brings the archive to ${total} expanded, expected at most ${most}`,
        { hint: "raise the limit (--max-size) if you trust this file" },
      );
    }
  }

  /** Adds a path and the folders above it. Throws if it collides with an earlier member. */
  #claim(safe: string, isDirectory: boolean): void {
    const parts = safe.split("/");
    if (parts.length > MAX_DEPTH) {
      throw this.#refuse(
        safe,
        `lies ${countOf(parts.length, "folder")} deep, expected at most ${MAX_DEPTH}`,
      );
    }
    let folder = this.#root;
    for (const [index, name] of parts.entries()) {
      const isMember = index === parts.length - 1;
      const folded = name.normalize("NFC").toLowerCase();
      const earlier = folder.children?.get(folded);
      const current = (): string => parts.slice(0, index + 1).join("/");
      if (earlier === undefined) {
        const seen = { name, isDirectory: !isMember || isDirectory, children: undefined };
        folder.children ??= new Map();
        folder.children.set(folded, seen);
        folder = seen;
        continue;
      }
      if (earlier.name !== name) {
        const twin = [...parts.slice(0, index), earlier.name].join("/");
        const how = "only in case or in the encoding of its letters";
        throw this.#refuse(safe, `differs from ${quotePath(twin)} ${how}`);
      }
      if (!earlier.isDirectory || (isMember && !isDirectory)) {
        const below = `lies below the file ${quotePath(current())}`;
        throw this.#refuse(safe, isMember ? "appears twice" : below);
      }
      folder = earlier;
    }
  }

  #insideTarget(safe: string, target: string): string {
    if (target.startsWith("/")) {
      throw this.#refuse(safe, `is a symbolic link to the absolute path "${target}"`);
    }
    const resolved = path.posix.normalize(path.posix.join(path.posix.dirname(safe), target));
    if (resolved === ".." || resolved.startsWith("../")) {
      throw this.#refuse(safe, `is a symbolic link to "${target}", which leaves the archive`);
    }
    return safeRelativePath(resolved, `${this.#origin}: target of link "${safe}"`);
  }

  #refuse(member: string, why: string): ApplianceError {
    return new ApplianceError(
      "SOURCE_MEMBER_REFUSED",
      `${this.#origin}: member ${quotePath(member)} ${why}`,
      {
        hint: "pack the appliance again without it",
      },
    );
  }
}

/** Returns whether a path is "." or "./", the first member of most archives of a folder. */
function isRoot(memberPath: string): boolean {
  return memberPath.split("/").every((part, index) => part === "." || (part === "" && index > 0));
}

/**
 * Returns the file of the archive that each link leads to, following links to links.
 *
 * @param links  path -> target, both checked
 * @throws ApplianceError `SOURCE_MEMBER_REFUSED` if a link leads to no file
 */
export function resolveLinks(
  links: ReadonlyMap<string, string>,
  isFile: (path: string) => boolean,
  origin: string,
): ReadonlyMap<string, string> {
  const resolved = new Map<string, string>();
  for (const [link, firstTarget] of links) {
    let target = firstTarget;
    for (let hops = 0; hops < 16 && !isFile(target); hops++) {
      target = links.get(target) ?? target;
    }
    if (!isFile(target)) {
      throw new ApplianceError(
        "SOURCE_MEMBER_REFUSED",
        `${origin}: member "${link}" is a link to "${firstTarget}", which is not a file of the archive`,
        { hint: "pack the file itself" },
      );
    }
    resolved.set(link, target);
  }
  return resolved;
}
