// The ordered list of models, as a setting and as a variable of the deployment.

import { refused } from "../settings/kinds.ts";

const MODELS_MAX = 5;
const ID = /^@?[\w.-]+(\/[\w.:-]+)*$/;

/** The setting. @throws SettingRefused */
export function readModelList(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > MODELS_MAX)
    return refused(`must be a list of at most ${MODELS_MAX} models`);
  if (!value.every((id): id is string => typeof id === "string" && id.length <= 100 && ID.test(id)))
    return refused('must hold ids of models, such as "@cf/zai-org/glm-4.7-flash"');
  return value;
}

/** The variable: ids separated by commas. */
export const modelsNamed = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "")
    .slice(0, MODELS_MAX);
