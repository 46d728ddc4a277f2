// The kinds of settings there are: each has a default, a sentence for the operator, and a check that anything stored or
// sent must pass.

export interface Setting<Value> {
  default: Value;
  /** What turning it does, for the operator's page. */
  about: string;
  /** The value when it is one. @throws SettingRefused */
  read(value: unknown): Value;
}

/** Why a value cannot be a setting's; the message completes "<key> ...". */
export class SettingRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SettingRefused";
  }
}

export const toggle = (standard: boolean, about: string): Setting<boolean> => ({
  default: standard,
  about,
  read: (value) => (typeof value === "boolean" ? value : refused("must be true or false")),
});

/** A whole number from `min` (0 unless said) to `max`, both included. */
export const whole = (standard: number, about: string, limits: { min?: number; max: number }): Setting<number> => ({
  default: standard,
  about,
  read: (value) => {
    const { min = 0, max } = limits;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
    return refused(`must be a whole number from ${min} to ${max}`);
  },
});

/** One or more lines of text, at most `max` characters. */
export const text = (standard: string, about: string, max: number): Setting<string> => ({
  default: standard,
  about,
  read: (value) =>
    typeof value === "string" && value.length <= max ? value : refused(`must be text of at most ${max} characters`),
});

/** Anything else: a list or a table. `check` gives the value or throws with what is wrong. */
export const custom = <Value>(standard: Value, about: string, check: (value: unknown) => Value): Setting<Value> => ({
  default: standard,
  about,
  read: check,
});

export function refused(message: string): never {
  throw new SettingRefused(message);
}
