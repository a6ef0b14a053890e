-- Programs of third parties that authorizations may name. The secret is shown once; only its hash stays.
create table oauth_clients (
  id uuid primary key,
  account_id uuid not null references accounts,
  name text not null,
  redirect_uri text not null,
  secret_hash bytea not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index oauth_clients_account on oauth_clients (account_id);

-- An authorization outlives its client's record no longer than the client itself.
alter table tokens add column client_id uuid references oauth_clients;
create index tokens_client on tokens (client_id) where client_id is not null;
