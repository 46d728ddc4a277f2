// For what a provider's server and its owner may both do: an API key acts for its provider and mode; a signed-in owner
// names them in the query (`providerId`, and `mode=test` for the sandbox).

import { createMiddleware } from "hono/factory";
import { loadForSession } from "../../domain/catalogue/load-for-session.ts";
import { DomainError } from "../../domain/errors.ts";
import { isApiKey } from "../../domain/identity/api-keys.ts";
import type { AppEnv } from "../http.ts";
import { invalidRequest } from "../read-request.ts";
import { bearerOf, providerOf, viewerOf } from "./authenticate.ts";
import { idempotencyKey } from "./idempotency-key.ts";

/**
 * Sets `c.get("provider")`. 401 without a valid credential, 404 `provider_not_found` for an app that is not there or not
 * yours, 400 when a person names no app.
 */
export const actingProvider = createMiddleware<AppEnv>(async (c, next) => {
  const credential = bearerOf(c);
  if (credential && isApiKey(credential)) c.set("provider", await providerOf(c, credential));
  else {
    const user = await viewerOf(c);
    if (!user) throw new DomainError("unauthenticated", "Send an API key, or an access token with providerId.");
    c.set("user", user);
    const { providerId, mode = "live" } = c.req.query();
    if (!providerId)
      throw invalidRequest([{ path: ["providerId"], message: "names your app when you come with an access token" }]);
    if (mode !== "live" && mode !== "test") throw invalidRequest([{ path: ["mode"], message: "is live or test" }]);
    const app = await loadForSession(c.env.DB, providerId, c.get("now"));
    if (app?.ownerUserId !== user.userId) throw new DomainError("provider_not_found", "There is no such app of yours.");
    c.set("provider", { kind: "provider", providerId, keyId: "", mode });
  }
  await next();
});

/** `idempotencyKey` for these routes: a person's keys are kept apart by the app and mode they act for. */
export const actingIdempotencyKey = (route: string) =>
  createMiddleware<AppEnv>((c, next) =>
    idempotencyKey(`${route} ${c.get("provider").providerId}:${c.get("provider").mode}`)(c, next),
  );
