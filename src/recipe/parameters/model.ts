/** Value of a parameter. */
export type ParameterValue = string | number | boolean;

/** A value that a site may or must give a recipe. */
export interface RecipeParameter {
  /** As a Puppet class parameter: lower case, digits, underscores. */
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "enum";
  readonly default: ParameterValue | undefined;
  readonly required: boolean;
  readonly description: string | undefined;
  /** Regular expression that the whole value must match. */
  readonly pattern: string | undefined;
  /** Of an enum. */
  readonly values: readonly string[];
  /** Never printed unless asked for. */
  readonly secret: boolean;
  /** 1-based, in parameters.yaml. */
  readonly line: number;
}

/** Where values come from; later layers win over earlier ones. */
export interface ParameterLayer {
  /** What messages and `show` call it: a file, or `--set`. */
  readonly origin: string;
  /** A layer of several recipes: it may name parameters that this one does not have. */
  readonly shared: boolean;
  /** Values as they stand there; text from the command line is `untyped`. */
  readonly values: ReadonlyMap<string, LayerValue>;
}

/** One value of a layer. */
export interface LayerValue {
  readonly value: ParameterValue;
  /** Given as text whatever its type, as on a command line. */
  readonly untyped: boolean;
  readonly line: number | undefined;
}

/** A parameter with the value that holds. */
export interface ResolvedParameter {
  readonly parameter: RecipeParameter;
  readonly value: ParameterValue;
  /** Origin of the layer that won; `default`. */
  readonly origin: string;
}
