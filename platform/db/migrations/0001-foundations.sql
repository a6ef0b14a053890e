-- The first schema: every noun of the model. Secrets are in columns named `sealed` (see platform/secrets).
-- Times are written by the program ($at), never by now(), except where a lease is measured on the database's clock.

-- accounts ------------------------------------------------------------------------------------------------------
create table accounts (
  id uuid primary key,
  email text not null,
  name text,
  password_hash text,
  is_operator boolean not null default false,
  last_login_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index accounts_email on accounts (lower(email));

-- One table for all bearers of rights: people's authorizations and browser sessions, and providers' grants.
create table tokens (
  id uuid primary key,
  kind text not null check (kind in ('authorization', 'web', 'grant_access', 'grant_refresh')),
  account_id uuid references accounts,
  addon_id uuid,
  hash bytea not null unique,
  hint text not null default '',
  -- The account's API key, which clients ask for as `~` and keep when they log out.
  is_default boolean not null default false,
  scopes text[] not null default '{global}',
  description text not null default '',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  check ((account_id is null) <> (addon_id is null))
);
create index tokens_account on tokens (account_id) where revoked_at is null;
create unique index tokens_default on tokens (account_id) where is_default and revoked_at is null;
create index tokens_addon on tokens (addon_id);

-- catalog -------------------------------------------------------------------------------------------------------
create table addon_services (
  id uuid primary key,
  name text not null unique,
  human_name text not null,
  state text not null check (state in ('alpha', 'beta', 'ga', 'shutdown')),
  protocol text not null check (protocol in ('heroku-v1', 'heroku-v3')),
  owner_id uuid not null references accounts,
  manifest_id uuid,
  client_secret_hash bytea,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- Contents are kept without secrets; password and salt are sealed apart. `json`, not `jsonb`: people read it back
-- in the order in which they wrote it. The revision is what a push says it was based on.
create table manifests (
  id uuid primary key,
  service_id uuid not null references addon_services,
  account_id uuid not null references accounts,
  revision int not null default 1,
  contents json not null,
  sealed bytea not null,
  created_at timestamptz not null,
  unique (service_id, revision)
);
alter table addon_services add foreign key (manifest_id) references manifests deferrable initially deferred;

create table plans (
  id uuid primary key,
  service_id uuid not null references addon_services,
  name text not null,
  human_name text not null,
  description text not null,
  features jsonb not null default '[]',
  is_default boolean not null default false,
  state text not null default 'public',
  visible boolean not null default true,
  price_id uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  unique (service_id, name)
);
create unique index plans_default on plans (service_id) where is_default and deleted_at is null;

-- Prices are versioned; an add-on pins the one it was ordered at.
create table plan_prices (
  id uuid primary key,
  plan_id uuid not null references plans deferrable initially deferred,
  cents int not null check (cents >= 0),
  unit text not null check (unit = 'month'),
  contract boolean not null default false,
  metered boolean not null default false,
  created_at timestamptz not null
);
alter table plans add foreign key (price_id) references plan_prices deferrable initially deferred;

-- apps ----------------------------------------------------------------------------------------------------------
create table apps (
  id uuid primary key,
  name text not null,
  owner_id uuid not null references accounts,
  region text not null,
  stack text not null,
  kind text not null default 'hosted' check (kind in ('hosted', 'external')),
  state text not null default 'live' check (state in ('live', 'destroying', 'destroyed')),
  maintenance boolean not null default false,
  after_config text not null default 'rebuild' check (after_config in ('rebuild', 'restart')),
  snapshot_id uuid,
  slug_id uuid,
  last_version int not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  released_at timestamptz,
  destroyed_at timestamptz
);
create unique index apps_name on apps (name) where state <> 'destroyed';
create index apps_owner on apps (owner_id) where state <> 'destroyed';

create table collaborators (
  id uuid primary key,
  app_id uuid not null references apps,
  account_id uuid not null references accounts,
  permissions text[] not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (app_id, account_id)
);

-- The customer's own vars, whole and immutable: releases point to what they were.
create table config_snapshots (
  id uuid primary key,
  app_id uuid not null references apps,
  names text[] not null,
  sealed bytea not null,
  created_at timestamptz not null
);
alter table apps add foreign key (snapshot_id) references config_snapshots deferrable initially deferred;

-- add-ons -------------------------------------------------------------------------------------------------------
create table addons (
  id uuid primary key,
  name text not null,
  service_id uuid not null references addon_services,
  plan_id uuid not null references plans,
  price_id uuid not null references plan_prices,
  owner_id uuid not null references accounts,
  app_id uuid references apps,
  region text not null,
  state text not null check (state in ('provisioning', 'provisioned', 'deprovisioning', 'deprovisioned')),
  provider_id text,
  provision_message text not null default '',
  options bytea,
  -- What the add-on's names were at the last moment it had any, for those who read it after it failed.
  failed_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deprovisioned_at timestamptz
);
create unique index addons_name on addons (name) where state <> 'deprovisioned';
create index addons_app on addons (app_id) where state <> 'deprovisioned';
create index addons_service on addons (service_id, state);
alter table tokens add foreign key (addon_id) references addons;

-- Versions are immutable; a release pins one. Shredding sets `sealed` to null.
create table credentials (
  id uuid primary key,
  addon_id uuid not null references addons,
  name text not null,
  version int not null,
  state text not null check (state in ('staged', 'active', 'retiring', 'revoked')),
  names text[] not null,
  sealed bytea,
  created_at timestamptz not null,
  retired_at timestamptz,
  unique (addon_id, name, version)
);
create unique index credentials_active on credentials (addon_id, name) where state = 'active';
create unique index credentials_staged on credentials (addon_id, name) where state = 'staged';

create table attachments (
  id uuid primary key,
  app_id uuid not null references apps,
  addon_id uuid not null references addons,
  name text not null,
  namespace text,
  credential text not null default 'default',
  -- Provider's name → this app's name, fixed when attached.
  config_names jsonb not null,
  -- The attachment whose name it takes over once its add-on is provisioned; until then both carry the name.
  replaces uuid references attachments,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  detached_at timestamptz
);
-- Only live names are unique: a detached one stays for the audit trail.
create unique index attachments_name on attachments (app_id, name) where detached_at is null and replaces is null;
create index attachments_addon on attachments (addon_id) where detached_at is null;

-- A config var name has one owner in an app: an attachment, or (null) the customer.
create table app_config_names (
  app_id uuid not null references apps,
  name text not null,
  attachment_id uuid references attachments,
  primary key (app_id, name)
);

-- The one-time code handed to a provider when it is asked to provision.
create table grants (
  id uuid primary key,
  addon_id uuid not null references addons,
  hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index grants_addon on grants (addon_id);

-- builds and releases -------------------------------------------------------------------------------------------
create table sources (
  id uuid primary key,
  account_id uuid not null references accounts,
  hash bytea not null,
  bytes bigint,
  created_at timestamptz not null,
  uploaded_at timestamptz
);

create table slugs (
  id uuid primary key,
  app_id uuid not null references apps,
  build_id uuid,
  source_id uuid references sources,
  bytes bigint not null,
  checksum text not null,
  process_types jsonb not null,
  buildpack text not null,
  commit text,
  stack text not null,
  created_at timestamptz not null
);
alter table apps add foreign key (slug_id) references slugs deferrable initially deferred;

create table builds (
  id uuid primary key,
  app_id uuid not null references apps,
  account_id uuid not null references accounts,
  source_id uuid not null references sources,
  source_url text not null,
  source_checksum text,
  source_version text,
  source_description text,
  -- 'deploy' makes a release of its own; 'config' rebuilds for one that is already there.
  purpose text not null check (purpose in ('deploy', 'config')),
  status text not null check (status in ('pending', 'succeeded', 'failed')),
  stack text not null,
  buildpack text,
  message text,
  output text not null default '',
  -- The token of the output's address: sealed, not hashed, since the address is shown again and again.
  sealed bytea not null,
  slug_id uuid references slugs,
  release_id uuid,
  epoch int not null default 0,
  lease_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index builds_app on builds (app_id, created_at desc);
create index builds_pending on builds (created_at) where status = 'pending';

create table operations (
  id uuid primary key,
  saga text not null,
  subject uuid not null,
  app_id uuid references apps,
  parent_id uuid references operations,
  actor jsonb not null,
  params jsonb not null,
  -- What the steps found out so far, by step.
  found jsonb not null default '{}',
  -- What call-backs told while the asker was still asking.
  facts jsonb not null default '{}',
  step text not null,
  state text not null check (state in ('running', 'waiting', 'parked', 'unwinding', 'done', 'unwound', 'stuck')),
  reason text,
  tries int not null default 0,
  epoch int not null default 1,
  lease_until timestamptz,
  next_at timestamptz not null,
  deadline timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz
);
create unique index operations_open on operations (subject) where ended_at is null;
create index operations_due on operations (next_at) where ended_at is null;

-- The saga's log, which is what the operator reads.
create table operation_log (
  id bigint generated always as identity primary key,
  operation_id uuid not null references operations,
  epoch int not null,
  step text not null,
  kind text not null,
  note jsonb not null default '{}',
  at timestamptz not null
);
create index operation_log_operation on operation_log (operation_id, id);

create table releases (
  id uuid primary key,
  app_id uuid not null references apps,
  version int not null,
  description text not null,
  account_id uuid references accounts,
  actor_email text not null,
  slug_id uuid references slugs,
  snapshot_id uuid not null references config_snapshots,
  status text not null check (status in ('pending', 'succeeded', 'failed', 'expired')),
  message text,
  operation_id uuid references operations,
  addon_plan_names text[] not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (app_id, version)
);
-- One release per operation and app, however often a step runs.
create unique index releases_operation on releases (operation_id, app_id) where operation_id is not null;
alter table builds add foreign key (release_id) references releases;

-- Never values: an attachment's names in this app, and the credential version they are read from.
create table release_pins (
  release_id uuid not null references releases,
  attachment_id uuid not null references attachments,
  credential_id uuid not null references credentials,
  names jsonb not null,
  primary key (release_id, attachment_id)
);
create index release_pins_credential on release_pins (credential_id);

create table formation (
  id uuid primary key,
  app_id uuid not null references apps,
  type text not null,
  command text not null,
  quantity int not null check (quantity >= 0),
  size text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (app_id, type)
);

-- What is being rolled out, coalesced: one row per app.
create table rolls (
  app_id uuid primary key references apps,
  release_id uuid references releases,
  rebuild boolean not null default false,
  state text not null check (state in ('wanted', 'building', 'releasing', 'rolling', 'idle')),
  -- What runs now, and what ran well last.
  running_release_id uuid references releases,
  not_before timestamptz not null,
  tries int not null default 0,
  epoch int not null default 0,
  lease_until timestamptz,
  message text,
  requested_at timestamptz not null,
  finished_at timestamptz,
  updated_at timestamptz not null
);

-- provider ------------------------------------------------------------------------------------------------------
-- Every request that changes something at a provider, written before it is sent.
create table questions (
  id uuid primary key,
  addon_id uuid not null references addons,
  operation_id uuid references operations,
  kind text not null check (kind in ('provision', 'plan', 'deprovision')),
  -- Latches on the first doubtful attempt; no later refusal clears it.
  may_exist boolean not null default false,
  created_at timestamptz not null
);
create index questions_addon on questions (addon_id);

create table attempts (
  question_id uuid not null references questions,
  number int not null,
  sent_at timestamptz not null,
  answered_at timestamptz,
  class text,
  status int,
  -- The provider's words to the customer.
  message text,
  -- What happened, for the operator.
  note text,
  retry_after_ms int,
  primary key (question_id, number)
);

-- The ledger: every resource ever asked for, and whether we know it to be gone.
create table debts (
  addon_id uuid primary key references addons,
  state text not null check (state in ('asked', 'held', 'owed', 'watching', 'clear', 'stuck')),
  was_doubtful boolean not null default false,
  tries int not null default 0,
  watches int not null default 0,
  not_founds int not null default 0,
  first_not_found_at timestamptz,
  owed_at timestamptz,
  next_at timestamptz,
  epoch int not null default 0,
  lease_until timestamptz,
  reason text,
  updated_at timestamptz not null
);
create index debts_due on debts (next_at) where state in ('owed', 'watching');

-- money ---------------------------------------------------------------------------------------------------------
create table charges (
  id uuid primary key,
  addon_id uuid not null references addons,
  owner_id uuid not null references accounts,
  price_id uuid not null references plan_prices,
  opened_at timestamptz not null,
  confirmed_at timestamptz,
  closed_at timestamptz,
  voided_at timestamptz
);
create unique index charges_open on charges (addon_id) where closed_at is null and voided_at is null;

-- facts ---------------------------------------------------------------------------------------------------------
-- Append only: the audit trail and the source of webhooks. Names, never values.
create table events (
  seq bigint generated always as identity primary key,
  id uuid not null unique,
  at timestamptz not null,
  actor jsonb not null,
  action text not null check (action in ('create', 'update', 'destroy')),
  resource text not null,
  subject uuid not null,
  app_id uuid references apps,
  operation_id uuid references operations,
  data jsonb not null,
  previous_data jsonb not null default '{}'
);
create unique index events_operation on events (operation_id, action, resource, subject) where operation_id is not null;
create index events_app on events (app_id, seq);

-- What this installation is: chosen once, kept for ever.
create table settings (
  name text primary key,
  value jsonb not null
);
