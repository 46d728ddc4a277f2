// Notices on this device: what the browser lets us do, and keeping it in step with the API. What a notice says is
// push-notice.ts.

import { currentPreferences } from "../preferences.ts";
import { call } from "./api.ts";
import { NOTICES_FOR } from "./notices-for.ts";
import { currentSignInId, signIn } from "./sign-in.svelte.ts";

export interface PushDevice {
  id: string;
  label: string;
  language: string;
  createdAt: string;
}
export interface PushDevices {
  /** Null: the marketplace sends nothing to devices. */
  publicKey: string | null;
  devices: PushDevice[];
}

/** The browser has a push service, and it did not answer. */
export class PushServiceSilent extends Error {}

/** A push service is far away, and without a network some browsers never say so. */
const ANSWER_MS = 20_000;
/** For whom this browser was turned on, and what the API knows of it. */
interface TurnedOn {
  userId: string;
  signInId: string | null;
  label: string;
  language: string;
}
const ID_LENGTH = 32;

export const listPushDevices = () => call<PushDevices>("/v1/me/push");
export const removePushDevice = (id: string) => call<unknown>(`/v1/me/push/devices/${id}`, { method: "DELETE" });

export type PushState = "unsupported" | "denied" | "possible";
export function pushState(): PushState {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
  return Notification.permission === "denied" ? "denied" : "possible";
}

/** This browser's id among the devices; null while it is subscribed nowhere. */
export async function ownDeviceId(): Promise<string | null> {
  const subscription = await currentSubscription();
  return subscription && deviceIdOf(subscription.endpoint);
}

/**
 * Ask the person and the push service, and tell the API.
 * @returns false when the person said no.
 * @throws PushServiceSilent, ApiError.
 */
export async function turnOnPush(publicKey: string, it: { label: string; language: string }): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  const subscription = await inTime(subscribe(publicKey));
  await tellApi(subscription, it);
  return true;
}

/** What is taken away here is nothing the API can bring back: the push service itself forgets it. */
export async function turnOffPush(): Promise<void> {
  const subscription = await currentSubscription();
  if (subscription) await removePushDevice(await deviceIdOf(subscription.endpoint));
  await forgetPush();
}

/** After a sign-out: the API has forgotten the device with the sign-in. */
export async function forgetPush(): Promise<void> {
  localStorage.removeItem(NOTICES_FOR);
  await (await currentSubscription())?.unsubscribe().catch(() => false);
}

/**
 * The person who turned this browser on is back with another sign-in, or in another language: they go on hearing here.
 * Failing changes nothing, and the next page tries again.
 */
export async function keepPush(): Promise<void> {
  const known = JSON.parse(localStorage.getItem(NOTICES_FOR) ?? "null") as TurnedOn | null;
  const { language } = currentPreferences();
  if (!known || known.userId !== signIn.user?.id) return;
  if (known.signInId === currentSignInId() && known.language === language) return;
  const subscription = Notification.permission === "granted" ? await currentSubscription() : null;
  if (!subscription) return localStorage.removeItem(NOTICES_FOR);
  await tellApi(subscription, { label: known.label, language }).catch(() => undefined);
}

async function tellApi(subscription: PushSubscription, it: { label: string; language: string }): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  await call<unknown>("/v1/me/push/devices", { method: "POST", body: { endpoint, keys, ...it } });
  const known: TurnedOn = { userId: signIn.user!.id, signInId: currentSignInId(), ...it };
  localStorage.setItem(NOTICES_FOR, JSON.stringify(known));
}

async function subscribe(publicKey: string): Promise<PushSubscription> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const existing = await pushManager.getSubscription();
  // One made for another key takes nothing of ours.
  if (existing && base64url(existing.options.applicationServerKey) !== publicKey) await existing.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

async function currentSubscription(): Promise<PushSubscription | null> {
  if (pushState() === "unsupported") return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new PushServiceSilent()), ANSWER_MS);
  // Some browsers say at once that they cannot reach their service.
  const asSilence = (thrown: unknown) => {
    throw thrown instanceof DOMException ? new PushServiceSilent() : thrown;
  };
  return Promise.race([promise.catch(asSilence), over]).finally(() => clearTimeout(timer));
}

async function deviceIdOf(endpoint: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, ID_LENGTH);
}

const base64url = (bytes: ArrayBuffer | null): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer())))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
