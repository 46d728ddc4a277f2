// What the build was told (web/.env.example).

export const env = {
  /** Origin of the API; empty: this origin. */
  apiUrl: import.meta.env.VITE_API_URL ?? "",
  /** Stripe's publishable key. Payment happens on Stripe's own page, so it only tells test mode from live. */
  stripePublicKey: import.meta.env.VITE_STRIPE_PUBLIC_KEY ?? "",
};

export const isTestMode = env.stripePublicKey.startsWith("pk_test_");
