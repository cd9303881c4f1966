import type { Appliance } from "../../appliance/index.ts";
import { escapeControls } from "../../errors.ts";
import { hasEffect, lintKickstart } from "../kickstart/lint-kickstart.ts";
import type {
  CommandItem,
  Kickstart,
  KickstartItem,
  RecipeProblem,
  Release,
  SectionItem,
} from "../kickstart/model.ts";
import { defaultRelease, releaseOfOsinfo } from "../kickstart/release.ts";
import { renderItem } from "../kickstart/render-kickstart.ts";
import { commandRow } from "../kickstart/command-table.ts";
import { checkStorage } from "../storage/check-storage.ts";
import { authorInRecipe } from "./asked-of-site.ts";
import { expandIncludes } from "./expand-includes.ts";
import { fillStatement, type ParameterValues } from "./fill-parameters.ts";
import { joinCommands } from "./join-commands.ts";
import { joinLists } from "./join-lists.ts";
import { joinPackages } from "./join-packages.ts";
import { maskItem } from "./mask.ts";
import { splitNetwork } from "./split-network.ts";
import { withinLimits } from "./within-limits.ts";
import {
  type Author,
  compareDocuments,
  Findings,
  placeOf,
  precedenceOf,
  type Statement,
  yieldsTo,
} from "./statement.ts";

/** The documents that make up one kickstart. */
export interface ComposeInput {
  readonly appliance: Appliance;
  /** The recipe's partial kickstart. */
  readonly recipe: Kickstart;
  /** Stock kickstarts that the recipe may include, by name. */
  readonly stock: ReadonlyMap<string, Kickstart>;
  /** The site's kickstart for all recipes. */
  readonly site: Kickstart | undefined;
  /** The site's kickstart for this recipe. */
  readonly siteRecipe: Kickstart | undefined;
  readonly parameters: ParameterValues;
  /** Release of the installer. Default: the release of the descriptor's osinfo id, else Fedora 40. */
  readonly release?: Release;
}

/** A composed kickstart. An installer can use it if `problems` has no error. */
export interface ComposedKickstart {
  readonly text: string;
  /** The same text for display, without passwords, keys and values of secret parameters. */
  readonly maskedText: string;
  readonly problems: readonly RecipeProblem[];
  /** One sentence for each statement that is overridden by another. */
  readonly notes: readonly string[];
}

function isCommand(statement: Statement): statement is Statement<CommandItem> {
  return statement.item.kind === "command";
}

function isPackages(statement: Statement): statement is Statement<SectionItem> {
  return statement.item.kind === "section" && statement.item.name === "packages";
}

function isJoined({ item }: Statement<CommandItem>): boolean {
  return commandRow(item.name)?.combine.kind === "joined";
}

function gather(input: ComposeInput, findings: Findings): readonly Statement[] {
  const { recipe, stock, site, siteRecipe } = input;
  const expand = (document: Kickstart, author: Author): readonly Statement[] =>
    expandIncludes(document, author, { stock, findings });
  const builders = withinLimits(expand(recipe, "builder"), findings).map((statement) => {
    const author = authorInRecipe(statement, input.parameters);
    return fillStatement({ ...statement, author }, input.parameters, findings);
  });
  // The site's documents cannot include a stock kickstart: they take precedence over all of them.
  const all = [
    ...builders,
    ...(site === undefined ? [] : expandIncludes(site, "site", { stock: new Map(), findings })),
    ...(siteRecipe === undefined
      ? []
      : expandIncludes(siteRecipe, "site-recipe", { stock: new Map(), findings })),
  ];
  return withinLimits(all, findings);
}

/** Returns whether two sections have the same text. It compares them by line, without rendering them. */
function isSame(a: SectionItem, b: SectionItem): boolean {
  return (
    a.text === b.text &&
    a.end === b.end &&
    a.body.length === b.body.length &&
    a.body.every(({ text }, index) => text === b.body[index]?.text)
  );
}

/** Returns the sections of the result. Of several sections of one add-on, one is kept. */
function joinSections(
  sections: readonly Statement<SectionItem>[],
  findings: Findings,
): readonly Statement<SectionItem>[] {
  const kept: Statement<SectionItem>[] = [];
  const addons = new Map<string, number>();
  for (const section of sections) {
    const isAddon = section.item.name === "addon";
    const key = section.item.words[1]?.value ?? "";
    const index = isAddon ? addons.get(key) : undefined;
    const earlier = index === undefined ? undefined : kept[index];
    if (index === undefined || earlier === undefined) {
      if (isAddon) addons.set(key, kept.length);
      kept.push(section);
      continue;
    }
    if (isSame(earlier.item, section.item)) {
      if (yieldsTo(earlier, section)) kept[index] = section;
      continue;
    }
    const precedence = precedenceOf(earlier, section);
    if (precedence === "clash") {
      const message = `%addon ${key}: clashes with ${placeOf(earlier)}`;
      findings.report("error", "clash", message, section);
    } else if (precedence === "first") {
      findings.note(`${placeOf(section)}: %addon is overridden by ${placeOf(earlier)}`);
    } else {
      findings.note(`${placeOf(earlier)}: %addon is overridden by ${placeOf(section)}`);
      kept[index] = section;
    }
  }
  return kept;
}

/** Renders statements in order. Where the document changes, a comment names the next one. */
function renderStatements(statements: readonly Statement[], masked: boolean): string {
  let origin = "";
  return statements
    .map((statement) => {
      const item: KickstartItem = masked
        ? maskItem(statement.masked ?? statement.item)
        : statement.item;
      const text = renderItem(item);
      const head = statement.origin === origin ? "" : `# -- ${escapeControls(statement.origin)}\n`;
      origin = statement.origin;
      return `${head}${text}${text.endsWith("\n") ? "" : "\n"}`;
    })
    .join("");
}

/** Returns the statements of the result, in its order. */
function join(statements: readonly Statement[], release: Release, findings: Findings) {
  const commands = statements.filter(isCommand);
  const kept = joinCommands(commands, release, findings);
  const joinedNames = new Set(commands.filter(isJoined).map(({ item }) => item.name));
  const joined = [...joinedNames].flatMap(
    (name) =>
      joinLists(
        [...kept].filter(({ item }) => item.name === name),
        findings,
      ) ?? [],
  );
  const packages = joinPackages(statements.filter(isPackages), findings);
  const sections = statements.filter(
    (statement): statement is Statement<SectionItem> =>
      statement.item.kind === "section" && !isPackages(statement),
  );
  const byAuthor = [...statements].sort(compareDocuments);
  const plain = byAuthor.filter((statement) =>
    isCommand(statement)
      ? kept.has(statement) && !isJoined(statement)
      : statement.item.kind !== "section",
  );
  return {
    commands: [...plain.filter(isCommand), ...joined],
    head: plain,
    tail: [
      ...joined,
      ...(packages === undefined ? [] : [packages]),
      ...joinSections(sections.sort(compareDocuments), findings),
    ],
  };
}

/** Lints each document separately, with its placeholders filled. */
function lintDocuments(
  statements: readonly Statement[],
  release: Release,
  findings: Findings,
): void {
  const documents = new Map<string, KickstartItem[]>();
  for (const { origin, item, masked } of statements) {
    const items = documents.get(origin);
    // Messages quote the text, so they get the masked one.
    const shown = masked ?? item;
    if (items === undefined) documents.set(origin, [shown]);
    else items.push(shown);
  }
  for (const [origin, items] of documents) {
    findings.problems.push(...lintKickstart({ origin, items }, release));
  }
}

/**
 * Composes one kickstart from a recipe's partial kickstart, the stock kickstarts that it includes, and the site's
 * kickstarts. docs/kickstart.md explains the rules. Every document is linted. The disk layout is checked against the
 * descriptor's disks. Every contradiction between two documents is reported as a problem or a note.
 */
export function composeKickstart(input: ComposeInput): ComposedKickstart {
  const release = input.release ?? releaseOfOsinfo(input.appliance.osinfo) ?? defaultRelease;
  const findings = new Findings();
  const documents = gather(input, findings);
  lintDocuments(documents, release, findings);
  const statements = documents.flatMap((each): readonly Statement[] =>
    isCommand(each) ? splitNetwork(each) : [each],
  );
  const { commands, head, tail } = join(statements, release, findings);
  const isComplete = !statements.some(
    ({ item }) => item.kind === "include" || (item.kind === "section" && item.name === "pre"),
  );
  // A command that the installer ignores creates no file system.
  const effective = commands.filter(({ item }) => hasEffect(item, release));
  checkStorage(effective, input.appliance, { isComplete, findings });
  const render = (masked: boolean): string =>
    renderStatements(head, masked) + renderStatements(tail, masked);
  return {
    text: render(false),
    maskedText: render(true),
    problems: findings.problems,
    notes: findings.notes,
  };
}
