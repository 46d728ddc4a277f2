// The walk as a process of Node, Deno or Bun: the scene comes as the argument, the outcomes leave as one line of JSON.

import process from "node:process";
import * as sdk from "@meterplace/sdk";
import * as adapter from "@meterplace/sdk/hono";
import { walk } from "./walk.mjs";

console.log(JSON.stringify(await walk(sdk, adapter, JSON.parse(process.argv[2]))));
