-- A provider thinks that its service is ready for the next stage, and what became of that.
create table if not exists stage_requests (
  id uuid primary key,
  service_id uuid not null references addon_services (id),
  account_id uuid not null,
  stage text not null check (stage in ('beta', 'ga')),
  state text not null check (state in ('open', 'granted', 'declined', 'withdrawn')),
  note text,
  -- To the provider, when it was declined.
  reason text,
  created_at timestamptz not null,
  ended_at timestamptz,
  check ((state = 'open') = (ended_at is null)),
  check ((state = 'declined') = (reason is not null))
);
-- One at a time: asking twice is asking once.
create unique index if not exists stage_requests_open on stage_requests (service_id) where state = 'open';
create index if not exists stage_requests_service on stage_requests (service_id, created_at desc);
