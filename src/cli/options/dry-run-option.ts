/** `--dry-run` of commands that print a plan. */
export const dryRunOption = {
  type: "boolean",
  default: false,
  describe: "print the plan; change nothing",
} as const;
