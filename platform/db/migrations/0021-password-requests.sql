-- Who asked for a new password and was given no link yet: what the operator is shown. One row for each account, so that
-- whoever asks for others fills nothing.
create table password_requests (
  account_id uuid primary key references accounts,
  address text not null,
  created_at timestamptz not null
);
