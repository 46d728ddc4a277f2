// Middleware order and the route table. A reader looking for "what happens on POST /v1/sessions/create" starts here.

import { apiAuthRoutes } from "./compat/auth.ts";
import { apiProviderRoutes } from "./compat/providers.ts";
import { apiSessionRoutes } from "./compat/sessions.ts";
import { apiTokenRoutes } from "./compat/tokens.ts";
import { newRouter } from "./http.ts";
import { limitBody } from "./middleware/body-limit.ts";
import { everyRequest } from "./middleware/every-request.ts";
import { onError, onNotFound } from "./middleware/problem.ts";
import { authRoutes } from "./routes/auth.ts";
import { erasureRoutes } from "./routes/erasure.ts";
import { docsRoutes } from "./routes/docs.ts";
import { healthRoutes } from "./routes/health.ts";
import { jwksRoutes } from "./routes/jwks.ts";
import { liveRoutes } from "./routes/live.ts";
import { meRoutes } from "./routes/me.ts";
import { notificationRoutes } from "./routes/notifications.ts";
import { operatorPromotionRoutes } from "./routes/operator-promotions.ts";
import { operatorComplaintRoutes } from "./routes/operator-complaints.ts";
import { operatorDisputeRoutes } from "./routes/operator-disputes.ts";
import { problemRoutes } from "./routes/problems.ts";
import { refundRoutes } from "./routes/refunds.ts";
import { operatorSessionRoutes } from "./routes/operator-sessions.ts";
import { operatorSettingsRoutes } from "./routes/operator-settings.ts";
import { providerAppRoutes } from "./routes/provider-apps.ts";
import { priceRoutes } from "./routes/prices.ts";
import { usageRoutes } from "./routes/usage.ts";
import { providerPriceRoutes } from "./routes/provider-prices.ts";
import { operatorPlanRoutes } from "./routes/operator-plans.ts";
import { providerReportRoutes } from "./routes/provider-reports.ts";
import { providerSessionRoutes } from "./routes/provider-sessions.ts";
import { providerWebhookRoutes } from "./routes/provider-webhooks.ts";
import { providerSearchRoutes } from "./routes/provider-search.ts";
import { providerRoutes } from "./routes/providers.ts";
import { receiptRoutes } from "./routes/receipts.ts";
import { referralRoutes } from "./routes/referrals.ts";
import { sdkRoutes } from "./routes/sdk.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { spendingRoutes } from "./routes/spending.ts";
import { stripeRoutes } from "./routes/stripe.ts";
import { tokenCardRoutes } from "./routes/token-cards.ts";
import { tokenOrderRoutes } from "./routes/token-orders.ts";
import { tokenRoutes } from "./routes/tokens.ts";
import { topUpRoutes } from "./routes/top-up.ts";

export function createApp() {
  const app = newRouter();
  app.onError(onError);
  app.notFound(onNotFound);
  app.use(everyRequest);
  app.use(limitBody);
  app.route("/", healthRoutes);
  app.route("/", jwksRoutes);
  app.route("/", sdkRoutes);
  app.route("/", authRoutes);
  app.route("/", meRoutes);
  app.route("/", erasureRoutes);
  app.route("/", liveRoutes);
  app.route("/", notificationRoutes);
  app.route("/", spendingRoutes);
  app.route("/", topUpRoutes);
  app.route("/", providerRoutes);
  app.route("/", providerSearchRoutes);
  app.route("/", providerAppRoutes);
  app.route("/", priceRoutes);
  app.route("/", usageRoutes);
  app.route("/", providerPriceRoutes);
  app.route("/", operatorPlanRoutes);
  app.route("/", sessionRoutes);
  app.route("/", receiptRoutes);
  app.route("/", operatorSettingsRoutes);
  app.route("/", operatorPromotionRoutes);
  app.route("/", operatorSessionRoutes);
  app.route("/", problemRoutes);
  app.route("/", refundRoutes);
  app.route("/", operatorComplaintRoutes);
  app.route("/", operatorDisputeRoutes);
  app.route("/", providerSessionRoutes);
  app.route("/", providerReportRoutes);
  app.route("/", providerWebhookRoutes);
  app.route("/", referralRoutes);
  app.route("/", tokenOrderRoutes);
  app.route("/", tokenCardRoutes);
  app.route("/", tokenRoutes);
  app.route("/", stripeRoutes);
  app.route("/", apiAuthRoutes);
  app.route("/", apiTokenRoutes);
  app.route("/", apiProviderRoutes);
  app.route("/", apiSessionRoutes);
  app.route(
    "/",
    docsRoutes(() => app),
  );
  return app;
}

export type AppType = ReturnType<typeof createApp>;
