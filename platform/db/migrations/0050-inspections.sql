-- What `mortise inspect --report` found of a service, as its owner uploaded it. The newest few of each are kept.
create table if not exists inspections (
  id uuid primary key,
  service_id uuid not null references addon_services (id),
  -- The version in force when the report came.
  manifest_id uuid not null references manifests (id),
  account_id uuid not null,
  passed integer not null,
  failed integer not null,
  warned integer not null,
  -- [{id, title, status, reason, advice}]: nothing of what was sent or received.
  checks jsonb not null,
  created_at timestamptz not null
);
create index if not exists inspections_service on inspections (service_id, created_at desc);
