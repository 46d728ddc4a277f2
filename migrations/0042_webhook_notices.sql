-- What a provider hears about the plans of its apps, and what an owner is told when an endpoint is switched off.

-- An event made by a trigger: the id is a UUIDv7 (RFC 9562) of `at`.
CREATE VIEW new_provider_events AS SELECT '' AS type, '' AS provider_id, '' AS data, 0 AS at WHERE false;
CREATE TRIGGER new_provider_events_insert INSTEAD OF INSERT ON new_provider_events BEGIN
  INSERT INTO outbox (id, type, provider_id, data, at)
    SELECT substr(ms, 1, 8) || '-' || substr(ms, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-'
        || substr(noise, 7, 12), NEW.type, NEW.provider_id, NEW.data, NEW.at
    FROM (SELECT printf('%012x', NEW.at) AS ms, lower(hex(randomblob(9))) AS noise);
END;

-- A paid term starts or renews a plan. Who subscribes before their first session becomes known to the app here; the pairwise
-- id is random, shaped like a UUIDv4, and stays the same in their sessions.
CREATE TRIGGER plan_payments_announce AFTER INSERT ON plan_payments BEGIN
  INSERT OR IGNORE INTO subjects (user_id, provider_id, subject, created_at)
    SELECT s.user_id, s.provider_id, substr(noise, 1, 8) || '-' || substr(noise, 9, 4) || '-4' || substr(noise, 13, 3) || '-a'
        || substr(noise, 16, 3) || '-' || substr(noise, 19, 12), NEW.at
    FROM subscriptions s, (SELECT lower(hex(randomblob(16))) AS noise)
    WHERE s.id = NEW.subscription_id AND EXISTS (SELECT 1 FROM users u WHERE u.id = s.user_id);
  INSERT INTO new_provider_events (type, provider_id, data, at)
    SELECT CASE (SELECT count(*) FROM plan_payments WHERE subscription_id = s.id) WHEN 1 THEN 'subscription.started'
        ELSE 'subscription.renewed' END, s.provider_id,
      json_object('providerId', s.provider_id, 'subscriptionId', s.id, 'userId', k.subject, 'planId', p.id, 'planName', p.name,
        'includedTokens', NEW.granted_tokens,
        'termFrom', strftime('%Y-%m-%dT%H:%M:%SZ', NEW.term_from / 1000, 'unixepoch'),
        'termUntil', strftime('%Y-%m-%dT%H:%M:%SZ', NEW.term_until / 1000, 'unixepoch')), NEW.at
    FROM subscriptions s JOIN plans p ON p.id = s.plan_id
    LEFT JOIN subjects k ON k.user_id = s.user_id AND k.provider_id = s.provider_id WHERE s.id = NEW.subscription_id;
END;

-- What ends a plan or suspends it. One that was never paid was never told of.
CREATE TRIGGER subscriptions_announce AFTER UPDATE OF status ON subscriptions WHEN NEW.status <> OLD.status
    AND (NEW.status = 'past_due' OR (NEW.status = 'ended' AND OLD.status <> 'open')) BEGIN
  INSERT INTO new_provider_events (type, provider_id, data, at)
    SELECT CASE NEW.status WHEN 'ended' THEN 'subscription.ended' ELSE 'subscription.past_due' END, NEW.provider_id,
      json_object('providerId', NEW.provider_id, 'subscriptionId', NEW.id, 'userId', k.subject, 'planId', p.id, 'planName', p.name),
      NEW.changed_at
    FROM plans p LEFT JOIN subjects k ON k.user_id = NEW.user_id AND k.provider_id = NEW.provider_id WHERE p.id = NEW.plan_id;
END;

-- Beside the event of 0006_webhooks.sql, which only open pages hear: this one stays until it is read.
CREATE TRIGGER webhooks_disabled_notice AFTER UPDATE OF enabled ON webhooks
WHEN OLD.enabled = 1 AND NEW.enabled = 0 AND NEW.disabled_reason IS NOT NULL BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT owner_user_id, 'webhook_disabled', json_object('webhookId', NEW.id, 'providerId', id, 'providerName', name,
      'url', NEW.url, 'reason', NEW.disabled_reason), NEW.updated_at
    FROM providers WHERE id = NEW.provider_id;
END;
