-- What this provider keeps beside the SDK's store, in the same schema. Safe to run at every start, and at the same time.
create schema if not exists mortise_postgresql;
revoke all on schema mortise_postgresql from public;

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
