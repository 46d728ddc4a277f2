// The walk as a Worker: the scene comes as the body, the outcomes are the answer.

import * as sdk from "@meterplace/sdk";
import * as adapter from "@meterplace/sdk/hono";
import { walk } from "./walk.mjs";

export default {
  fetch: async (request) => Response.json(await walk(sdk, adapter, await request.json())),
};
