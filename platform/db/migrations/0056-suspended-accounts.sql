-- An operator may stop somebody without ending anything of theirs: tokens and sessions are refused while this is set, and good again after.
alter table accounts add column if not exists suspended_at timestamptz;
alter table accounts add column if not exists suspended_reason text;
