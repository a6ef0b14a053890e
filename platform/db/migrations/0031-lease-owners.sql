-- Who holds a lease: what a process that is gone held is free at once, instead of when the lease runs out. Null where nobody
-- told (older versions): then the lease alone says it. Not a foreign key: rows of processes come and go.
alter table operations add column lease_owner uuid;
alter table debts add column lease_owner uuid;
