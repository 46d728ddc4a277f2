// The walk as a process of Node, Deno or Bun: the scene comes as the argument, the outcomes leave as one line of JSON. What
// needs a file system is added here: workerd has none.

import { join } from "node:path";
import process from "node:process";
import * as sdk from "@meterplace/sdk";
import * as adapter from "@meterplace/sdk/hono";
import { fileStore } from "@meterplace/sdk/node";
import { walk } from "./walk.mjs";

const [scene, folder] = [JSON.parse(process.argv[2]), process.argv[3]];
const outcomes = await walk(sdk, adapter, scene);
const error = await keepsReports().then(
  (status) => (status === "accepted" ? null : `answered ${status}`),
  (thrown) => String(thrown),
);
outcomes.push({ name: "sends what an earlier client left in a file of reports", error });
console.log(JSON.stringify(outcomes));
// The client that never reached anybody would try for ever.
process.exit(0);

async function keepsReports() {
  const path = join(folder, "reports.jsonl");
  const settings = { apiKey: "mk_test_runtimes", baseUrl: scene.origin, retries: 0 };
  const before = fileStore(path, { sync: true });
  void new sdk.Marketplace({ ...settings, store: before }).tokens.enqueue({ sessionId: "session-1", amount: 1 });
  before.close();
  const store = fileStore(path);
  return new Promise((resolve) => {
    const onRecovered = (_report, { status }) => resolve(status);
    void new sdk.Marketplace({ ...settings, store, onRecovered }).tokens.flush();
  });
}
