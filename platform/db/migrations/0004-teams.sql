-- Teams own apps through an account of their own, which nobody signs in to: whatever has an owner (apps, add-ons,
-- charges) needs no second column, and clients tell a team's app by that account's e-mail.
alter table accounts add column is_team boolean not null default false;
alter table accounts add check (not is_team or password_hash is null);

create table teams (
  id uuid primary key,
  name text not null,
  account_id uuid not null unique references accounts,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
create unique index teams_name on teams (name) where deleted_at is null;

create table team_members (
  id uuid primary key,
  team_id uuid not null references teams,
  account_id uuid not null references accounts,
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (team_id, account_id)
);
create index team_members_account on team_members (account_id);

-- While a team has any, its apps may get these services only.
create table allowed_services (
  id uuid primary key,
  team_id uuid not null references teams,
  service_id uuid not null references addon_services,
  added_by uuid not null references accounts,
  added_at timestamptz not null,
  unique (team_id, service_id)
);

-- Only admins and named collaborators see a locked app of a team.
alter table apps add column locked boolean not null default false;

-- Who sees an app, for lists. The same as the right "view" in accounts/permit.ts; a test holds them together.
create view app_viewers as
  select id as app_id, owner_id as account_id from apps
  union all
  select app_id, account_id from collaborators
  union all
  select a.id, m.account_id
  from apps a join teams t on t.account_id = a.owner_id join team_members m on m.team_id = t.id
  where m.role in ('owner', 'admin') or not a.locked;
