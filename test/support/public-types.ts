import { readFileSync } from "node:fs";
import path from "node:path";
import { parseSync } from "oxc-parser";

/** Something that a file declares, by its name there. */
export interface Declared {
  /** Absolute path. */
  readonly file: string;
  readonly name: string;
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

interface Module {
  /** What is declared at the top, exported or not. */
  readonly declarations: ReadonlyMap<string, Node>;
  /** Names that come from other files of src: local name to where it is exported. */
  readonly imports: ReadonlyMap<string, Declared>;
  /** Exported names: declared here, or taken from another file. */
  readonly exports: ReadonlyMap<string, Declared>;
  /** Files of which everything is exported. */
  readonly all: readonly string[];
}

const modules = new Map<string, Module>();

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value;

const nodes = (value: unknown): readonly Node[] =>
  Array.isArray(value) ? value.filter(isNode) : [];

function nameOf(value: unknown): string {
  if (!isNode(value)) return "";
  const name = value["name"] ?? value["value"];
  return typeof name === "string" ? name : "";
}

function resolve(from: string, specifier: unknown): string | undefined {
  const text = nameOf(specifier);
  return text.startsWith(".") ? path.resolve(path.dirname(from), text) : undefined;
}

function declaredNames(node: Node): readonly (readonly [string, Node])[] {
  if (node.type === "VariableDeclaration") {
    return nodes(node["declarations"]).map((one) => [nameOf(one["id"]), one] as const);
  }
  return [[nameOf(node["id"]), node]];
}

function readModule(file: string): Module {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const { program } = parseSync(file, readFileSync(file, "utf8"));
  const declarations = new Map<string, Node>();
  const imports = new Map<string, Declared>();
  const exported = new Map<string, Declared>();
  const all: string[] = [];
  for (const statement of nodes(program.body)) {
    const source = resolve(file, statement["source"]);
    const declaration = statement["declaration"];
    if (statement.type === "ImportDeclaration" && source !== undefined) {
      for (const one of nodes(statement["specifiers"])) {
        imports.set(nameOf(one["local"]), { file: source, name: nameOf(one["imported"]) });
      }
    } else if (statement.type === "ExportAllDeclaration" && source !== undefined) all.push(source);
    else if (statement.type === "ExportNamedDeclaration" && isNode(declaration)) {
      for (const [name, node] of declaredNames(declaration)) {
        declarations.set(name, node);
        exported.set(name, { file, name });
      }
    } else if (statement.type === "ExportNamedDeclaration") {
      for (const one of nodes(statement["specifiers"])) {
        exported.set(nameOf(one["exported"]), {
          file: source ?? file,
          name: nameOf(one["local"]),
        });
      }
    } else if (statement.type.endsWith("Declaration")) {
      for (const [name, node] of declaredNames(statement)) declarations.set(name, node);
    }
  }
  const found = { declarations, imports, exports: exported, all };
  modules.set(file, found);
  return found;
}

/** Follows a name through re-exports to the file that declares it. */
function origin({ file, name }: Declared): Declared {
  const { declarations, imports, exports, all } = readModule(file);
  if (declarations.has(name)) return { file, name };
  const exported = exports.get(name);
  const next = exported?.file === file ? imports.get(exported.name) : exported;
  if (next !== undefined) return origin(next);
  const from = all.find((one) => exportedBy(one).has(name));
  return from === undefined ? { file, name } : origin({ file: from, name });
}

/** Returns what a file exports, by the name under which it does, with where each is declared. */
export function exportedBy(file: string): ReadonlyMap<string, Declared> {
  const { exports, all } = readModule(file);
  return new Map([
    ...all.flatMap((one) => [...exportedBy(one)]),
    ...[...exports].map(([name, from]) => [name, origin(from)] as const),
  ]);
}

/** Collects the names that the type of a declaration mentions. Bodies and values are no part of it. */
function mentioned(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) for (const one of node) mentioned(one, names);
  if (!isNode(node)) return;
  if (node.type === "TSTypeReference" || node.type === "TSTypeQuery") {
    names.add(nameOf(node["typeName"] ?? node["exprName"]));
  }
  if (node.type === "TSInterfaceHeritage" || node.type === "TSClassImplements") {
    names.add(nameOf(node["expression"]));
  }
  const isInterface = node.type.startsWith("TS");
  for (const [key, value] of Object.entries(node)) {
    if (key === "init" || (key === "body" && !isInterface && node.type !== "ClassDeclaration"))
      continue;
    mentioned(value, names);
  }
}

function key({ file, name }: Declared): string {
  return `${file} ${name}`;
}

/**
 * Returns every exported type of src that what a face exports leads to: types of parameters, of results, of their
 * members. A type that its own file keeps is looked through.
 */
export function typesBehind(face: string): readonly Declared[] {
  const seen = new Map<string, Declared>();
  const visit = (at: Declared): void => {
    const { declarations, imports } = readModule(at.file);
    const node = declarations.get(at.name);
    if (node === undefined || seen.has(key(at))) return;
    seen.set(key(at), at);
    const names = new Set<string>();
    mentioned(node, names);
    for (const name of names) {
      const from = imports.get(name);
      if (from !== undefined) visit(origin(from));
      else if (declarations.has(name)) visit({ file: at.file, name });
    }
  };
  for (const one of exportedBy(face).values()) visit(one);
  return [...seen.values()].filter(({ file, name }) => {
    const { declarations, exports } = readModule(file);
    return exports.has(name) && declarations.get(name)?.type !== "VariableDeclarator";
  });
}
