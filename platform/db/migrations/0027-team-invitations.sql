-- An invitation is a link that the inviter hands on; only the account of its address can accept it. Its secret is kept as
-- a hash. What was accepted or revoked stays for the audit trail.
create table team_invitations (
  id uuid primary key,
  team_id uuid not null references teams,
  email text not null,
  role text not null check (role in ('admin', 'member', 'viewer')),
  hash bytea not null unique,
  invited_by uuid not null references accounts,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz
);
create unique index team_invitations_open on team_invitations (team_id, lower(email))
  where accepted_at is null and revoked_at is null;
