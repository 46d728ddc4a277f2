// What this browser keeps of an app that is being brought: the draft before it is registered, and after it how far its owner
// came. Keys are in memory alone, and gone with the page.

import type { RegisteredProvider } from "./client/types.ts";
import { emptyListing, emptyPrice, type ListingForm, type PriceForm } from "./new-app.ts";
import { STACKS, type Stack } from "./snippets.ts";

export interface Draft {
  listing: ListingForm;
  price: PriceForm;
  /** Whether the words are done and the price is next. */
  isPricing: boolean;
}
export interface Progress {
  areKeysStored: boolean;
  hasTag: boolean;
  wasHeard: boolean;
  stack: Stack;
  /** The sandbox session that is watched. */
  sandbox: { id: string; redirectUrl: string } | null;
}
/** Forgotten with the draft when another person signs in here. */
const draftKey = (userId: string): string => `new_app ${userId}`;
const progressKey = (appId: string): string => `setup ${appId}`;

export const emptyDraft = (): Draft => ({ listing: emptyListing(), price: emptyPrice(), isPricing: false });
const emptyProgress = (): Progress => ({
  areKeysStored: false,
  hasTag: false,
  wasHeard: false,
  stack: "html",
  sandbox: null,
});

export function readDraft(userId: string): Draft {
  const kept = read<Draft>(draftKey(userId));
  const empty = emptyDraft();
  return {
    listing: { ...empty.listing, ...kept?.listing },
    price: { ...empty.price, ...kept?.price },
    isPricing: kept?.isPricing ?? false,
  };
}
export const keepDraft = (userId: string, draft: Draft): void => write(draftKey(userId), draft);
export const forgetDraft = (userId: string): void => write(draftKey(userId), null);

export function readProgress(appId: string): Progress {
  const kept = { ...emptyProgress(), ...read<Progress>(progressKey(appId)) };
  return STACKS.includes(kept.stack) ? kept : { ...kept, stack: "html" };
}
export const keepProgress = (appId: string, progress: Progress): void => write(progressKey(appId), progress);
export const forgetProgress = (appId: string): void => write(progressKey(appId), null);

const fresh = new Map<string, Pick<RegisteredProvider, "apiKey" | "testApiKey">>();
export const keepFreshKeys = ({ provider, apiKey, testApiKey }: RegisteredProvider): void =>
  void fresh.set(provider.id, { apiKey, testApiKey });
export const freshKeys = (appId: string) => fresh.get(appId) ?? null;
export const forgetFreshKeys = (appId: string): void => void fresh.delete(appId);

// A browser may refuse to keep anything; then a reload begins anew, and nothing else is lost.
function read<Value>(key: string): Partial<Value> | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Value> | null;
  } catch {
    return null;
  }
}
function write(key: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // See above.
  }
}
