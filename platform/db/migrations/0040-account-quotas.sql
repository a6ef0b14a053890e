-- What the operator allows an account beyond, or less than, everybody else. A null limit means: as much as it likes.
-- Apart from accounts: most have none, and a row says who was treated differently.
create table account_quotas (
  account_id uuid not null references accounts (id),
  name text not null,
  most integer check (most >= 0),
  updated_at timestamptz not null,
  primary key (account_id, name)
);
