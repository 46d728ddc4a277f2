// What every runtime must be able to do with the published server client, told step by step. Plain JavaScript that uses
// web APIs only: the same file runs in Node, workerd, Deno and Bun (scripts/test-runtimes.ts starts them and plays the API).

/**
 * @param {typeof import("@meterplace/sdk")} sdk The built package, imported by the runtime itself.
 * @param {typeof import("@meterplace/sdk/hono")} adapter One of its adapters; all stand on the same gate.
 * @param {{ origin: string, launchToken: string, webhook: { body: string, headers: Record<string, string>, secret: string } }} scene
 * @returns {Promise<{ name: string, error: string | null }[]>} One entry a promise, in order.
 */
export async function walk(sdk, adapter, scene) {
  const client = new sdk.Marketplace({
    apiKey: "mk_test_runtimes",
    baseUrl: scene.origin,
    issuer: "https://market.example",
    providerId: "app-1",
    // The waits between attempts are the API's to see, not ours to sit through.
    sleep: () => Promise.resolve(),
  });
  const steps = {
    "checks a launch token against the published keys": async () => {
      const claims = await client.verifyLaunchToken(scene.launchToken, { audience: "app.example" });
      equal(claims.session_id, "session-1");
    },
    "refuses a launch token meant for another host": () =>
      rejects(client.verifyLaunchToken(scene.launchToken, { audience: "other.example" }), "launch_token_invalid"),
    "refuses a launch token whose claims were changed": () =>
      rejects(client.verifyLaunchToken(forged(scene.launchToken), { audience: "app.example" }), "launch_token_invalid"),
    "reads a session": async () => equal((await client.sessions.get("session-1")).status, "active"),
    "reports again, with the same key, after the API was out of order": async () => {
      const result = await client.tokens.consume({ sessionId: "session-1", amount: 5, idempotencyKey: "job-1" });
      equal(result.status, "accepted");
    },
    "sends what was queued, one answer a record": async () => {
      const both = [1, 2].map((amount) => client.tokens.enqueue({ sessionId: "session-1", amount }));
      await client.tokens.flush();
      equal((await Promise.all(both)).map(({ status }) => status).join(), "accepted,accepted");
    },
    "says what a refusal was": () => rejects(client.sessions.get("session-2"), "session_not_found"),
    "makes a webhook endpoint once, though the first answer was lost": async () => {
      const webhook = await client.webhooks.create({ url: "https://app.example/hooks", events: ["*"] });
      equal(webhook.id, "webhook-of-attempt-2");
    },
    "lets a visitor in by the adapter, with a sealed cookie": async () => {
      const settings = { marketplace: client, appUrl: "https://app.example/", cookieSecret: "s".repeat(32) };
      const gate = adapter.meterplace(settings);
      const visit = (path, headers = {}) => {
        const c = { req: { raw: new Request(`https://app.example${path}`, { headers }) } };
        let inside;
        const work = async () => void (inside = gate.sessionOf(c).id);
        return gate(c, async () => {}).then(async (answer) => answer ?? (await gate.requireSession(c, work)) ?? inside);
      };
      const arrived = await visit(`/?marketplace_session=${scene.launchToken}`);
      equal(arrived.headers.get("location"), "https://app.example/");
      const [cookie] = arrived.headers.getSetCookie();
      equal(await visit("/", { cookie: cookie.split(";")[0] }), "session-1");
      equal((await visit("/")).status, 401);
    },
    "checks a webhook signed by somebody else's library": async () => {
      const { body, headers, secret } = scene.webhook;
      equal((await client.webhooks.verify(body, headers, secret)).type, "session.started");
    },
    "refuses a webhook whose body was changed": () => {
      const { body, headers, secret } = scene.webhook;
      return rejects(client.webhooks.verify(`${body} `, headers, secret), "signature_invalid");
    },
  };
  const outcomes = [];
  for (const [name, step] of Object.entries(steps))
    outcomes.push(
      await step().then(
        () => ({ name, error: null }),
        (error) => ({ name, error: String(error?.stack ?? error) }),
      ),
    );
  return outcomes;
}

function equal(found, wanted) {
  if (found !== wanted) throw new Error(`expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}

async function rejects(promise, code) {
  const error = await promise.then(
    () => null,
    (caught) => caught,
  );
  if (error?.code !== code) throw new Error(`expected ${code}, found ${error === null ? "no error" : String(error)}`);
}

/** The same token with one letter of its claims changed. */
function forged(token) {
  const [header, claims, signature] = token.split(".");
  return [header, (claims[0] === "e" ? "f" : "e") + claims.slice(1), signature].join(".");
}
