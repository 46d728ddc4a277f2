-- What an app's plans brought in is read by the app, for its owner's earnings (docs/payouts.md).
CREATE INDEX subscriptions_provider ON subscriptions (provider_id);
