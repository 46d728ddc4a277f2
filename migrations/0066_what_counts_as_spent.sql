-- What counts toward a person's limit (0019_spending.sql) is what their wallet pays: not what a plan includes, and of a disputed
-- slice what is held while it is open and what was charged of it when it was decided, in the period of the decision.
-- See docs/decisions/0026-limits-at-the-hold.md.

CREATE INDEX slices_wallet ON slices (wallet_id);

DROP TRIGGER spend_limits_create;
CREATE TRIGGER spend_limits_create BEFORE INSERT ON sessions WHEN NEW.mode = 'live' AND NEW.held_tokens > 0 BEGIN
  SELECT RAISE(IGNORE) FROM (
      SELECT scope, limit_tokens, CASE period WHEN 'day' THEN NEW.created_at - NEW.created_at % 86400000
        WHEN 'week' THEN NEW.created_at - (NEW.created_at - 345600000) % 604800000
        ELSE unixepoch(NEW.created_at / 1000, 'unixepoch', 'start of month') * 1000 END AS since,
        NEW.held_tokens - coalesce((SELECT t.left_tokens FROM plan_terms t WHERE t.user_id = NEW.user_id
          AND t.provider_id = NEW.provider_id AND t.term_from <= NEW.created_at AND t.term_until > NEW.created_at
          ORDER BY t.term_until LIMIT 1), 0) AS more
      FROM spending_rules WHERE user_id = NEW.user_id AND scope IN ('', NEW.provider_id) AND limit_tokens IS NOT NULL) r
    WHERE r.more > 0 AND r.limit_tokens < r.more + (
      SELECT coalesce(sum(CASE WHEN s.settled_at IS NULL THEN s.held_tokens - s.reserved_tokens
        ELSE (SELECT t.used_tokens FROM settlements t WHERE t.session_id = s.id) END), 0) FROM sessions s
      WHERE s.user_id = NEW.user_id AND s.created_at >= r.since - 172800000 AND s.mode = 'live'
        AND (s.settled_at IS NULL OR s.settled_at >= r.since) AND r.scope IN ('', s.provider_id)) + (
      SELECT coalesce(sum(CASE z.status WHEN 'closed' THEN z.charged_tokens - min(z.charged_tokens, z.reserved_tokens)
        ELSE z.tokens - z.reserved_tokens END), 0) FROM slices z JOIN sessions y ON y.id = z.session_id
      WHERE z.wallet_id = NEW.wallet_id AND y.user_id = NEW.user_id AND (z.closed_at IS NULL OR z.closed_at >= r.since) AND r.scope IN ('', z.provider_id));
END;
DROP TRIGGER spend_limits_extend;
CREATE TRIGGER spend_limits_extend BEFORE INSERT ON extensions WHEN NEW.tokens > NEW.included_tokens BEGIN
  SELECT RAISE(IGNORE) FROM (
      SELECT r.user_id, x.wallet_id, r.scope, r.limit_tokens, CASE r.period WHEN 'day' THEN NEW.at - NEW.at % 86400000
        WHEN 'week' THEN NEW.at - (NEW.at - 345600000) % 604800000
        ELSE unixepoch(NEW.at / 1000, 'unixepoch', 'start of month') * 1000 END AS since
      FROM sessions x JOIN spending_rules r ON r.user_id = x.user_id AND r.scope IN ('', x.provider_id)
      WHERE x.id = NEW.session_id AND x.mode = 'live' AND r.limit_tokens IS NOT NULL) r
    WHERE r.limit_tokens < NEW.tokens - NEW.included_tokens + (
      SELECT coalesce(sum(CASE WHEN s.settled_at IS NULL THEN s.held_tokens - s.reserved_tokens
        ELSE (SELECT t.used_tokens FROM settlements t WHERE t.session_id = s.id) END), 0) FROM sessions s
      WHERE s.user_id = r.user_id AND s.created_at >= r.since - 172800000 AND s.mode = 'live'
        AND (s.settled_at IS NULL OR s.settled_at >= r.since) AND r.scope IN ('', s.provider_id)) + (
      SELECT coalesce(sum(CASE z.status WHEN 'closed' THEN z.charged_tokens - min(z.charged_tokens, z.reserved_tokens)
        ELSE z.tokens - z.reserved_tokens END), 0) FROM slices z JOIN sessions y ON y.id = z.session_id
      WHERE z.wallet_id = r.wallet_id AND y.user_id = r.user_id AND (z.closed_at IS NULL OR z.closed_at >= r.since) AND r.scope IN ('', z.provider_id));
END;

-- Told once in a period, by what carries it over the mark: a settlement, or the outcome of a slice.
CREATE VIEW new_charges AS SELECT '' AS user_id, '' AS wallet_id, '' AS provider_id, '' AS provider_name, 0 AS tokens, 0 AS at WHERE false;
CREATE TRIGGER new_charges_alert INSTEAD OF INSERT ON new_charges BEGIN
  INSERT INTO new_notifications (user_id, kind, data, at)
    SELECT NEW.user_id, 'spending_alert', json_object('period', period, 'providerId', nullif(scope, ''),
        'providerName', CASE scope WHEN '' THEN NULL ELSE NEW.provider_name END, 'alertTokens', alert_tokens, 'spentTokens', spent),
      NEW.at
    FROM (
      SELECT r.scope, r.period, r.alert_tokens, (
          SELECT coalesce(sum((SELECT t.used_tokens FROM settlements t WHERE t.session_id = s.id)), 0) FROM sessions s
          WHERE s.user_id = NEW.user_id AND s.created_at >= r.since - 172800000 AND s.mode = 'live'
            AND s.settled_at >= r.since AND r.scope IN ('', s.provider_id)) + (
          SELECT coalesce(sum(z.charged_tokens - min(z.charged_tokens, z.reserved_tokens)), 0) FROM slices z JOIN sessions y ON y.id = z.session_id
          WHERE z.wallet_id = NEW.wallet_id AND y.user_id = NEW.user_id AND z.closed_at >= r.since AND r.scope IN ('', z.provider_id)) AS spent
      FROM (
        SELECT scope, period, alert_tokens, CASE period WHEN 'day' THEN NEW.at - NEW.at % 86400000
          WHEN 'week' THEN NEW.at - (NEW.at - 345600000) % 604800000
          ELSE unixepoch(NEW.at / 1000, 'unixepoch', 'start of month') * 1000 END AS since
        FROM spending_rules WHERE user_id = NEW.user_id AND scope IN ('', NEW.provider_id) AND alert_tokens IS NOT NULL) r)
    WHERE spent >= alert_tokens AND spent - NEW.tokens < alert_tokens;
END;
DROP TRIGGER spend_alerts_cross;
CREATE TRIGGER spend_alerts_cross AFTER UPDATE OF settled_at ON sessions
WHEN OLD.settled_at IS NULL AND NEW.settled_at IS NOT NULL AND NEW.mode = 'live' AND NEW.consumed_tokens > NEW.included_tokens BEGIN
  INSERT INTO new_charges (user_id, wallet_id, provider_id, provider_name, tokens, at)
    SELECT NEW.user_id, NEW.wallet_id, NEW.provider_id, NEW.provider_name, NEW.consumed_tokens - NEW.included_tokens, NEW.settled_at
    WHERE EXISTS (SELECT 1 FROM spending_rules WHERE user_id = NEW.user_id AND alert_tokens IS NOT NULL);
END;
CREATE TRIGGER slices_alert AFTER UPDATE OF status ON slices
WHEN OLD.status <> 'closed' AND NEW.status = 'closed' AND NEW.charged_tokens > NEW.reserved_tokens BEGIN
  INSERT INTO new_charges (user_id, wallet_id, provider_id, provider_name, tokens, at)
    SELECT s.user_id, s.wallet_id, s.provider_id, s.provider_name, NEW.charged_tokens - NEW.reserved_tokens, NEW.closed_at
    FROM sessions s WHERE s.id = NEW.session_id
      AND EXISTS (SELECT 1 FROM spending_rules r WHERE r.user_id = s.user_id AND r.alert_tokens IS NOT NULL);
END;
