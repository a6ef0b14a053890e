-- An app offered to somebody, who has to accept.
create table app_transfers (
  id uuid primary key,
  app_id uuid not null references apps,
  owner_id uuid not null references accounts,
  recipient_id uuid not null references accounts,
  state text not null check (state in ('pending', 'accepted', 'declined')),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index app_transfers_pending on app_transfers (app_id) where state = 'pending';
create index app_transfers_recipient on app_transfers (recipient_id);
create index app_transfers_owner on app_transfers (owner_id);
