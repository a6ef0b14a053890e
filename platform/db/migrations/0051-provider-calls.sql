-- What providers asked of us, for them to look up: who, which route, and the answer's status; never a body. Kept for days.
create table if not exists provider_calls (
  id uuid primary key,
  service_id uuid not null references addon_services (id),
  addon_id uuid references addons (id),
  method text not null,
  route text not null,
  status integer not null,
  ms integer not null,
  created_at timestamptz not null
);
create index if not exists provider_calls_service on provider_calls (service_id, created_at desc);
create index if not exists provider_calls_at on provider_calls (created_at);
