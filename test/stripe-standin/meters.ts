// Billing meters and the events they add up (docs.stripe.com/billing/subscriptions/usage-based). Sums are at once here; at
// Stripe they take a while.

import type Stripe from "stripe";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { invalidRequest, missing } from "./errors.ts";
import { LIST_PARAMS, page } from "./lists.ts";
import { required } from "./params.ts";
import { make, secondsNow, type World } from "./world.ts";

const PAST_MAX_SECONDS = 35 * 24 * 60 * 60;
const AHEAD_MAX_SECONDS = 5 * 60;
const UNIQUE_FOR_SECONDS = 24 * 60 * 60;

export const METER_ENDPOINTS: readonly Endpoint[] = [
  endpoint(
    "POST",
    "/v1/billing/meters",
    {
      event_name: "string",
      display_name: "string",
      default_aggregation: { formula: "string" },
      customer_mapping: { type: "string", event_payload_key: "string" },
      value_settings: { event_payload_key: "string" },
    },
    (world, params) => {
      const eventName = required(params.event_name, "event_name");
      if (findMeter(world, eventName))
        throw invalidRequest(`There is already an active meter with the event name ${eventName}.`);
      if (required(params.default_aggregation, "default_aggregation").formula !== "sum")
        throw invalidRequest("This stand-in adds values up only.", { param: "default_aggregation[formula]" });
      const made = make(world, "mtr_test_", 14);
      return world.state.put("billing.meter", {
        ...made,
        object: "billing.meter",
        customer_mapping: {
          event_payload_key: params.customer_mapping?.event_payload_key ?? "stripe_customer_id",
          type: "by_id",
        },
        default_aggregation: { formula: "sum" },
        display_name: required(params.display_name, "display_name"),
        event_name: eventName,
        event_time_window: null,
        livemode: false,
        status: "active",
        status_transitions: { deactivated_at: null },
        updated: made.created,
        value_settings: { event_payload_key: params.value_settings?.event_payload_key ?? "value" },
      });
    },
  ),
  endpoint("GET", "/v1/billing/meters", { ...LIST_PARAMS, status: "string" }, (world, { status, ...params }) =>
    page(
      world.state
        .all("billing.meter")
        .filter((meter) => !status || meter.status === status)
        .reverse(),
      "/v1/billing/meters",
      params,
    ),
  ),
  endpoint(
    "POST",
    "/v1/billing/meter_events",
    { event_name: "string", identifier: "string", payload: "map", timestamp: "integer" },
    tell,
  ),
  endpoint(
    "GET",
    "/v1/billing/meters/:id/event_summaries",
    { ...LIST_PARAMS, customer: "string", start_time: "integer", end_time: "integer" },
    summarise,
  ),
];

const findMeter = (world: World, eventName: string): Stripe.Billing.Meter | undefined =>
  world.state.all("billing.meter").find((meter) => meter.event_name === eventName && meter.status === "active");

function tell(
  world: World,
  params: { event_name?: string; identifier?: string; payload?: Record<string, string>; timestamp?: number },
): Stripe.Billing.MeterEvent {
  const eventName = required(params.event_name, "event_name");
  const meter = findMeter(world, eventName);
  if (!meter) throw invalidRequest(`No active meter found for event name ${eventName}`, { param: "event_name" });
  const { customer_mapping, value_settings } = meter;
  const payload = required(params.payload, "payload");
  const customer = required(
    payload[customer_mapping.event_payload_key],
    `payload[${customer_mapping.event_payload_key}]`,
  );
  const value = required(payload[value_settings.event_payload_key], `payload[${value_settings.event_payload_key}]`);
  if (!/^-?\d+(\.\d+)?$/.test(value)) throw invalidRequest("The value must be numeric.", { param: "payload" });
  if (!world.state.find("customer", customer)) throw missing("customer", customer, "payload");
  const now = secondsNow(world);
  const timestamp = params.timestamp ?? now;
  if (timestamp < now - PAST_MAX_SECONDS || timestamp > now + AHEAD_MAX_SECONDS)
    throw invalidRequest("The timestamp must be within the past 35 days or up to 5 minutes in the future.", {
      param: "timestamp",
    });
  const { id, created } = make(world, "evt_", 24);
  const identifier = params.identifier ?? id;
  const known = world.state.find("note.meter_event", identifier);
  if (known && known.event.created > now - UNIQUE_FOR_SECONDS)
    throw invalidRequest(`An event already exists with identifier ${identifier}.`, { param: "identifier" });
  const event: Stripe.Billing.MeterEvent = {
    object: "billing.meter_event",
    created,
    event_name: eventName,
    identifier,
    livemode: false,
    payload,
    timestamp,
  };
  return world.state.put("note.meter_event", {
    id: identifier,
    meterId: meter.id,
    customer,
    value: Number(value),
    event,
  }).event;
}

function summarise(
  world: World,
  { customer, start_time, end_time, ...params }: { customer?: string; start_time?: number; end_time?: number },
  id: string,
) {
  if (!world.state.find("billing.meter", id)) throw missing("billing.meter", id);
  const [from, until] = [required(start_time, "start_time"), required(end_time, "end_time")];
  const who = required(customer, "customer");
  const value = world.state
    .all("note.meter_event")
    .filter((told) => told.meterId === id && told.customer === who)
    .filter(({ event }) => event.timestamp >= from && event.timestamp < until)
    .reduce((sum, told) => sum + told.value, 0);
  const summary: Stripe.Billing.MeterEventSummary = {
    id: `mtrusg_test_${id}`,
    object: "billing.meter_event_summary",
    aggregated_value: value,
    end_time: until,
    livemode: false,
    meter: id,
    start_time: from,
  };
  return page(value === 0 ? [] : [summary], `/v1/billing/meters/${id}/event_summaries`, params);
}
