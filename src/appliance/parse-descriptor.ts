import { ApplianceError, type ErrorCode } from "../errors.ts";
import { childOf, childrenOf, type XmlElement } from "../lib/xml/tree.ts";
import { parseXml } from "../lib/xml/parse.ts";
import { byLine, type Findings, newFindings, quote, tag } from "./findings.ts";
import { checkGrammar } from "./grammar.ts";
import { limits } from "./limits.ts";
import type { Appliance, Boot, Disk, Drive, Problem } from "./model.ts";
import { DESCRIPTOR_NAMESPACE } from "./namespace.ts";
import { NO_MACHINE } from "./no-machine.ts";
import type { ProblemCode } from "./problem-codes.ts";
import { readDisks } from "./read-disks.ts";
import { devicesOf, readDomain } from "./read-domain.ts";
import { readMetadata } from "./read-metadata.ts";
import { findProblems, type Lines } from "./validate.ts";

/** What {@link parseDescriptor} found. */
export interface ParsedDescriptor {
  /** Undefined if any problem is an error. */
  readonly appliance: Appliance | undefined;
  /** The part that could be read, even with errors; for display only. Undefined if the document is not a descriptor. */
  readonly understood: Appliance | undefined;
  /** In the order of the document. */
  readonly problems: readonly Problem[];
}

const codeOf: Partial<Record<ErrorCode, ProblemCode>> = {
  LIB_XML_DOCTYPE: "doctype",
  LIB_XML_ENTITY: "entity",
  LIB_XML_LIMIT: "too-large",
  LIB_XML_MALFORMED: "not-well-formed",
};

/** Adds to a message about the prefix of our own elements how it is bound. */
function withBinding(message: string): string {
  if (!message.includes('unbound namespace prefix: "va"')) return message;
  return `${message}; add xmlns:va="${DESCRIPTOR_NAMESPACE}" to the root element`;
}

function readXml(
  document: string | Uint8Array,
  origin: string,
  findings: Findings,
): XmlElement | undefined {
  try {
    return parseXml(document, "descriptor", {
      maxBytes: limits.descriptorBytes,
      maxDepth: 32,
      maxNodes: 50_000,
    });
  } catch (error) {
    const code = error instanceof ApplianceError ? codeOf[error.code] : undefined;
    if (code === undefined || !(error instanceof ApplianceError)) throw error;
    const [, line, what] = /^descriptor(?::(\d+):\d+)?: ([^]*)$/.exec(error.message) ?? [];
    findings.report(
      code,
      `${origin}: ${withBinding(what ?? error.message)}`,
      line === undefined ? undefined : Number(line),
    );
    return undefined;
  }
}

/** Returns the domain element; reports a missing or second one. */
function theDomain(root: XmlElement, origin: string, findings: Findings): XmlElement | undefined {
  const [domain, second] = childrenOf(root, "domain");
  if (domain === undefined) {
    findings.report("domain-missing", `${origin}: no <domain>, expected one`, root.line);
  }
  if (second !== undefined) {
    findings.report(
      "domain-repeated",
      `${origin}: a second <domain>, expected exactly one`,
      second.line,
    );
  }
  return domain;
}

/** Returns drives that name disks by id. Old descriptors name the file, even of a disk with an id. */
function resolveDrives(boot: Boot, disks: readonly Disk[]): Boot {
  const ids = new Set(disks.map((disk) => disk.id));
  const files = new Map<string, string>();
  for (const disk of disks) if (!files.has(disk.file)) files.set(disk.file, disk.id);
  const drives = boot.drives.map((drive): Drive =>
    ids.has(drive.disk) ? drive : { ...drive, disk: files.get(drive.disk) ?? drive.disk },
  );
  return { ...boot, drives };
}

function linesOf(root: XmlElement, domain: XmlElement): Lines {
  const lines: Record<string, number> = {};
  const note = (parent: XmlElement | undefined): void => {
    for (const child of parent?.children ?? []) lines[child.name] ??= child.line;
  };
  note(childOf(domain, "devices"));
  note(domain);
  note(root);
  const number = (name: string, elements: readonly XmlElement[]): void => {
    for (const [index, element] of elements.entries()) lines[`${name} ${index}`] = element.line;
  };
  for (const [index, boot] of childrenOf(domain, "boot").entries()) {
    for (const child of childOf(boot, "os")?.children ?? []) {
      lines[`boot ${index} ${child.name}`] ??= child.line;
    }
  }
  number("interface", devicesOf(domain, "interface"));
  number("parameter", childrenOf(root, "parameter", DESCRIPTOR_NAMESPACE));
  return lines;
}

/**
 * Reads a descriptor in any dialect, and lists every problem with its line. A warning states how a doubtful value was
 * read. With an error, no appliance is returned.
 *
 * @param document  text, or bytes of UTF-8. It may be hostile: DOCTYPE, entities and excessive size are refused
 * @param origin  name of the document in messages
 * @see docs/descriptor.md
 */
export function parseDescriptor(document: string | Uint8Array, origin: string): ParsedDescriptor {
  const findings = newFindings();
  const root = readXml(document, origin, findings);
  const nothing = (): ParsedDescriptor => ({
    appliance: undefined,
    understood: undefined,
    problems: byLine(findings.problems),
  });
  if (root === undefined) return nothing();
  if (root.name !== "image" || root.namespace !== "") {
    const found = root.namespace === "" ? "" : ` of namespace ${quote(root.namespace)}`;
    findings.report(
      "not-an-image",
      `${origin}: root element is ${tag(root.name)}${found}, expected <image>`,
      root.line,
    );
    return nothing();
  }
  checkGrammar(root, findings);
  const metadata = readMetadata(root, findings);
  const storage = childOf(root, "storage");
  const disks = storage === undefined ? [] : readDisks(storage, findings);
  const domain = theDomain(root, origin, findings);
  const machine = domain === undefined ? NO_MACHINE : readDomain(domain, findings);
  const boots = machine.boots.map((boot) => resolveDrives(boot, disks));
  const appliance: Appliance = { ...metadata, ...machine, boots, disks };
  if (domain !== undefined) findProblems(appliance, linesOf(root, domain), findings);
  return {
    appliance: findings.hasErrors() ? undefined : appliance,
    understood: appliance,
    problems: byLine(findings.problems),
  };
}
