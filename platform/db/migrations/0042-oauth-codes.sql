-- A person lets a third party's program act for them: a code, traded once for tokens that hang on one authorization.
create table oauth_codes (
  hash bytea primary key,
  client_id uuid not null references oauth_clients(id) on delete cascade,
  account_id uuid not null references accounts(id),
  redirect_uri text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- What it was traded for: a second trade ends that.
  authorization_id uuid references tokens(id)
);
create index oauth_codes_client on oauth_codes (client_id);
create index oauth_codes_account on oauth_codes (account_id);

alter table tokens add column authorization_id uuid references tokens(id);
-- harmless: few rows have the column when it is made, and tokens are few
create index tokens_authorization on tokens (authorization_id) where authorization_id is not null;
-- harmless: what takes its place allows all that it allowed
alter table tokens drop constraint tokens_kind_check;
alter table tokens add constraint tokens_kind_check check (kind in
  ('authorization', 'web', 'grant_access', 'grant_refresh', 'client_access', 'client_refresh')) not valid;
