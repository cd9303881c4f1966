import { stat } from "node:fs/promises";
import path from "node:path";
import { countOf } from "../../../lib/count-of.ts";
import { ApplianceError } from "../../../errors.ts";
import type { Context } from "../../../lib/context.ts";
import { kickstartHoldsSecrets } from "../../../recipe/index.ts";
import type { SiteRecipe } from "../../catalogue/site-recipe.ts";

const READ_BY_OTHERS = 0o004;
const SEARCH_BY_OTHERS = 0o001;

/** Returns whether every user of the host can read a file below a folder. */
async function isExposed(file: string, top: string): Promise<boolean> {
  const own = await stat(file).catch(() => undefined);
  if (own === undefined || (own.mode & READ_BY_OTHERS) === 0) return false;
  for (let folder = path.dirname(file); folder.startsWith(top); folder = path.dirname(folder)) {
    const stats = await stat(folder).catch(() => undefined);
    if (stats === undefined || (stats.mode & SEARCH_BY_OTHERS) === 0) return false;
  }
  return true;
}

/**
 * Refuses files with values of secret parameters that users other than root can read, and warns about such kickstarts
 * with passwords.
 *
 * @throws ApplianceError `HOST_SECRETS_EXPOSED`
 */
export async function checkExposure(
  { recipe, answers }: Pick<SiteRecipe, "recipe" | "answers">,
  settingsDir: string,
  { logger }: Context,
): Promise<void> {
  const secrets = recipe.parameters.filter(({ secret }) => secret).map(({ name }) => name);
  const exposed: string[] = [];
  for (const { origin, values } of answers.layers) {
    const held = secrets.filter((name) => values.has(name));
    if (held.length > 0 && path.isAbsolute(origin) && (await isExposed(origin, settingsDir)))
      exposed.push(`${origin}: holds the secret ${held.join(", ")}`);
  }
  if (exposed.length > 0) {
    const files = `${exposed.length === 1 ? "a file" : countOf(exposed.length, "file")} with secrets`;
    throw new ApplianceError(
      "HOST_SECRETS_EXPOSED",
      `${settingsDir}: anyone can read ${files}, expected only root`,
      { details: exposed, hint: "set their mode to 0640 with chmod" },
    );
  }
  for (const kickstart of [answers.site, answers.siteRecipe]) {
    if (kickstart === undefined || !kickstartHoldsSecrets(kickstart)) continue;
    if (await isExposed(kickstart.origin, settingsDir))
      logger.warn(`${kickstart.origin}: anyone can read it, and it contains a password or key`);
  }
}
