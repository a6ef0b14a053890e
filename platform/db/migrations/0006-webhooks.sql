-- Webhooks: who wants to hear of what, and every delivery of it. Written down before it is sent.

-- When an event was handed to the webhooks that wanted it, or found to interest none. Not a cursor over `seq`: a
-- number is drawn before its transaction commits, so a cursor would step over whoever commits late.
alter table events add column published_at timestamptz;
update events set published_at = at;
create index events_unpublished on events (seq) where published_at is null;

create table webhooks (
  id uuid primary key,
  app_id uuid references apps,
  addon_id uuid references addons,
  -- An add-on's customer and its provider each have their own, and see only those: addresses may hold secrets.
  side text not null check (side in ('customer', 'provider')),
  include text[] not null,
  level text not null check (level in ('notify', 'sync')),
  url text not null,
  -- Secret and authorization; see platform/secrets.
  sealed bytea not null,
  -- Since when its receiver has taken nothing; such webhooks wait apart, so that they hold up no others.
  failing_since timestamptz,
  -- One delivery at a time. The lease is on the database's clock; the epoch fences off who was paused.
  served_at timestamptz,
  epoch int not null default 0,
  lease_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((app_id is null) <> (addon_id is null))
);
create index webhooks_app on webhooks (app_id);
create index webhooks_addon on webhooks (addon_id);

-- An event as it goes over the wire, made once, so that every attempt at it says the same. `json`: keys keep their order.
create table webhook_events (
  event_id uuid primary key references events (id),
  include text not null,
  payload json not null,
  created_at timestamptz not null
);

create table webhook_deliveries (
  id uuid primary key,
  seq bigint generated always as identity unique,
  webhook_id uuid not null references webhooks on delete cascade,
  event_id uuid not null references webhook_events,
  status text not null check (status in ('pending', 'retrying', 'succeeded', 'failed', 'skipped')),
  -- Asked for by hand: one more try, which holds up nobody.
  once boolean not null default false,
  num_attempts int not null default 0,
  next_attempt_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- However often an event is handed out, a webhook gets it once.
  unique (webhook_id, event_id),
  check ((next_attempt_at is not null) = (status in ('pending', 'retrying')))
);
create index webhook_deliveries_open on webhook_deliveries (webhook_id, seq) where next_attempt_at is not null;
create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, seq);
create index webhook_deliveries_event on webhook_deliveries (event_id);

create table webhook_attempts (
  id uuid primary key,
  delivery_id uuid not null references webhook_deliveries on delete cascade,
  number int not null,
  status text not null check (status in ('scheduled', 'succeeded', 'failed')),
  code int,
  error_class text,
  -- The beginning of what the receiver answered, for whoever looks for the reason.
  answer text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (delivery_id, number)
);
