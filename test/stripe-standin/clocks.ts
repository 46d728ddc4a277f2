// Test clocks: a time of their own for some customers and all that hangs on them, which only moves when it is told to, and
// then does everything that falls due on the way, in order. docs.stripe.com/billing/testing/test-clocks

import type Stripe from "stripe";
import { dueAtClock, settleMovements } from "./clock-work.ts";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { invalidRequest, missing } from "./errors.ts";
import { LIST_PARAMS, listOf } from "./lists.ts";
import { monthsAfter } from "./months.ts";
import { required } from "./params.ts";
import { endNow } from "./subscriptions.ts";
import { atTime, emit, make, type World } from "./world.ts";

type TestClock = Stripe.TestHelpers.TestClock;

const DELETED_AFTER_SECONDS = 7 * 24 * 60 * 60;
/** Beyond this a clock without subscriptions does not move; with some, two of their months. */
const MONTHS_MAX = 24;
const INTERVALS_MAX = 2;

export const CLOCK_ENDPOINTS: readonly Endpoint[] = [
  endpoint(
    "POST",
    "/v1/test_helpers/test_clocks",
    { frozen_time: "integer", name: "string", customer: "string" },
    createClock,
  ),
  endpoint("GET", "/v1/test_helpers/test_clocks", LIST_PARAMS, (world, params) =>
    listOf(world, "test_helpers.test_clock", "/v1/test_helpers/test_clocks", params),
  ),
  endpoint("GET", "/v1/test_helpers/test_clocks/:id", {}, (world, _, id) => findClock(world, id)),
  endpoint("POST", "/v1/test_helpers/test_clocks/:id/advance", { frozen_time: "integer" }, (world, params, id) =>
    advance(world, findClock(world, id), required(params.frozen_time, "frozen_time")),
  ),
  endpoint("DELETE", "/v1/test_helpers/test_clocks/:id", {}, (world, _, id) =>
    deleteClock(world, findClock(world, id)),
  ),
];

function createClock(
  world: World,
  params: { frozen_time?: number; name?: string; customer?: string },
): Stripe.TestHelpers.TestClock {
  const customer = params.customer ? world.state.find("customer", params.customer) : null;
  if (customer === undefined) throw missing("customer", params.customer!, "customer");
  if (customer?.test_clock)
    throw invalidRequest("This customer is attached to a test clock already.", { param: "customer" });
  const made = make(world, "clock_1");
  const clock = world.state.put("test_helpers.test_clock", {
    ...made,
    object: "test_helpers.test_clock",
    deletes_after: made.created + DELETED_AFTER_SECONDS,
    frozen_time: required(params.frozen_time, "frozen_time"),
    livemode: false,
    name: params.name ?? null,
    status: "ready",
    status_details: {},
  });
  if (customer) world.state.put("customer", { ...customer, test_clock: clock.id });
  emit(world, "test_helpers.test_clock.created", clock);
  return clock;
}

function findClock(world: World, id: string): TestClock {
  const clock = world.state.find("test_helpers.test_clock", id);
  if (!clock) throw missing("test clock", id, "test_clock");
  return clock;
}

/** Stripe answers `advancing` and goes on by itself; here everything has happened when the answer leaves. */
function advance(world: World, clock: TestClock, target: number): TestClock {
  const limit = furthest(world, clock);
  if (target <= clock.frozen_time)
    throw invalidRequest("The frozen time must be after the test clock's current frozen time.", {
      param: "frozen_time",
    });
  if (target > limit)
    throw invalidRequest(
      "The frozen time cannot be more than two intervals in the future from the shortest subscription in this test clock, or two years without any.",
      { param: "frozen_time" },
    );
  const advancing = world.state.put("test_helpers.test_clock", {
    ...clock,
    status: "advancing",
    status_details: { advancing: { target_frozen_time: target } },
  });
  emit(world, "test_helpers.test_clock.advancing", advancing);
  const reach = (frozen_time: number) => world.state.put("test_helpers.test_clock", { ...advancing, frozen_time });
  for (let due = dueAtClock(world, clock.id, target); due; due = dueAtClock(world, clock.id, target)) {
    reach(due.at);
    due.run(atTime(world, due.at));
  }
  settleMovements(atTime(world, target), clock.id);
  const ready = world.state.put("test_helpers.test_clock", { ...clock, frozen_time: target });
  emit(world, "test_helpers.test_clock.ready", ready);
  return advancing;
}

function furthest(world: World, clock: TestClock): number {
  const bills = world.state.all("subscription").some((one) => one.test_clock === clock.id && one.status !== "canceled");
  return monthsAfter(clock.frozen_time, bills ? INTERVALS_MAX : MONTHS_MAX);
}

/** Its customers and their subscriptions go with it. */
function deleteClock(world: World, clock: TestClock): Stripe.TestHelpers.DeletedTestClock {
  const then = atTime(world, clock.frozen_time);
  for (const customer of world.state.all("customer").filter((one) => one.test_clock === clock.id)) {
    for (const one of world.state.all("subscription"))
      if (one.customer === customer.id && one.status !== "canceled") endNow(then, one, null);
    world.state.remove("customer", customer.id);
    world.state.put("note.deleted", { id: customer.id });
    emit(then, "customer.deleted", customer);
  }
  world.state.remove("test_helpers.test_clock", clock.id);
  emit(world, "test_helpers.test_clock.deleted", clock);
  return { id: clock.id, object: "test_helpers.test_clock", deleted: true };
}
