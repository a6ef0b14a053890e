-- Who may see and order what is not for all: a service in alpha, a plan for invited people, a deprecated plan.
create table if not exists plan_passes (
  id uuid primary key,
  service_id uuid not null references addon_services (id),
  -- Null: the service itself.
  plan_id uuid references plans (id),
  -- As it was written. Not an account: a pass may be there before whoever it is for.
  email text not null,
  created_at timestamptz not null
);
-- Two that differ in nothing would have to be withdrawn twice.
create unique index if not exists plan_passes_once on plan_passes (service_id, lower(email), plan_id) nulls not distinct;
create index if not exists plan_passes_email on plan_passes (lower(email));
