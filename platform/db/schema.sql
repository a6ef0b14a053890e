-- What all migrations leave behind, as PostgreSQL tells it. Not run by anything: bin/schema writes it.

create table account_quotas (
  account_id uuid not null,
  name text not null,
  most integer,
  updated_at timestamp with time zone not null,
  constraint account_quotas_pkey PRIMARY KEY (account_id, name),
  constraint account_quotas_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint account_quotas_most_check CHECK ((most >= 0))
);

create table accounts (
  id uuid not null,
  email text not null,
  name text,
  password_hash text,
  is_operator boolean not null default false,
  last_login_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  is_team boolean not null default false,
  deleted_at timestamp with time zone,
  preferences jsonb not null default '{}'::jsonb,
  suspended_at timestamp with time zone,
  suspended_reason text,
  constraint accounts_pkey PRIMARY KEY (id),
  constraint accounts_check CHECK (((NOT is_team) OR (password_hash IS NULL)))
);
CREATE UNIQUE INDEX accounts_email on accounts USING btree (lower(email));

create table addon_services (
  id uuid not null,
  name text not null,
  human_name text not null,
  state text not null,
  protocol text not null,
  owner_id uuid not null,
  manifest_id uuid,
  client_secret_hash bytea,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint addon_services_pkey PRIMARY KEY (id),
  constraint addon_services_manifest_id_fkey FOREIGN KEY (manifest_id) REFERENCES manifests(id) DEFERRABLE INITIALLY DEFERRED,
  constraint addon_services_name_key UNIQUE (name),
  constraint addon_services_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES accounts(id),
  constraint addon_services_protocol_check CHECK ((protocol = ANY (ARRAY['heroku-v1'::text, 'heroku-v3'::text]))),
  constraint addon_services_state_check CHECK ((state = ANY (ARRAY['alpha'::text, 'beta'::text, 'ga'::text, 'shutdown'::text])))
);

create table addons (
  id uuid not null,
  name text not null,
  service_id uuid not null,
  plan_id uuid not null,
  price_id uuid not null,
  owner_id uuid not null,
  app_id uuid,
  region text not null,
  state text not null,
  provider_id text,
  provision_message text not null default ''::text,
  options bytea,
  failed_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deprovisioned_at timestamp with time zone,
  constraint addons_pkey PRIMARY KEY (id),
  constraint addons_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint addons_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES accounts(id),
  constraint addons_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id),
  constraint addons_price_id_fkey FOREIGN KEY (price_id) REFERENCES plan_prices(id),
  constraint addons_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id),
  constraint addons_state_check CHECK ((state = ANY (ARRAY['provisioning'::text, 'provisioned'::text, 'deprovisioning'::text, 'deprovisioned'::text])))
);
CREATE INDEX addons_app on addons USING btree (app_id) WHERE (state <> 'deprovisioned'::text);
CREATE UNIQUE INDEX addons_name on addons USING btree (name) WHERE (state <> 'deprovisioned'::text);
CREATE INDEX addons_service on addons USING btree (service_id, state);

create table allowed_services (
  id uuid not null,
  team_id uuid not null,
  service_id uuid not null,
  added_by uuid not null,
  added_at timestamp with time zone not null,
  constraint allowed_services_pkey PRIMARY KEY (id),
  constraint allowed_services_added_by_fkey FOREIGN KEY (added_by) REFERENCES accounts(id),
  constraint allowed_services_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id),
  constraint allowed_services_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id),
  constraint allowed_services_team_id_service_id_key UNIQUE (team_id, service_id)
);

create table app_config_names (
  app_id uuid not null,
  name text not null,
  attachment_id uuid,
  constraint app_config_names_pkey PRIMARY KEY (app_id, name),
  constraint app_config_names_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint app_config_names_attachment_id_fkey FOREIGN KEY (attachment_id) REFERENCES attachments(id)
);

create table app_transfers (
  id uuid not null,
  app_id uuid not null,
  owner_id uuid not null,
  recipient_id uuid not null,
  state text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint app_transfers_pkey PRIMARY KEY (id),
  constraint app_transfers_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint app_transfers_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES accounts(id),
  constraint app_transfers_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES accounts(id),
  constraint app_transfers_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'accepted'::text, 'declined'::text])))
);
CREATE INDEX app_transfers_owner on app_transfers USING btree (owner_id);
CREATE UNIQUE INDEX app_transfers_pending on app_transfers USING btree (app_id) WHERE (state = 'pending'::text);
CREATE INDEX app_transfers_recipient on app_transfers USING btree (recipient_id);

create table apps (
  id uuid not null,
  name text not null,
  owner_id uuid not null,
  region text not null,
  stack text not null,
  kind text not null default 'hosted'::text,
  state text not null default 'live'::text,
  maintenance boolean not null default false,
  after_config text not null default 'rebuild'::text,
  snapshot_id uuid,
  slug_id uuid,
  last_version integer not null default 0,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  released_at timestamp with time zone,
  destroyed_at timestamp with time zone,
  locked boolean not null default false,
  acknowledged_version integer,
  buildpacks text[] not null default '{}'::text[],
  number bigint generated always as identity not null,
  constraint apps_pkey PRIMARY KEY (id),
  constraint apps_after_config_check CHECK ((after_config = ANY (ARRAY['rebuild'::text, 'restart'::text]))),
  constraint apps_kind_check CHECK ((kind = ANY (ARRAY['hosted'::text, 'external'::text]))),
  constraint apps_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES accounts(id),
  constraint apps_slug_id_fkey FOREIGN KEY (slug_id) REFERENCES slugs(id) DEFERRABLE INITIALLY DEFERRED,
  constraint apps_snapshot_id_fkey FOREIGN KEY (snapshot_id) REFERENCES config_snapshots(id) DEFERRABLE INITIALLY DEFERRED,
  constraint apps_state_check CHECK ((state = ANY (ARRAY['live'::text, 'destroying'::text, 'destroyed'::text])))
);
CREATE UNIQUE INDEX apps_name on apps USING btree (name) WHERE (state <> 'destroyed'::text);
CREATE UNIQUE INDEX apps_number on apps USING btree (number);
CREATE INDEX apps_owner on apps USING btree (owner_id) WHERE (state <> 'destroyed'::text);

create table attachments (
  id uuid not null,
  app_id uuid not null,
  addon_id uuid not null,
  name text not null,
  namespace text,
  credential text not null default 'default'::text,
  config_names jsonb not null,
  replaces uuid,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  detached_at timestamp with time zone,
  constraint attachments_pkey PRIMARY KEY (id),
  constraint attachments_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint attachments_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint attachments_replaces_fkey FOREIGN KEY (replaces) REFERENCES attachments(id)
);
CREATE INDEX attachments_addon on attachments USING btree (addon_id) WHERE (detached_at IS NULL);
CREATE UNIQUE INDEX attachments_name on attachments USING btree (app_id, name) WHERE ((detached_at IS NULL) AND (replaces IS NULL));

create table attempts (
  question_id uuid not null,
  number integer not null,
  sent_at timestamp with time zone not null,
  answered_at timestamp with time zone,
  class text,
  status integer,
  message text,
  note text,
  retry_after_ms integer,
  sent json,
  received json,
  constraint attempts_pkey PRIMARY KEY (question_id, number),
  constraint attempts_question_id_fkey FOREIGN KEY (question_id) REFERENCES questions(id)
);
CREATE INDEX attempts_sent on attempts USING btree (sent_at);
CREATE INDEX attempts_with_bodies on attempts USING btree (sent_at) WHERE ((sent IS NOT NULL) OR (received IS NOT NULL));

create table builds (
  id uuid not null,
  app_id uuid not null,
  account_id uuid not null,
  source_id uuid not null,
  source_url text not null,
  source_checksum text,
  source_version text,
  source_description text,
  purpose text not null,
  status text not null,
  stack text not null,
  buildpack text,
  message text,
  output text not null default ''::text,
  sealed bytea not null,
  slug_id uuid,
  release_id uuid,
  epoch integer not null default 0,
  lease_until timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  buildpacks text[],
  constraint builds_pkey PRIMARY KEY (id),
  constraint builds_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint builds_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint builds_purpose_check CHECK ((purpose = ANY (ARRAY['deploy'::text, 'config'::text]))),
  constraint builds_release_id_fkey FOREIGN KEY (release_id) REFERENCES releases(id),
  constraint builds_slug_id_fkey FOREIGN KEY (slug_id) REFERENCES slugs(id),
  constraint builds_source_id_fkey FOREIGN KEY (source_id) REFERENCES sources(id),
  constraint builds_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
);
CREATE INDEX builds_app on builds USING btree (app_id, created_at DESC);
CREATE INDEX builds_pending on builds USING btree (created_at) WHERE (status = 'pending'::text);

create table charges (
  id uuid not null,
  addon_id uuid not null,
  owner_id uuid not null,
  price_id uuid not null,
  opened_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  closed_at timestamp with time zone,
  voided_at timestamp with time zone,
  stage text,
  constraint charges_pkey PRIMARY KEY (id),
  constraint charges_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint charges_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES accounts(id),
  constraint charges_price_id_fkey FOREIGN KEY (price_id) REFERENCES plan_prices(id)
);
CREATE UNIQUE INDEX charges_open on charges USING btree (addon_id) WHERE ((closed_at IS NULL) AND (voided_at IS NULL));

create table collaborators (
  id uuid not null,
  app_id uuid not null,
  account_id uuid not null,
  permissions text[] not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint collaborators_pkey PRIMARY KEY (id),
  constraint collaborators_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint collaborators_app_id_account_id_key UNIQUE (app_id, account_id),
  constraint collaborators_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id)
);

create table comparisons (
  service_id uuid not null,
  next_at timestamp with time zone not null,
  epoch integer not null default 0,
  lease_until timestamp with time zone,
  failures integer not null default 0,
  outcome text,
  note text,
  begun_at timestamp with time zone,
  compared_at timestamp with time zone,
  listed integer,
  updated_at timestamp with time zone not null,
  constraint comparisons_pkey PRIMARY KEY (service_id),
  constraint comparisons_outcome_check CHECK ((outcome = ANY (ARRAY['whole'::text, 'partial'::text, 'unreadable'::text, 'set-up fault'::text, 'not now'::text, 'no answer'::text]))),
  constraint comparisons_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id)
);

create table config_snapshots (
  id uuid not null,
  app_id uuid not null,
  names text[] not null,
  sealed bytea not null,
  created_at timestamp with time zone not null,
  constraint config_snapshots_pkey PRIMARY KEY (id),
  constraint config_snapshots_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id)
);

create table credentials (
  id uuid not null,
  addon_id uuid not null,
  name text not null,
  version integer not null,
  state text not null,
  names text[] not null,
  sealed bytea,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone,
  constraint credentials_pkey PRIMARY KEY (id),
  constraint credentials_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint credentials_addon_id_name_version_key UNIQUE (addon_id, name, version),
  constraint credentials_state_check CHECK ((state = ANY (ARRAY['staged'::text, 'active'::text, 'retiring'::text, 'revoked'::text])))
);
CREATE UNIQUE INDEX credentials_active on credentials USING btree (addon_id, name) WHERE (state = 'active'::text);
CREATE UNIQUE INDEX credentials_staged on credentials USING btree (addon_id, name) WHERE (state = 'staged'::text);

create table debts (
  addon_id uuid not null,
  state text not null,
  was_doubtful boolean not null default false,
  tries integer not null default 0,
  watches integer not null default 0,
  not_founds integer not null default 0,
  first_not_found_at timestamp with time zone,
  owed_at timestamp with time zone,
  next_at timestamp with time zone,
  epoch integer not null default 0,
  lease_until timestamp with time zone,
  reason text,
  updated_at timestamp with time zone not null,
  forgotten_at timestamp with time zone,
  lease_owner uuid,
  constraint debts_pkey PRIMARY KEY (addon_id),
  constraint debts_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint debts_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'held'::text, 'owed'::text, 'watching'::text, 'clear'::text, 'stuck'::text])))
);
CREATE INDEX debts_due on debts USING btree (next_at) WHERE (state = ANY (ARRAY['owed'::text, 'watching'::text]));

create table discrepancies (
  id uuid not null,
  service_id uuid not null,
  kind text not null,
  key text not null,
  uuid uuid,
  provider_id text,
  addon_id uuid,
  state text not null default 'open'::text,
  reason text not null,
  found_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint discrepancies_pkey PRIMARY KEY (id),
  constraint discrepancies_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint discrepancies_kind_check CHECK ((kind = ANY (ARRAY['unknown'::text, 'gone'::text, 'missing'::text, 'twice'::text]))),
  constraint discrepancies_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id),
  constraint discrepancies_state_check CHECK ((state = ANY (ARRAY['open'::text, 'adopted'::text, 'forgotten'::text])))
);
CREATE INDEX discrepancies_addon on discrepancies USING btree (addon_id) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX discrepancies_open on discrepancies USING btree (service_id, kind, key) WHERE (ended_at IS NULL);

create table domains (
  id uuid not null,
  app_id uuid not null,
  hostname text not null,
  sni_endpoint_id uuid,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint domains_pkey PRIMARY KEY (id),
  constraint domains_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint domains_hostname UNIQUE (hostname),
  constraint domains_sni_endpoint_id_fkey FOREIGN KEY (sni_endpoint_id) REFERENCES sni_endpoints(id) ON DELETE SET NULL
);
CREATE INDEX domains_app on domains USING btree (app_id);
CREATE INDEX domains_sni_endpoint on domains USING btree (sni_endpoint_id);

create table events (
  seq bigint generated always as identity not null,
  id uuid not null,
  at timestamp with time zone not null,
  actor jsonb not null,
  action text not null,
  resource text not null,
  subject uuid not null,
  app_id uuid,
  operation_id uuid,
  data jsonb not null,
  previous_data jsonb not null default '{}'::jsonb,
  published_at timestamp with time zone,
  account_id uuid,
  constraint events_pkey PRIMARY KEY (seq),
  constraint events_action_check CHECK ((action = ANY (ARRAY['create'::text, 'update'::text, 'destroy'::text]))),
  constraint events_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint events_id_key UNIQUE (id),
  constraint events_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES operations(id)
);
CREATE INDEX events_account on events USING btree (account_id, seq) WHERE (account_id IS NOT NULL);
CREATE INDEX events_account_subject on events USING btree (subject, seq) WHERE (account_id IS NOT NULL);
CREATE INDEX events_app on events USING btree (app_id, seq);
CREATE INDEX events_at on events USING btree (at);
CREATE UNIQUE INDEX events_operation on events USING btree (operation_id, action, resource, subject) WHERE (operation_id IS NOT NULL);
CREATE INDEX events_unpublished on events USING btree (seq) WHERE (published_at IS NULL);

create table formation (
  id uuid not null,
  app_id uuid not null,
  type text not null,
  command text not null,
  quantity integer not null,
  size text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint formation_pkey PRIMARY KEY (id),
  constraint formation_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint formation_app_id_type_key UNIQUE (app_id, type),
  constraint formation_quantity_check CHECK ((quantity >= 0))
);

create table grants (
  id uuid not null,
  addon_id uuid not null,
  hash bytea not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint grants_pkey PRIMARY KEY (id),
  constraint grants_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint grants_hash_key UNIQUE (hash)
);
CREATE INDEX grants_addon on grants USING btree (addon_id);

create table idempotency_keys (
  owner_id uuid not null,
  hash bytea not null,
  body_hash bytea not null,
  id uuid not null,
  status integer,
  sealed bytea,
  lease_until timestamp with time zone not null,
  created_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (owner_id, hash)
);
CREATE INDEX idempotency_keys_created on idempotency_keys USING btree (created_at);

create table inspections (
  id uuid not null,
  service_id uuid not null,
  manifest_id uuid not null,
  account_id uuid not null,
  passed integer not null,
  failed integer not null,
  warned integer not null,
  checks jsonb not null,
  created_at timestamp with time zone not null,
  constraint inspections_pkey PRIMARY KEY (id),
  constraint inspections_manifest_id_fkey FOREIGN KEY (manifest_id) REFERENCES manifests(id),
  constraint inspections_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id)
);
CREATE INDEX inspections_service on inspections USING btree (service_id, created_at DESC);

create table invites (
  id uuid not null,
  purpose text not null,
  hash bytea not null,
  email text not null,
  account_id uuid,
  invited_by uuid not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint invites_pkey PRIMARY KEY (id),
  constraint invites_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint invites_check CHECK (((purpose = 'account'::text) OR (account_id IS NOT NULL))),
  constraint invites_hash_key UNIQUE (hash),
  constraint invites_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES accounts(id),
  constraint invites_purpose_check CHECK ((purpose = ANY (ARRAY['account'::text, 'password'::text])))
);
CREATE UNIQUE INDEX invites_open on invites USING btree (lower(email)) WHERE ((used_at IS NULL) AND (revoked_at IS NULL));

create table kept_answers (
  id uuid not null,
  question_id uuid not null,
  number integer not null,
  sealed bytea not null,
  cut boolean not null,
  kept_until timestamp with time zone not null,
  created_at timestamp with time zone not null,
  constraint kept_answers_pkey PRIMARY KEY (id),
  constraint kept_answers_question_id_number_fkey FOREIGN KEY (question_id, number) REFERENCES attempts(question_id, number),
  constraint kept_answers_question_id_number_key UNIQUE (question_id, number)
);
CREATE INDEX kept_answers_until on kept_answers USING btree (kept_until);

create table log_drains (
  id uuid not null,
  app_id uuid not null,
  addon_id uuid,
  token text not null,
  sealed bytea,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint log_drains_pkey PRIMARY KEY (id),
  constraint log_drains_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint log_drains_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint log_drains_token_key UNIQUE (token)
);
CREATE INDEX log_drains_addon on log_drains USING btree (addon_id) WHERE (addon_id IS NOT NULL);
CREATE INDEX log_drains_app on log_drains USING btree (app_id);

create table log_inputs (
  addon_id uuid not null,
  app_id uuid not null,
  hash bytea not null,
  sealed bytea not null,
  created_at timestamp with time zone not null,
  constraint log_inputs_pkey PRIMARY KEY (addon_id, app_id),
  constraint log_inputs_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint log_inputs_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint log_inputs_hash_key UNIQUE (hash)
);

create table logins (
  id uuid not null,
  browser_hash bytea not null,
  cli_hash bytea not null,
  description text not null,
  address text not null,
  state text not null default 'pending'::text,
  account_id uuid,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  decided_at timestamp with time zone,
  constraint logins_pkey PRIMARY KEY (id),
  constraint logins_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint logins_browser_hash_key UNIQUE (browser_hash),
  constraint logins_check CHECK (((state = ANY (ARRAY['approved'::text, 'taken'::text])) <= (account_id IS NOT NULL))),
  constraint logins_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'denied'::text, 'taken'::text])))
);
CREATE INDEX logins_address on logins USING btree (address, created_at);

create table manifests (
  id uuid not null,
  service_id uuid not null,
  account_id uuid not null,
  revision integer not null default 1,
  contents json not null,
  sealed bytea not null,
  created_at timestamp with time zone not null,
  constraint manifests_pkey PRIMARY KEY (id),
  constraint manifests_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint manifests_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id),
  constraint manifests_service_id_revision_key UNIQUE (service_id, revision)
);

create table oauth_clients (
  id uuid not null,
  account_id uuid not null,
  name text not null,
  redirect_uri text not null,
  secret_hash bytea not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint oauth_clients_pkey PRIMARY KEY (id),
  constraint oauth_clients_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id)
);
CREATE INDEX oauth_clients_account on oauth_clients USING btree (account_id);

create table oauth_codes (
  hash bytea not null,
  client_id uuid not null,
  account_id uuid not null,
  redirect_uri text not null,
  scopes text[] not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  authorization_id uuid,
  constraint oauth_codes_pkey PRIMARY KEY (hash),
  constraint oauth_codes_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint oauth_codes_authorization_id_fkey FOREIGN KEY (authorization_id) REFERENCES tokens(id),
  constraint oauth_codes_client_id_fkey FOREIGN KEY (client_id) REFERENCES oauth_clients(id) ON DELETE CASCADE
);
CREATE INDEX oauth_codes_account on oauth_codes USING btree (account_id);
CREATE INDEX oauth_codes_client on oauth_codes USING btree (client_id);

create table operation_log (
  id bigint generated always as identity not null,
  operation_id uuid not null,
  epoch integer not null,
  step text not null,
  kind text not null,
  note jsonb not null default '{}'::jsonb,
  at timestamp with time zone not null,
  constraint operation_log_pkey PRIMARY KEY (id),
  constraint operation_log_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES operations(id)
);
CREATE INDEX operation_log_operation on operation_log USING btree (operation_id, id);

create table operations (
  id uuid not null,
  saga text not null,
  subject uuid not null,
  app_id uuid,
  parent_id uuid,
  actor jsonb not null,
  params jsonb not null,
  found jsonb not null default '{}'::jsonb,
  facts jsonb not null default '{}'::jsonb,
  step text not null,
  state text not null,
  reason text,
  tries integer not null default 0,
  epoch integer not null default 1,
  lease_until timestamp with time zone,
  next_at timestamp with time zone not null,
  deadline timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  queue text,
  lease_owner uuid,
  faults integer not null default 0,
  constraint operations_pkey PRIMARY KEY (id),
  constraint operations_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint operations_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES operations(id),
  constraint operations_state_check CHECK ((state = ANY (ARRAY['running'::text, 'waiting'::text, 'parked'::text, 'unwinding'::text, 'done'::text, 'unwound'::text, 'stuck'::text])))
);
CREATE INDEX operations_app on operations USING btree (app_id);
CREATE INDEX operations_due on operations USING btree (next_at) WHERE (ended_at IS NULL);
CREATE INDEX operations_ended on operations USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE UNIQUE INDEX operations_open on operations USING btree (subject) WHERE (ended_at IS NULL);
CREATE INDEX operations_queue on operations USING btree (queue) WHERE (ended_at IS NULL);
CREATE INDEX operations_subject on operations USING btree (subject);

create table password_requests (
  account_id uuid not null,
  address text not null,
  created_at timestamp with time zone not null,
  constraint password_requests_pkey PRIMARY KEY (account_id),
  constraint password_requests_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id)
);

create table plan_passes (
  id uuid not null,
  service_id uuid not null,
  plan_id uuid,
  email text not null,
  created_at timestamp with time zone not null,
  constraint plan_passes_pkey PRIMARY KEY (id),
  constraint plan_passes_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id),
  constraint plan_passes_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id)
);
CREATE INDEX plan_passes_email on plan_passes USING btree (lower(email));
CREATE UNIQUE INDEX plan_passes_once on plan_passes USING btree (service_id, lower(email), plan_id) NULLS NOT DISTINCT;

create table plan_prices (
  id uuid not null,
  plan_id uuid not null,
  cents integer not null,
  unit text not null,
  contract boolean not null default false,
  metered boolean not null default false,
  created_at timestamp with time zone not null,
  constraint plan_prices_pkey PRIMARY KEY (id),
  constraint plan_prices_cents_check CHECK ((cents >= 0)),
  constraint plan_prices_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id) DEFERRABLE INITIALLY DEFERRED,
  constraint plan_prices_unit_check CHECK ((unit = 'month'::text))
);

create table plans (
  id uuid not null,
  service_id uuid not null,
  name text not null,
  human_name text not null,
  description text not null,
  features jsonb not null default '[]'::jsonb,
  is_default boolean not null default false,
  state text not null default 'public'::text,
  visible boolean not null default true,
  price_id uuid not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  actions jsonb not null default '[]'::jsonb,
  regions jsonb,
  constraint plans_pkey PRIMARY KEY (id),
  constraint plans_price_id_fkey FOREIGN KEY (price_id) REFERENCES plan_prices(id) DEFERRABLE INITIALLY DEFERRED,
  constraint plans_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id),
  constraint plans_service_id_name_key UNIQUE (service_id, name)
);
CREATE UNIQUE INDEX plans_default on plans USING btree (service_id) WHERE (is_default AND (deleted_at IS NULL));

create table processes (
  id uuid not null,
  role text not null,
  host text not null,
  pid integer not null,
  pid_start text not null,
  address text,
  version text not null,
  started_at timestamp with time zone not null,
  beat_at timestamp with time zone not null,
  keys integer[] not null default '{}'::integer[],
  seals_with integer,
  constraint processes_pkey PRIMARY KEY (id),
  constraint processes_role_check CHECK ((role = ANY (ARRAY['all'::text, 'api'::text, 'worker'::text])))
);
CREATE UNIQUE INDEX processes_apps on processes USING btree (role) WHERE (role = 'all'::text);

create table provider_calls (
  id uuid not null,
  service_id uuid not null,
  addon_id uuid,
  method text not null,
  route text not null,
  status integer not null,
  ms integer not null,
  created_at timestamp with time zone not null,
  sent json,
  received json,
  constraint provider_calls_pkey PRIMARY KEY (id),
  constraint provider_calls_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint provider_calls_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id)
);
CREATE INDEX provider_calls_at on provider_calls USING btree (created_at);
CREATE INDEX provider_calls_service on provider_calls USING btree (service_id, created_at DESC);

create table provider_circuits (
  service_id uuid not null,
  state text not null,
  failures integer not null default 0,
  last_failed_addon uuid,
  last_reason text,
  opens integer not null default 0,
  retry_at timestamp with time zone,
  probing_until timestamp with time zone,
  updated_at timestamp with time zone not null,
  constraint provider_circuits_pkey PRIMARY KEY (service_id),
  constraint provider_circuits_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id),
  constraint provider_circuits_state_check CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text])))
);

create table questions (
  id uuid not null,
  addon_id uuid not null,
  operation_id uuid,
  kind text not null,
  may_exist boolean not null default false,
  created_at timestamp with time zone not null,
  constraint questions_pkey PRIMARY KEY (id),
  constraint questions_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint questions_kind_check CHECK ((kind = ANY (ARRAY['provision'::text, 'plan'::text, 'deprovision'::text]))),
  constraint questions_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES operations(id)
);
CREATE INDEX questions_addon on questions USING btree (addon_id);

create table release_pins (
  release_id uuid not null,
  attachment_id uuid not null,
  credential_id uuid not null,
  names jsonb not null,
  constraint release_pins_pkey PRIMARY KEY (release_id, attachment_id),
  constraint release_pins_attachment_id_fkey FOREIGN KEY (attachment_id) REFERENCES attachments(id),
  constraint release_pins_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES credentials(id),
  constraint release_pins_release_id_fkey FOREIGN KEY (release_id) REFERENCES releases(id)
);
CREATE INDEX release_pins_credential on release_pins USING btree (credential_id);

create table releases (
  id uuid not null,
  app_id uuid not null,
  version integer not null,
  description text not null,
  account_id uuid,
  actor_email text not null,
  slug_id uuid,
  snapshot_id uuid not null,
  status text not null,
  message text,
  operation_id uuid,
  addon_plan_names text[] not null default '{}'::text[],
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  output text not null default ''::text,
  constraint releases_pkey PRIMARY KEY (id),
  constraint releases_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint releases_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint releases_app_id_version_key UNIQUE (app_id, version),
  constraint releases_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES operations(id),
  constraint releases_slug_id_fkey FOREIGN KEY (slug_id) REFERENCES slugs(id),
  constraint releases_snapshot_id_fkey FOREIGN KEY (snapshot_id) REFERENCES config_snapshots(id),
  constraint releases_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text, 'expired'::text])))
);
CREATE UNIQUE INDEX releases_operation on releases USING btree (operation_id, app_id) WHERE (operation_id IS NOT NULL);

create table remains (
  app_id uuid not null,
  created_at timestamp with time zone not null,
  constraint remains_pkey PRIMARY KEY (app_id),
  constraint remains_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id)
);

create table rolls (
  app_id uuid not null,
  release_id uuid,
  rebuild boolean not null default false,
  state text not null,
  running_release_id uuid,
  not_before timestamp with time zone not null,
  tries integer not null default 0,
  epoch integer not null default 0,
  lease_until timestamp with time zone,
  message text,
  requested_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  updated_at timestamp with time zone not null,
  constraint rolls_pkey PRIMARY KEY (app_id),
  constraint rolls_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint rolls_release_id_fkey FOREIGN KEY (release_id) REFERENCES releases(id),
  constraint rolls_running_release_id_fkey FOREIGN KEY (running_release_id) REFERENCES releases(id),
  constraint rolls_state_check CHECK ((state = ANY (ARRAY['wanted'::text, 'building'::text, 'releasing'::text, 'rolling'::text, 'idle'::text])))
);

create table schema_migrations (
  number integer not null,
  name text not null,
  digest text not null,
  applied_at timestamp with time zone not null,
  constraint schema_migrations_pkey PRIMARY KEY (number)
);

create table settings (
  name text not null,
  value jsonb not null,
  constraint settings_pkey PRIMARY KEY (name)
);

create table slugs (
  id uuid not null,
  app_id uuid not null,
  build_id uuid,
  source_id uuid,
  bytes bigint,
  checksum text,
  process_types jsonb not null,
  buildpack text,
  commit text,
  stack text not null,
  created_at timestamp with time zone not null,
  commit_description text,
  folder text,
  expected_checksum text,
  constraint slugs_pkey PRIMARY KEY (id),
  constraint slugs_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint slugs_source_id_fkey FOREIGN KEY (source_id) REFERENCES sources(id)
);
CREATE INDEX slugs_app on slugs USING btree (app_id);

create table sni_endpoints (
  id uuid not null,
  app_id uuid not null,
  name text not null,
  certificate_chain text not null,
  ca_signed boolean not null,
  sealed bytea not null,
  version integer not null default 1,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint sni_endpoints_pkey PRIMARY KEY (id),
  constraint sni_endpoints_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint sni_endpoints_name UNIQUE (app_id, name)
);

create table sources (
  id uuid not null,
  account_id uuid not null,
  hash bytea not null,
  bytes bigint,
  created_at timestamp with time zone not null,
  uploaded_at timestamp with time zone,
  constraint sources_pkey PRIMARY KEY (id),
  constraint sources_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id)
);

create table stage_requests (
  id uuid not null,
  service_id uuid not null,
  account_id uuid not null,
  stage text not null,
  state text not null,
  note text,
  reason text,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint stage_requests_pkey PRIMARY KEY (id),
  constraint stage_requests_check CHECK (((state = 'open'::text) = (ended_at IS NULL))),
  constraint stage_requests_check1 CHECK (((state = 'declined'::text) = (reason IS NOT NULL))),
  constraint stage_requests_service_id_fkey FOREIGN KEY (service_id) REFERENCES addon_services(id),
  constraint stage_requests_stage_check CHECK ((stage = ANY (ARRAY['beta'::text, 'ga'::text]))),
  constraint stage_requests_state_check CHECK ((state = ANY (ARRAY['open'::text, 'granted'::text, 'declined'::text, 'withdrawn'::text])))
);
CREATE UNIQUE INDEX stage_requests_open on stage_requests USING btree (service_id) WHERE (state = 'open'::text);
CREATE INDEX stage_requests_service on stage_requests USING btree (service_id, created_at DESC);

create table team_invitations (
  id uuid not null,
  team_id uuid not null,
  email text not null,
  role text not null,
  hash bytea not null,
  invited_by uuid not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  accepted_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint team_invitations_pkey PRIMARY KEY (id),
  constraint team_invitations_hash_key UNIQUE (hash),
  constraint team_invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES accounts(id),
  constraint team_invitations_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text, 'viewer'::text]))),
  constraint team_invitations_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id)
);
CREATE UNIQUE INDEX team_invitations_open on team_invitations USING btree (team_id, lower(email)) WHERE ((accepted_at IS NULL) AND (revoked_at IS NULL));

create table team_members (
  id uuid not null,
  team_id uuid not null,
  account_id uuid not null,
  role text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint team_members_pkey PRIMARY KEY (id),
  constraint team_members_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint team_members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text, 'viewer'::text]))),
  constraint team_members_team_id_account_id_key UNIQUE (team_id, account_id),
  constraint team_members_team_id_fkey FOREIGN KEY (team_id) REFERENCES teams(id)
);
CREATE INDEX team_members_account on team_members USING btree (account_id);

create table teams (
  id uuid not null,
  name text not null,
  account_id uuid not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  constraint teams_pkey PRIMARY KEY (id),
  constraint teams_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint teams_account_id_key UNIQUE (account_id)
);
CREATE UNIQUE INDEX teams_name on teams USING btree (name) WHERE (deleted_at IS NULL);

create table tokens (
  id uuid not null,
  kind text not null,
  account_id uuid,
  addon_id uuid,
  hash bytea not null,
  hint text not null default ''::text,
  is_default boolean not null default false,
  scopes text[] not null default '{global}'::text[],
  description text not null default ''::text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  client_id uuid,
  life_seconds integer,
  authorization_id uuid,
  constraint tokens_pkey PRIMARY KEY (id),
  constraint tokens_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint tokens_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint tokens_authorization_id_fkey FOREIGN KEY (authorization_id) REFERENCES tokens(id),
  constraint tokens_check CHECK (((account_id IS NULL) <> (addon_id IS NULL))),
  constraint tokens_client_id_fkey FOREIGN KEY (client_id) REFERENCES oauth_clients(id),
  constraint tokens_hash_key UNIQUE (hash),
  constraint tokens_kind_check CHECK ((kind = ANY (ARRAY['authorization'::text, 'web'::text, 'grant_access'::text, 'grant_refresh'::text, 'client_access'::text, 'client_refresh'::text]))) NOT VALID
);
CREATE INDEX tokens_account on tokens USING btree (account_id) WHERE (revoked_at IS NULL);
CREATE INDEX tokens_addon on tokens USING btree (addon_id);
CREATE INDEX tokens_authorization on tokens USING btree (authorization_id) WHERE (authorization_id IS NOT NULL);
CREATE INDEX tokens_client on tokens USING btree (client_id) WHERE (client_id IS NOT NULL);
CREATE UNIQUE INDEX tokens_default on tokens USING btree (account_id) WHERE (is_default AND (revoked_at IS NULL));

create table usage_reports (
  id uuid not null,
  batch_id uuid not null,
  addon_id uuid not null,
  hour timestamp with time zone not null,
  unit text not null,
  quantity numeric not null,
  created_at timestamp with time zone not null,
  constraint usage_reports_pkey PRIMARY KEY (id),
  constraint usage_reports_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint usage_reports_addon_id_hour_unit_key UNIQUE (addon_id, hour, unit)
);

create table webhook_attempts (
  id uuid not null,
  delivery_id uuid not null,
  number integer not null,
  status text not null,
  code integer,
  error_class text,
  answer text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint webhook_attempts_pkey PRIMARY KEY (id),
  constraint webhook_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES webhook_deliveries(id) ON DELETE CASCADE,
  constraint webhook_attempts_delivery_id_number_key UNIQUE (delivery_id, number),
  constraint webhook_attempts_status_check CHECK ((status = ANY (ARRAY['scheduled'::text, 'succeeded'::text, 'failed'::text])))
);

create table webhook_deliveries (
  id uuid not null,
  seq bigint generated always as identity not null,
  webhook_id uuid not null,
  event_id uuid not null,
  status text not null,
  once boolean not null default false,
  num_attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_check CHECK (((next_attempt_at IS NOT NULL) = (status = ANY (ARRAY['pending'::text, 'retrying'::text])))),
  constraint webhook_deliveries_event_id_fkey FOREIGN KEY (event_id) REFERENCES webhook_events(event_id),
  constraint webhook_deliveries_seq_key UNIQUE (seq),
  constraint webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'retrying'::text, 'succeeded'::text, 'failed'::text, 'skipped'::text]))),
  constraint webhook_deliveries_webhook_id_event_id_key UNIQUE (webhook_id, event_id),
  constraint webhook_deliveries_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_event on webhook_deliveries USING btree (event_id);
CREATE INDEX webhook_deliveries_open on webhook_deliveries USING btree (webhook_id, seq) WHERE (next_attempt_at IS NOT NULL);
CREATE INDEX webhook_deliveries_webhook on webhook_deliveries USING btree (webhook_id, seq);

create table webhook_events (
  event_id uuid not null,
  include text not null,
  payload json not null,
  created_at timestamp with time zone not null,
  constraint webhook_events_pkey PRIMARY KEY (event_id),
  constraint webhook_events_event_id_fkey FOREIGN KEY (event_id) REFERENCES events(id)
);

create table webhooks (
  id uuid not null,
  app_id uuid,
  addon_id uuid,
  side text not null,
  include text[] not null,
  level text not null,
  url text not null,
  sealed bytea not null,
  failing_since timestamp with time zone,
  served_at timestamp with time zone,
  epoch integer not null default 0,
  lease_until timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint webhooks_pkey PRIMARY KEY (id),
  constraint webhooks_addon_id_fkey FOREIGN KEY (addon_id) REFERENCES addons(id),
  constraint webhooks_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint webhooks_check CHECK (((app_id IS NULL) <> (addon_id IS NULL))),
  constraint webhooks_level_check CHECK ((level = ANY (ARRAY['notify'::text, 'sync'::text]))),
  constraint webhooks_side_check CHECK ((side = ANY (ARRAY['customer'::text, 'provider'::text])))
);
CREATE INDEX webhooks_addon on webhooks USING btree (addon_id);
CREATE INDEX webhooks_app on webhooks USING btree (app_id);
