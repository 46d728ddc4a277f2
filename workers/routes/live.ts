// `GET /v1/live`: the socket that keeps a signed-in person's pages true. The access token travels as a subprotocol, because
// a browser can set no header on a WebSocket and a query parameter would be logged.

import { DomainError } from "../../domain/errors.ts";
import { readAccessToken } from "../../domain/identity/access-token.ts";
import { LIVE_PROTOCOL } from "../../durable-objects/user-channel.ts";
import { newRouter } from "../http.ts";
import { limitRequest } from "../middleware/rate-limit.ts";

export const liveRoutes = newRouter();

liveRoutes.get("/v1/live", async (c) => {
  const [protocol, token] = (c.req.header("Sec-WebSocket-Protocol") ?? "").split(",").map((part) => part.trim());
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket" || protocol !== LIVE_PROTOCOL || !token)
    throw new DomainError(
      "invalid_request",
      `Connect with a WebSocket and the subprotocols "${LIVE_PROTOCOL}, <access token>".`,
    );
  // A page of another origin may hold no socket of ours, whatever token it got hold of (RFC 6455 section 10.2).
  if (c.req.header("Origin") !== c.env.WEB_ORIGIN)
    throw new DomainError("origin_not_allowed", "This socket opens from the marketplace's own pages only.");
  const user = await readAccessToken(c.env, token, c.get("now"));
  limitRequest(c, "user", user.userId);
  const headers = { Upgrade: "websocket", "X-User-Id": user.userId, "X-Wallet-Id": user.walletId };
  return c.env.USERS.getByName(user.userId).fetch("https://user/live", { headers });
});
