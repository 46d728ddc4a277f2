-- Apps that wait to be shown, found and counted without looking at all the others.
CREATE INDEX providers_pending ON providers (updated_at) WHERE review = 'pending' AND status <> 'inactive';
