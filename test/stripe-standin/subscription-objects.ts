// Complete subscriptions and invoices as the wire carries them, typed by the pinned SDK.

import type Stripe from "stripe";
import { wireDecimal } from "./objects.ts";

type Made = { id: string; created: number };
export interface Term {
  start: number;
  end: number;
}

const plan = (price: Stripe.Price): Stripe.Plan => ({
  id: price.id,
  object: "plan",
  active: true,
  amount: price.unit_amount,
  amount_decimal: wireDecimal(price.unit_amount!),
  billing_scheme: "per_unit",
  created: price.created,
  currency: price.currency,
  interval: "month",
  interval_count: 1,
  livemode: false,
  metadata: {},
  meter: null,
  nickname: null,
  product: price.product as string,
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: "licensed",
});

export function subscription(
  made: Made,
  of: {
    customer: string;
    price: Stripe.Price;
    itemId: string;
    term: Term;
    metadata: Stripe.Metadata;
    methodId: string;
  },
): Stripe.Subscription {
  return {
    object: "subscription",
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: made.created,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: null, type: "flexible" },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: "charge_automatically",
    currency: of.price.currency,
    customer: of.customer,
    customer_account: null,
    days_until_due: null,
    default_payment_method: of.methodId,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: "self" },
    },
    items: {
      object: "list",
      data: [
        {
          id: of.itemId,
          object: "subscription_item",
          billing_thresholds: null,
          created: made.created,
          current_period_end: of.term.end,
          current_period_start: of.term.start,
          current_trial: null,
          discounts: [],
          metadata: {},
          plan: plan(of.price),
          price: of.price,
          quantity: 1,
          subscription: made.id,
          tax_rates: [],
        },
      ],
      has_more: false,
      url: `/v1/subscription_items?subscription=${made.id}`,
    },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: of.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: "off" },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: made.created,
    status: "active",
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: "create_invoice" } },
    trial_start: null,
    ...made,
  };
}

export function invoice(
  made: Made,
  of: {
    subscription: Stripe.Subscription;
    reason: "subscription_create" | "subscription_cycle";
    term: Term;
    isPaid: boolean;
    lineId: string;
    email: string | null;
    /** What a discount takes off. */
    off: { discount: Stripe.Discount; cents: number } | null;
  },
): Stripe.Invoice {
  const item = of.subscription.items.data[0]!;
  const subtotal = item.price.unit_amount!;
  const discounts = of.off ? [{ amount: of.off.cents, discount: of.off.discount.id }] : [];
  const amount = subtotal - (of.off?.cents ?? 0);
  return {
    object: "invoice",
    account_country: "US",
    account_name: "Local test",
    account_tax_ids: null,
    amount_due: amount,
    amount_overpaid: 0,
    amount_paid: of.isPaid ? amount : 0,
    amount_remaining: of.isPaid ? 0 : amount,
    amount_shipping: 0,
    application: null,
    attempt_count: 1,
    attempted: true,
    auto_advance: !of.isPaid,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: of.reason,
    collection_method: "charge_automatically",
    currency: of.subscription.currency,
    custom_fields: null,
    customer: of.subscription.customer as string,
    customer_account: null,
    customer_address: null,
    customer_email: of.email,
    customer_name: null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: "none",
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: discounts.map(({ discount }) => discount),
    due_date: null,
    effective_at: made.created,
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: "self" },
    last_finalization_error: null,
    latest_revision: null,
    lines: {
      object: "list",
      data: [
        {
          id: of.lineId,
          object: "line_item",
          amount: subtotal,
          currency: of.subscription.currency,
          description: null,
          discount_amounts: discounts,
          discountable: true,
          discounts: [],
          invoice: made.id,
          livemode: false,
          metadata: {},
          parent: null,
          period: of.term,
          pretax_credit_amounts: [],
          pricing: null,
          quantity: 1,
          quantity_decimal: wireDecimal(1),
          subscription: of.subscription.id,
          subtotal,
          taxes: [],
        },
      ],
      has_more: false,
      url: `/v1/invoices/${made.id}/lines`,
    },
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: `LOCAL-${made.id.slice(-8)}`,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: of.subscription.metadata, subscription: of.subscription.id },
      type: "subscription_details",
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: of.term.end,
    period_start: of.term.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: of.isPaid ? "paid" : "open",
    status_transitions: {
      finalized_at: made.created,
      marked_uncollectible_at: null,
      paid_at: of.isPaid ? made.created : null,
      voided_at: null,
    },
    subtotal,
    subtotal_excluding_tax: subtotal,
    test_clock: of.subscription.test_clock,
    total: amount,
    total_discount_amounts: discounts,
    total_excluding_tax: amount,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
    ...made,
  };
}
