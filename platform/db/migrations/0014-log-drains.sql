-- Where an app's log lines go besides to whoever looks. A drain is the customer's, or an add-on's on one of the apps that
-- it is attached to, and then ends with that.
create table log_drains (
  id uuid primary key,
  app_id uuid not null references apps,
  addon_id uuid references addons,
  -- `d.<uuid>`: by this the receiver knows whose lines they are. Told with each frame, so no secret of ours.
  token text not null unique,
  -- The address, sealed because it may hold a password. Null: the provider has told none yet.
  sealed bytea,
  created_at timestamptz not null,
  -- Lines that are older are not sent.
  updated_at timestamptz not null
);
create index log_drains_app on log_drains (app_id);
create index log_drains_addon on log_drains (addon_id) where addon_id is not null;
