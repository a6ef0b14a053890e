-- What a provider says was used of an add-on in an hour. Said twice, the first counts.
create table usage_reports (
  id uuid primary key,
  batch_id uuid not null,
  addon_id uuid not null references addons,
  -- Beginning of the hour.
  hour timestamptz not null,
  unit text not null,
  quantity numeric not null,
  created_at timestamptz not null,
  unique (addon_id, hour, unit)
);
