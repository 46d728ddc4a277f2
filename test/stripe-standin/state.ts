// What this stand-in remembers: Stripe's objects by kind and id, and its own notes. Changes of one request are written as
// one journal line, so that a kill -9 loses a request whole or not at all.

import type Stripe from "stripe";

/** Stripe's event, without the union of two hundred types. */
export interface StoredEvent {
  id: string;
  object: "event";
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: object };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null };
  type: Stripe.Event["type"];
}

export interface Kinds {
  customer: Stripe.Customer;
  product: Stripe.Product;
  price: Stripe.Price;
  "checkout.session": Stripe.Checkout.Session;
  payment_intent: Stripe.PaymentIntent;
  payment_method: Stripe.PaymentMethod;
  charge: Stripe.Charge;
  balance_transaction: Stripe.BalanceTransaction;
  refund: Stripe.Refund;
  subscription: Stripe.Subscription;
  coupon: Stripe.Coupon;
  promotion_code: Stripe.PromotionCode;
  discount: Stripe.Discount;
  invoice: Stripe.Invoice;
  dispute: Stripe.Dispute;
  event: StoredEvent;
  "test_helpers.test_clock": Stripe.TestHelpers.TestClock;
  "billing.meter": Stripe.Billing.Meter;
  account: Stripe.Account;
  transfer: Stripe.Transfer;
  transfer_reversal: Stripe.TransferReversal;
  /** What a session was made with and does not show: id = the session's. */
  "note.checkout": {
    id: string;
    lineItems: Stripe.LineItem[];
    paymentMetadata: Record<string, string>;
    paymentDescription: string | null;
    /** `subscription` mode: what goes onto the subscription. */
    subscriptionMetadata?: Record<string, string>;
    /** The card is kept for the customer once it was paid with. */
    setupFutureUsage: "off_session" | "on_session" | null;
    /** The address given on the page becomes the customer's. */
    keepsAddress: boolean;
  };
  /** Where the buyer of a session with tax said they are: id = the session's. */
  "note.country": { id: string; country: string };
  /** A 3-D Secure challenge that is open: id = the session's. */
  "note.challenge": { id: string; methodId: string };
  /** An event still to be delivered: id = the event's. */
  "note.delivery": { id: string; attempts: number; dueAtMs: number };
  /** An answered idempotency key: id = key and account. */
  "note.idempotency": { id: string; fingerprint: string; status: number; body: string };
  /** What the bank says to off-session charges of a card: id = the payment method's. */
  "note.bank": { id: string; answer: "succeeds" | "declines" | "wants_person" };
  /** Which payment paid an invoice: id = the invoice's. */
  "note.invoice": { id: string; intentId: string };
  /** What a meter was told: id = the event's identifier. */
  "note.meter_event": {
    id: string;
    meterId: string;
    customer: string;
    value: number;
    event: Stripe.Billing.MeterEvent;
  };
  /** A coupon that was deleted (gone for new uses, there for what it still takes off), or a customer. */
  "note.deleted": { id: string };
  "note.setting": { id: "hold"; on: boolean };
  /** An onboarding link: id = the end of its address. */
  "note.onboarding": {
    id: string;
    accountId: string;
    returnUrl: string;
    refreshUrl: string;
    expiresAt: number;
    isUsed: boolean;
  };
  /** What our own balance holds; without it, as much as anybody needs. */
  "note.balance": { id: "available"; cents: number };
}
export type Kind = keyof Kinds;

export type Change = [kind: Kind, id: string, value: object | null];

/** Where changes go. Read once at the start. */
export interface Journal {
  read(): Iterable<Change[]>;
  append(changes: Change[]): void;
}
export const forgetful: Journal = { read: () => [], append: () => {} };

export class State {
  readonly #journal: Journal;
  readonly #kinds = new Map<Kind, Map<string, object>>();
  #unwritten: Change[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
    for (const changes of journal.read()) for (const change of changes) this.#apply(change);
  }

  find<K extends Kind>(kind: K, id: string): Kinds[K] | undefined {
    return this.#kinds.get(kind)?.get(id) as Kinds[K] | undefined;
  }

  /** Oldest first. */
  all<K extends Kind>(kind: K): Kinds[K][] {
    return [...(this.#kinds.get(kind)?.values() ?? [])] as Kinds[K][];
  }

  /** Objects are replaced, never changed in place: an event keeps the object as it was. */
  put<K extends Kind>(kind: K, value: Kinds[K]): Kinds[K] {
    this.#change([kind, value.id, value]);
    return value;
  }

  remove(kind: Kind, id: string): void {
    this.#change([kind, id, null]);
  }

  /** Make everything since the last call durable. Called at the end of each request, before its answer leaves. */
  flush(): void {
    if (this.#unwritten.length === 0) return;
    this.#journal.append(this.#unwritten);
    this.#unwritten = [];
  }

  /** Every object as changes, for a compact journal. */
  *snapshot(): Iterable<Change[]> {
    for (const [kind, objects] of this.#kinds) for (const [id, value] of objects) yield [[kind, id, value]];
  }

  #change(change: Change): void {
    this.#apply(change);
    this.#unwritten.push(change);
  }

  #apply([kind, id, value]: Change): void {
    const objects = this.#kinds.get(kind) ?? new Map<string, object>();
    this.#kinds.set(kind, objects);
    if (value === null) objects.delete(id);
    else objects.set(id, value);
  }
}
