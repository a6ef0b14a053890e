-- For how long a token was made, so that a renewed one lasts as long. It can't be read off expires_at: that moves with
-- each renewal, and updated_at with each change. Null for those that never expire.
alter table tokens add column life_seconds int;
update tokens set life_seconds = greatest(1, extract(epoch from expires_at - updated_at)) where expires_at is not null;
