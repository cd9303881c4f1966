/** Value of a parameter. */
export type ParameterValue = string | number | boolean;

/** A parameter of a recipe, which the site may set, or must set if it is required. */
export interface RecipeParameter {
  /** Name of the Puppet class parameter: lower-case letters, digits and underscores. */
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "enum";
  readonly default: ParameterValue | undefined;
  readonly required: boolean;
  readonly description: string | undefined;
  /** Regular expression that the whole value must match. */
  readonly pattern: string | undefined;
  /** Allowed values of an enum. */
  readonly values: readonly string[];
  /** Whether the value is printed only on request. */
  readonly secret: boolean;
  /** Line number in parameters.yaml, 1-based. */
  readonly line: number;
}

/** A source of values. A later layer overrides an earlier one. */
export interface ParameterLayer {
  /** Name in messages and in the output of `show`: a file, or `--set`. */
  readonly origin: string;
  /** Whether several recipes share the layer, so that it may set parameters which this recipe does not have. */
  readonly shared: boolean;
  /** Unconverted values by parameter name; text from the command line is `untyped`. */
  readonly values: ReadonlyMap<string, LayerValue>;
}

/** One value of a layer. */
export interface LayerValue {
  readonly value: ParameterValue;
  /** Whether the value is text for any type, as on a command line. */
  readonly untyped: boolean;
  readonly line: number | undefined;
}

/** A parameter with its effective value. */
export interface ResolvedParameter {
  readonly parameter: RecipeParameter;
  readonly value: ParameterValue;
  /** Origin of the layer that set the value, or `default`. */
  readonly origin: string;
}
