-- An origin belongs to one owner: two people can never both have an app at it, however close together they register.
-- A rejected app holds no origin.
CREATE TRIGGER providers_origin_insert BEFORE INSERT ON providers BEGIN
  SELECT RAISE(ABORT, 'origin_taken') FROM providers
    WHERE app_origin = NEW.app_origin AND owner_user_id <> NEW.owner_user_id AND review <> 'rejected';
END;
CREATE TRIGGER providers_origin_update BEFORE UPDATE OF app_origin, owner_user_id, review ON providers
WHEN NEW.review <> 'rejected' BEGIN
  SELECT RAISE(ABORT, 'origin_taken') FROM providers
    WHERE app_origin = NEW.app_origin AND owner_user_id <> NEW.owner_user_id AND review <> 'rejected' AND id <> NEW.id;
END;
