-- By which an add-on writes into the log of an app that it is on; the token is part of an address that its provider and
-- its customer are told, so it is kept sealed as well as hashed.
create table log_inputs (
  addon_id uuid not null references addons,
  app_id uuid not null references apps,
  hash bytea not null unique,
  sealed bytea not null,
  created_at timestamptz not null,
  primary key (addon_id, app_id)
);
