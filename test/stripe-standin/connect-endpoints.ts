// The endpoints of Connect. Apart from endpoints.ts, which joins them, because they are a subject of their own.

import * as connect from "./connect.ts";
import { endpoint, type Endpoint } from "./endpoint.ts";
import { LIST_PARAMS, listOf, page } from "./lists.ts";
import { required } from "./params.ts";

const ACCOUNT = {
  country: "string",
  email: "string",
  metadata: "map",
  capabilities: { transfers: { requested: "boolean" } },
  controller: {
    fees: { payer: "string" },
    losses: { payments: "string" },
    stripe_dashboard: { type: "string" },
  },
} as const;

export const CONNECT_ENDPOINTS: readonly Endpoint[] = [
  endpoint("POST", "/v1/accounts", ACCOUNT, (world, params) => connect.createAccount(world, params)),
  endpoint("GET", "/v1/accounts/:id", {}, (world, _, id) => connect.findAccount(world, id)),
  endpoint(
    "POST",
    "/v1/account_links",
    { account: "string", type: "string", return_url: "string", refresh_url: "string" },
    (world, params) =>
      connect.createAccountLink(world, {
        account: required(params.account, "account"),
        type: required(params.type, "type"),
        return_url: required(params.return_url, "return_url"),
        refresh_url: required(params.refresh_url, "refresh_url"),
      }),
  ),
  endpoint(
    "POST",
    "/v1/transfers",
    {
      amount: "integer",
      currency: "string",
      destination: "string",
      transfer_group: "string",
      description: "string",
      metadata: "map",
    },
    (world, params) =>
      connect.createTransfer(world, {
        ...params,
        amount: required(params.amount, "amount"),
        currency: required(params.currency, "currency"),
        destination: required(params.destination, "destination"),
      }),
  ),
  endpoint(
    "GET",
    "/v1/transfers",
    { ...LIST_PARAMS, destination: "string", transfer_group: "string" },
    (world, { destination, transfer_group, ...params }) =>
      listOf(
        world,
        "transfer",
        "/v1/transfers",
        params,
        (one) =>
          (!destination || one.destination === destination) &&
          (!transfer_group || one.transfer_group === transfer_group),
      ),
  ),
  endpoint("GET", "/v1/transfers/:id", {}, (world, _, id) => connect.findTransfer(world, id)),
  endpoint("POST", "/v1/transfers/:id/reversals", { amount: "integer", metadata: "map" }, (world, params, id) =>
    connect.reverseTransfer(world, id, params),
  ),
  endpoint("GET", "/v1/transfers/:id/reversals", LIST_PARAMS, (world, params, id) =>
    page(connect.reversalsOf(world, connect.findTransfer(world, id).id), `/v1/transfers/${id}/reversals`, params),
  ),
];
