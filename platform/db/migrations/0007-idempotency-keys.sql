-- What a POST with an Idempotency-Key was answered, for 24 hours: a client that lost the answer may ask again.
-- The answer is sealed, since it may hold a token that is told once. Without an answer the first request is under way,
-- or broke off in a way that nobody knows the end of.
create table idempotency_keys (
  -- The account, or the add-on whose grant asked.
  owner_id uuid not null,
  -- Digest of method, address and key, so that a key is good for one route.
  hash bytea not null,
  -- Digest of the body: the same key with another body is a mistake.
  body_hash bytea not null,
  id uuid not null,
  status int,
  sealed bytea,
  lease_until timestamptz not null,
  created_at timestamptz not null,
  primary key (owner_id, hash)
);
create index idempotency_keys_created on idempotency_keys (created_at);
