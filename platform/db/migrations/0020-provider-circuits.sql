-- What the processes know together of a provider that fails, so that none of them waits for it in vain.
create table provider_circuits (
  service_id uuid primary key references addon_services,
  state text not null check (state in ('closed', 'open')),
  -- In a row, each about another resource than the one before.
  failures int not null default 0,
  last_failed_addon uuid,
  last_reason text,
  -- How often it opened without having closed: the pauses grow with it.
  opens int not null default 0,
  -- When one question may go through again, and until when that one has the right alone.
  retry_at timestamptz,
  probing_until timestamptz,
  updated_at timestamptz not null
);
-- The same for what is worked on in the background: at most so many of one queue at a time. A queue is a provider.
alter table operations add column queue text;
create index operations_queue on operations (queue) where ended_at is null;
-- How a provider did lately.
create index attempts_sent on attempts (sent_at);
