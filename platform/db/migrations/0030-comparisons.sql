-- The ledger is compared with what providers list, where they can: per service, when it was and when it is due.
create table comparisons (
  service_id uuid primary key references addon_services,
  next_at timestamptz not null,
  -- Of the one under way.
  epoch int not null default 0,
  lease_until timestamptz,
  -- In a row, without a whole list.
  failures int not null default 0,
  -- What the last one came to, and why; null before the first.
  outcome text check (outcome in ('whole', 'partial', 'unreadable', 'set-up fault', 'not now', 'no answer')),
  note text,
  begun_at timestamptz,
  -- Of the last whole list.
  compared_at timestamptz,
  listed int,
  updated_at timestamptz not null
);
-- What the two do not agree on. It ends by itself when a whole list shows it no more; an operator adopts or forgets it.
create table discrepancies (
  id uuid primary key,
  service_id uuid not null references addon_services,
  kind text not null check (kind in ('unknown', 'gone', 'missing', 'twice')),
  -- The uuid, or id: and the provider's own id.
  key text not null,
  uuid uuid,
  provider_id text,
  addon_id uuid references addons,
  state text not null default 'open' check (state in ('open', 'adopted', 'forgotten')),
  reason text not null,
  found_at timestamptz not null,
  seen_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz
);
create unique index discrepancies_open on discrepancies (service_id, kind, key) where ended_at is null;
create index discrepancies_addon on discrepancies (addon_id) where ended_at is null;
