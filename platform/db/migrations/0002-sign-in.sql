-- How people come in without a password at hand: a terminal that a browser approves, and links that are handed on.

-- A terminal waits to be approved. The access token is made when the terminal fetches it, so none is kept here.
create table logins (
  id uuid primary key,
  -- In the address that the browser opens, and in the terminal's hands: each half alone leads nowhere.
  browser_hash bytea not null unique,
  cli_hash bytea not null,
  description text not null,
  address text not null,
  state text not null default 'pending' check (state in ('pending', 'approved', 'denied', 'taken')),
  account_id uuid references accounts,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  decided_at timestamptz,
  check ((state in ('approved', 'taken')) <= (account_id is not null))
);
create index logins_address on logins (address, created_at);

-- A link to make an account (account_id is null until it is used) or to choose a new password.
create table invites (
  id uuid primary key,
  purpose text not null check (purpose in ('account', 'password')),
  hash bytea not null unique,
  email text not null,
  account_id uuid references accounts,
  invited_by uuid not null references accounts,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  check (purpose = 'account' or account_id is not null)
);
-- A newer link for the same address ends the older one.
create unique index invites_open on invites (lower(email)) where used_at is null and revoked_at is null;
