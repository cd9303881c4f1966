import type { IncludeItem, Kickstart, SectionItem } from "../kickstart/model.ts";
import { splitWords } from "../kickstart/split-words.ts";
import type { Author, Findings, Statement } from "./statement.ts";

/** Folder of the stock kickstarts on a host. A recipe may include one by its path. */
export const STOCK_FOLDER = "/usr/share/virt-appliance/kickstarts/";

/** Maximum depth of nested includes. */
const MAX_DEPTH = 8;

/** Maximum number of kickstarts that one may include, directly or indirectly. */
const MAX_INCLUDED = 50;

/** Returns the name of the stock kickstart in an include, or undefined if the include names something else. */
export function stockName(item: IncludeItem): string | undefined {
  const name = item.words[1]?.value ?? "";
  const plain = name.startsWith(STOCK_FOLDER) ? name.slice(STOCK_FOLDER.length) : name;
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(plain) && item.directive === "%include"
    ? plain
    : undefined;
}

/** Returns whether the installer resolves an include: its name is an address, or a file that a script creates. */
function isForInstaller(item: Pick<IncludeItem, "words">): boolean {
  return /^(\/(tmp|run|mnt)\/|(https?|ftp|nfs):)/.test(item.words[1]?.value ?? "");
}

/** Reports `%include` lines in a section. The installer follows them, even in a script. */
function checkInside(statement: Statement<SectionItem>, findings: Findings): void {
  const { item } = statement;
  for (const { text, line } of item.body) {
    if (!/^\s*%include(?!\S)/.test(text)) continue;
    const { words } = splitWords(text);
    const what = `%include ${words[1]?.value ?? ""} in %${item.name}`;
    const at = { ...statement, item: { ...item, line } };
    if (isForInstaller({ words })) {
      const message = `${what}: included by the installer; its content is not checked`;
      findings.report("warning", "include-unchecked", message, at);
    } else {
      const message = `${what}: expected a path below /tmp, /run or /mnt, or an address`;
      findings.report("error", "include-bad", message, at);
    }
  }
}

/**
 * Returns the items of a document. Each include of a stock kickstart is replaced by the items of that kickstart, which
 * have the author `stock`.
 *
 * @param stock  stock kickstarts by name
 */
export function expandIncludes(
  kickstart: Kickstart,
  author: Author,
  context: { readonly stock: ReadonlyMap<string, Kickstart>; readonly findings: Findings },
): readonly Statement[] {
  const { stock, findings } = context;
  const seen = new Set<string>();
  const expand = (document: Kickstart, by: Author, depth: number): Statement[] =>
    document.items.flatMap((item): Statement[] => {
      const statement: Statement = { item, author: by, origin: document.origin };
      if (item.kind === "section")
        checkInside({ item, author: by, origin: document.origin }, findings);
      if (item.kind !== "include" || item.words.length !== 2) return [statement];
      const name = stockName(item);
      if (name === undefined) {
        const what = `${item.directive} ${item.words[1]?.value ?? ""}`;
        if (isForInstaller(item)) {
          const message = `${what}: included by the installer; its content is not checked`;
          findings.report("warning", "include-unchecked", message, statement);
          return [statement];
        }
        const message = `${what}: expected the name of a stock kickstart, a path below /tmp, /run or /mnt, or an address`;
        findings.report("error", "include-bad", message, statement);
        return [];
      }
      const found = stock.get(name);
      if (found === undefined) {
        const known = [...stock.keys()].sort().join(", ");
        const expected =
          known === ""
            ? `none is installed in ${STOCK_FOLDER}; install virt-appliance-host`
            : `${STOCK_FOLDER} has ${known}`;
        const message = `%include ${name}: no such stock kickstart, ${expected}`;
        findings.report("error", "include-missing", message, statement);
        return [];
      }
      if (depth === MAX_DEPTH) {
        findings.report("error", "include-deep", `%include ${name}: nested too deeply`, statement);
        return [];
      }
      if (seen.has(name)) return [];
      if (seen.size === MAX_INCLUDED) {
        const message = `%include ${name}: more than ${MAX_INCLUDED} kickstarts`;
        findings.report("error", "include-deep", message, statement);
        return [];
      }
      seen.add(name);
      return expand(found, "stock", depth + 1);
    });
  return expand(kickstart, author, 0);
}
