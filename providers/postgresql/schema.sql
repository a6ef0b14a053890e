-- The management tables, in a schema of their own. Safe to run at every start, and at the same time.
create schema if not exists mortise_postgresql;
revoke all on schema mortise_postgresql from public;

-- One row for each add-on ever asked for. A removed one stays as a tombstone: a late repeat of the request that
-- made it must be answered "gone", not with a new database.
create table if not exists mortise_postgresql.resources (
  uuid uuid primary key,
  name text,
  plan text not null,
  region text not null,
  options jsonb not null,
  state text not null check (state in ('provisioning', 'provisioned', 'failed', 'removing', 'removed')),
  -- config, answer to the last plan change, and tokens hold secrets: sealed with the key of settings.json.
  config text,
  plan_answer text,
  tokens text,
  message text,
  log_drain_url text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (state <> 'removed' or (config is null and plan_answer is null and tokens is null))
);

-- Role and database of an add-on. Written before either is made, so that what a crash left can be found again.
create table if not exists mortise_postgresql.databases (
  uuid uuid primary key,
  role_name text not null unique,
  database_name text not null unique,
  -- Sealed. The same request again must answer the same password.
  password text not null,
  plan text not null,
  size_bytes bigint,
  limit_state text not null default 'ok' check (limit_state in ('ok', 'read_only', 'stopped')),
  created_at timestamptz not null default now()
);

-- Sign-on tokens that were used, as hashes, until they expire.
create table if not exists mortise_postgresql.used_tokens (
  token_hash bytea primary key,
  until timestamptz not null
);
