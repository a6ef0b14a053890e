-- The person, or the account that stands for a team, to whom something happened: so that they can read their own trail.
-- No foreign key, as with subject: what happened stays on record whatever becomes of the account.
alter table events add column if not exists account_id uuid;
-- harmless: no row has one yet, so the table is only read through once, and the index is empty.
create index if not exists events_account on events (account_id, seq) where account_id is not null;
-- Who was made a member of a team finds it by who is spoken of.
-- harmless: as above.
create index if not exists events_account_subject on events (subject, seq) where account_id is not null;
